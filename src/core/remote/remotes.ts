import { statSync } from 'node:fs';
import path from 'node:path';
import { pvrFolderOfUser } from '../checkout/init';
import type { Job } from '../job';
import type { ProcessEnvironment } from '../net/process-environment';
import { variable } from '../net/process-environment';
import { Absence } from '../net/network-failure';
import { Secret } from '../net/secret';
import type { TransportOptions } from '../net/transport';
import { Problem } from '../problem';
import { Desk } from './desk/desk';
import { KeptDevices } from './desk/kept-devices';
import type { AskSsh } from './desk/ssh-questions';
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
  /** Undefined: what ssh would have to ask fails. */
  readonly askSsh?: AskSsh;
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
  /** Devices that have a name of one's own. */
  readonly kept: KeptDevices;
  /** The hub that is meant where none is named. */
  readonly usualHub: URL;
}

export function createRemotes({ environment, logins, ask, askSsh, ...options }: RemotesOptions): Remotes {
  const transport = createHubTransport(environment, options);
  const hubs = new Map<string, Hub>();
  const given = variable(environment, 'PVR_ACCESSTOKEN');
  const usualHub = defaultHub(environment);
  const desk = new Desk({ environment, ask: askSsh ?? 'nobody', ...options });
  const kept = new KeptDevices(pvrFolderOfUser(environment.env, environment.homeDirectory));
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
    if (meant.kind !== 'pantahub') {
      const parts = meant.kind === 'path' ? undefined : meant.parts;
      const isOwn = meant.kind === 'path' ? { ...meant, path: path.resolve(meant.path) } : meant;
      return { remote: await desk.open(isOwn, job), revision: undefined, parts };
    }
    const { device, revision, parts } = meant;
    const byHand =
      'nick' in device && device.user === undefined ? await kept.find(device.nick, job) : undefined;
    const place = hub(meant.hub);
    const isKnown = await place.session.isLoggedIn();
    // One's own device at the hub comes first, but nobody logs in for what is kept here.
    if (byHand !== undefined && !isKnown) return openKept(byHand.reference, meant, job);
    const [name, user] = 'id' in device ? [device.id, undefined] : [device.nick, device.user];
    const isNamed = 'id' in device || user !== undefined;
    if (access === 'public' && isNamed && !isKnown) {
      const remote = await publicDevice(meant.hub, name, user, job);
      if (remote !== undefined) return { remote, revision, parts };
    }
    try {
      return { remote: new PantahubRemote(place, await place.device(name, user, job)), revision, parts };
    } catch (error) {
      job.signal.throwIfAborted();
      if (byHand === undefined || !(error instanceof Problem)) throw error;
      return openKept(byHand.reference, meant, job);
    }
  }

  async function openKept(
    reference: string,
    { parts }: { readonly parts: string | undefined },
    job: Job,
  ): Promise<NamedRemote> {
    const found = parseReference(reference, environment);
    if (found.kind !== 'pantahub') return { ...(await open(reference, job)), parts };
    throw new Problem({
      doing: `looking for ${reference}`,
      found: 'it is kept as a device by hand, and is none in the network',
      remedy: 'Keep an IP address, an ssh URL or the path of a socket instead',
    });
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
      const meant = parseReference(reference, environment);
      return meant.kind !== 'path' || isSocket(meant.path);
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  return {
    ...{ understands, open, hub, logins, kept, usualHub },
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await transport.close();
    },
  };
}

function isSocket(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isSocket() === true;
}
