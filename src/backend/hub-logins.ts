import type { MessageConnection } from 'vscode-jsonrpc';
import { pvrFolderOfUser } from '../core/checkout/init';
import type { ProcessEnvironment } from '../core/net/process-environment';
import { Secret } from '../core/net/secret';
import { claimsOf } from '../core/remote/pantahub/claims';
import { AuthFile, type Logins } from '../core/remote/pantahub/logins';
import { createRemotes, type Remotes } from '../core/remote/remotes';
import type { KeptLogin } from './protocol';
import * as wire from './wire';

/** The devices that can be reached with the logins that the editor and pvr keep; nobody is asked for one in the middle of a request. */
export function openRemotes(connection: MessageConnection, outside: ProcessEnvironment): Remotes {
  const ofPvr = new AuthFile(pvrFolderOfUser(outside.env, outside.homeDirectory));
  return createRemotes({
    environment: outside,
    logins: new HubLoginsOfEditor(connection, ofPvr),
    ask: () => Promise.resolve(undefined),
    askSsh: async (question) => (await connection.sendRequest(wire.askSsh, question)) ?? undefined,
  });
}

/** The editor's own logins come first, as long as they are good; pvr's are read, and never written. */
class HubLoginsOfEditor implements Logins {
  readonly #connection: MessageConnection;
  readonly #ofPvr: Pick<Logins, 'read' | 'hubs'>;

  constructor(connection: MessageConnection, ofPvr: Pick<Logins, 'read' | 'hubs'>) {
    this.#connection = connection;
    this.#ofPvr = ofPvr;
  }

  async read(hub: URL): Promise<Secret | undefined> {
    const kept: KeptLogin = await this.#connection.sendRequest(wire.readHubLogin, hub.origin);
    if (kept.kind === 'left') return undefined;
    const own = kept.kind === 'token' ? new Secret(kept.token) : undefined;
    if (own !== undefined && isGood(own)) return own;
    const ofPvr = await this.#ofPvr.read(hub);
    // An expired one says at least that somebody was logged in.
    return ofPvr !== undefined && isGood(ofPvr) ? ofPvr : (own ?? ofPvr);
  }

  async write(hub: URL, token: Secret | undefined): Promise<void> {
    await this.#connection.sendRequest(wire.writeHubLogin, { hub: hub.origin, token: token?.reveal() });
  }

  async hubs(): Promise<readonly URL[]> {
    const { kept, left } = await this.#connection.sendRequest(wire.keptHubs);
    const ofPvr = (await this.#ofPvr.hubs()).map(({ origin }) => origin);
    const all = new Set([...kept, ...ofPvr]);
    return [...all].filter((hub) => !left.includes(hub)).map((hub) => new URL(hub));
  }
}

function isGood(token: Secret): boolean {
  const claims = claimsOf(token);
  return claims !== undefined && claims.expires > Date.now();
}
