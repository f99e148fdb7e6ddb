import type { RegistryCredentials, RegistryQuestion } from '../../backend/protocol';
import type { Storage } from '../model/storage';

/** VS Code's SecretStorage, as far as it is wanted. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

const secretPrefix = 'pantavisor.registry:';
const hostsKey = 'pantavisor.registries';
/** Docker Hub has many names. */
const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com']);
export const hub = 'docker.io';

/** Logins to registries beside docker's own. Secrets are nowhere but in the system's keychain. */
export class RegistryLogins {
  readonly #secrets: Secrets;
  readonly #storage: Storage;

  constructor(secrets: Secrets, storage: Storage) {
    this.#secrets = secrets;
    this.#storage = storage;
  }

  /** The registries that there is a login for. */
  get hosts(): readonly string[] {
    return (this.#storage.get(hostsKey) as readonly string[] | undefined) ?? [];
  }

  /** Those whose login is there still: without a keychain, as on most servers, it is gone with the window. */
  async kept(): Promise<readonly string[]> {
    const stored = await Promise.all(this.hosts.map((host) => this.#secrets.get(secretPrefix + host)));
    return this.hosts.filter((_, index) => stored[index] !== undefined);
  }

  /** What to answer a registry; undefined leaves it to docker's own logins. */
  async answer({ host }: RegistryQuestion): Promise<RegistryCredentials | undefined> {
    const stored = await this.#secrets.get(secretPrefix + oneName(host));
    if (stored === undefined) return undefined;
    const { username, password } = JSON.parse(stored) as Login;
    return { username, password };
  }

  async add(host: string, login: Login): Promise<void> {
    const name = oneName(host);
    await this.#secrets.store(secretPrefix + name, JSON.stringify(login));
    const others = this.hosts.filter((other) => other !== name);
    await this.#storage.update(hostsKey, [...others, name].sort());
  }

  async remove(host: string): Promise<void> {
    const name = oneName(host);
    await this.#secrets.delete(secretPrefix + name);
    await this.#storage.update(
      hostsKey,
      this.hosts.filter((other) => other !== name),
    );
  }
}

function oneName(host: string): string {
  return hubHosts.has(host) ? hub : host;
}

/** The host that a person means, with its port: also by `https://GHCR.io/team`. Undefined of what is none. */
export function registryHost(text: string): string | undefined {
  const [host = ''] = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .split('/');
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(host) ? oneName(host) : undefined;
}
