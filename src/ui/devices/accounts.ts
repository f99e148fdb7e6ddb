import type { HubLogins, KeptLogin } from '../../backend/protocol';
import { Problem } from '../../core/problem';
import { waysOf } from '../../core/remedy';
import type { Secrets } from '../images/registry-logins';
import { Emitter } from '../model/event';
import type { Storage } from '../model/storage';

const secretPrefix = 'pantavisor.hub:';
const keptKey = 'pantavisor.hubs';
const leftKey = 'pantavisor.hubsLeft';

/** Logins to hubs beside pvr's own, which are read and never written. Tokens are nowhere but in the system's keychain. */
export class Accounts implements HubLogins {
  readonly #secrets: Secrets;
  readonly #storage: Storage;
  readonly #changed = new Emitter();

  constructor(secrets: Secrets, storage: Storage) {
    this.#secrets = secrets;
    this.#storage = storage;
  }

  /** Somebody has logged in or out; not, that a token was renewed. */
  get onDidChange() {
    return this.#changed.event;
  }

  async read(hub: string): Promise<KeptLogin> {
    if (this.#list(leftKey).includes(hub)) return { kind: 'left' };
    const token = await this.#secrets.get(secretPrefix + hub);
    return token === undefined ? { kind: 'none' } : { kind: 'token', token };
  }

  async write(hub: string, token: string | undefined): Promise<void> {
    if (token === undefined) {
      await this.#secrets.delete(secretPrefix + hub);
      await this.#put(keptKey, hub, false);
      await this.#put(leftKey, hub, true);
    } else {
      await this.#secrets.store(secretPrefix + hub, token);
      await this.#put(keptKey, hub, true);
      await this.#put(leftKey, hub, false);
    }
  }

  hubs(): { readonly kept: readonly string[]; readonly left: readonly string[] } {
    return { kept: this.#list(keptKey), left: this.#list(leftKey) };
  }

  #list(key: string): readonly string[] {
    return (this.#storage.get(key) as readonly string[] | undefined) ?? [];
  }

  async #put(key: string, hub: string, isIn: boolean): Promise<void> {
    const list = this.#list(key);
    if (list.includes(hub) === isIn) return;
    await this.#storage.update(key, isIn ? [...list, hub].sort() : list.filter((other) => other !== hub));
    this.#changed.fire();
  }
}

/** The hub that wants a login before something can be done; undefined of any other failure. */
export function hubToLogInTo(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return waysOf(error.remedy).find((way) => way.kind === 'logInToHub')?.hub;
}
