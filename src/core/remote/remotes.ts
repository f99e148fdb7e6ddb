import type { Job } from '../job';
import type { ProcessEnvironment } from '../net/process-environment';
import { variable } from '../net/process-environment';
import { Absence } from '../net/network-failure';
import { Secret } from '../net/secret';
import type { TransportOptions } from '../net/transport';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { Hub } from './pantahub/hub';
import { type AskAccount, createHubTransport, HubSession } from './pantahub/hub-session';
import type { Logins } from './pantahub/logins';
import { PantahubRemote } from './pantahub/pantahub-remote';
import { defaultHub, parseReference } from './reference';
import type { Remote } from './remote';

export interface RemotesOptions extends Pick<TransportOptions, 'timeouts' | 'retry'> {
  readonly environment: ProcessEnvironment;
  readonly logins: Logins;
  readonly ask: AskAccount;
}

/** A device that was named, and what of it. */
export interface NamedRemote {
  readonly remote: Remote;
  /** Undefined: none was named. */
  readonly revision: string | undefined;
  readonly parts: string | undefined;
}

/** The devices that can be reached from here. Disposed of, its connections end. */
export interface Remotes extends AsyncDisposable {
  /** Whether a reference means a device, as far as can be told from its letters. */
  understands(reference: string): boolean;
  /**
   * @param access `public`: who isn't logged in sees what everybody may, before somebody is asked for a login; it is read only.
   * @throws Problem when there is no such device, or no way to it.
   */
  open(reference: string, job: Job, access?: 'account' | 'public'): Promise<NamedRemote>;
  /** @param url undefined: the usual one. */
  hub(url?: URL): Hub;
  readonly logins: Logins;
  /** The hub that is meant where none is named. */
  readonly usualHub: URL;
}

export function createRemotes({ environment, logins, ask, ...options }: RemotesOptions): Remotes {
  const transport = createHubTransport(environment, options);
  const hubs = new Map<string, Hub>();
  const given = variable(environment, 'PVR_ACCESSTOKEN');
  const usualHub = defaultHub(environment);
  let asked: Promise<unknown> = Promise.resolve();

  /** For one hub after the other: nobody reads two questions at once. */
  const askInTurn: AskAccount = (url) => {
    const next = asked.then(() => ask(url));
    asked = next.catch(() => undefined);
    return next;
  };

  function hub(url: URL = usualHub): Hub {
    const known = hubs.get(url.origin);
    if (known !== undefined) return known;
    // One that is given is for the hub that is meant, and nobody else sees it.
    const token = given !== undefined && url.origin === usualHub.origin ? new Secret(given) : undefined;
    const made = new Hub(new HubSession({ hub: url, logins, ask: askInTurn, transport, token }));
    hubs.set(url.origin, made);
    return made;
  }

  async function open(
    reference: string,
    job: Job,
    access: 'account' | 'public' = 'account',
  ): Promise<NamedRemote> {
    const meant = parseReference(reference, environment);
    if (meant.kind !== 'pantahub')
      throw new Problem({
        doing: `looking for ${reference}`,
        found: 'it is no device that Pantahub knows, and devices can only be reached through that yet',
        remedy: remedy`Name one of those that ${way.device('ps')} lists`,
      });
    const { device, revision, parts } = meant;
    const place = hub(meant.hub);
    const [name, user] = 'id' in device ? [device.id, undefined] : [device.nick, device.user];
    const isNamed = 'id' in device || user !== undefined;
    if (access === 'public' && isNamed && !(await place.session.isLoggedIn())) {
      const remote = await publicDevice(meant.hub, name, user, job);
      if (remote !== undefined) return { remote, revision, parts };
    }
    return { remote: new PantahubRemote(place, await place.device(name, user, job)), revision, parts };
  }

  /** Undefined: it isn't, or it isn't there. */
  async function publicDevice(
    url: URL,
    name: string,
    user: string | undefined,
    job: Job,
  ): Promise<Remote | undefined> {
    const place = new Hub(new HubSession({ hub: url, logins, ask: askInTurn, transport, isAnonymous: true }));
    try {
      return new PantahubRemote(place, await place.device(name, user, job));
    } catch (error) {
      job.signal.throwIfAborted();
      if (error instanceof Problem && !(error instanceof Absence)) return undefined;
      throw error;
    }
  }

  function understands(reference: string): boolean {
    // What is wrong with an address is told when it is opened.
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) return true;
    try {
      return parseReference(reference, environment).kind !== 'path';
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  return { understands, open, hub, logins, usualHub, [Symbol.asyncDispose]: () => transport.close() };
}
