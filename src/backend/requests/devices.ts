import path from 'node:path';
import { readConfig } from '../../core/checkout/config';
import { defaultObjectsDirectory } from '../../core/checkout/init';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { createConcurrencyLimit } from '../../core/files/concurrently';
import { stringifyCompact } from '../../core/json/indented';
import type { JsonObject } from '../../core/json/value';
import type { MountFiles } from '../../core/mount/mounts';
import { Secret } from '../../core/net/secret';
import { Problem } from '../../core/problem';
import { scanForDevices } from '../../core/remote/desk/scan';
import { claimsOf } from '../../core/remote/pantahub/claims';
import type { OwnDevice } from '../../core/remote/pantahub/hub';
import { LoginRefused } from '../../core/remote/pantahub/hub-session';
import { hubUrl } from '../../core/remote/reference';
import type { Container, ContainerAction, DeviceFacts, LogEntry, Revision } from '../../core/remote/remote';
import type { NamedRemote } from '../../core/remote/remotes';
import { cancelRevision } from '../../core/use-cases/cancel';
import { clone, type Cloned } from '../../core/use-cases/clone';
import {
  compareRevisions,
  mountRevision,
  readRevisionText,
  type RevisionDifferences,
  revisionWeight,
} from '../../core/use-cases/compare-revisions';
import { goBack } from '../../core/use-cases/copy-revision';
import { followLogs } from '../../core/use-cases/follow-logs';
import { followRevision } from '../../core/use-cases/follow-revision';
import { readOrigin } from '../../core/use-cases/steps/origin';
import { request, stream, type Workplace } from './request';

export interface OfHub {
  /** Its address. */
  readonly hub: string;
}

export interface OfDevice {
  /** As a person or a checkout names it: see `core/remote/reference.ts`. */
  readonly device: string;
}

export interface OfRevision extends OfDevice {
  readonly revision: string;
}

/** Somebody's account at a hub, as far as the kept token says. */
export interface AccountFacts {
  /** The hub's address, without a path. */
  readonly hub: string;
  /** undefined: nobody is logged in. */
  readonly nick: string | undefined;
}

export type LoginAnswer = AccountFacts | { readonly refused: string };

/** The device that a request is about. @throws Problem, also where nobody is logged in: its remedy has the way `logInToHub`. */
export function openRemote({ device }: OfDevice, { remotes, job }: Workplace): Promise<NamedRemote> {
  return remotes.open(device, job);
}

/** What asks hubs and devices. Nobody is asked for a password in the middle of it. */
export const ofDevices = {
  /** The hubs that somebody is logged in to, else the usual one. No hub is asked. */
  listAccounts: request<Record<string, never>, readonly AccountFacts[]>({
    doing: () => 'looking for logins to hubs',
    answer: async (_, { remotes: { logins, usualHub } }) => {
      const known = await logins.hubs();
      const hubs = known.length === 0 ? [usualHub] : known;
      return Promise.all(
        hubs.map(async (hub) => {
          const token = await logins.read(hub);
          const claims = token && claimsOf(token);
          const isIn = claims !== undefined && claims.expires > Date.now();
          return { hub: hub.origin, nick: isIn ? claims.nick : undefined };
        }),
      );
    },
    isFrequent: true,
  }),

  /** Gets a token for a password, which the editor keeps. Of a wrong name or password it says what was found. */
  logInToHub: request<OfHub & { readonly name: string; readonly password: string }, LoginAnswer>({
    doing: ({ hub, name }) => `logging in to ${hub} as ${name}`,
    answer: async ({ hub, name, password }, { remotes, job }) => {
      const { session } = remotes.hub(hubUrl(hub));
      try {
        const { nick } = await session.logIn({ name, password: new Secret(password) }, job);
        return { hub: session.hub.origin, nick };
      } catch (error) {
        if (error instanceof LoginRefused) return { refused: error.found };
        throw error;
      }
    },
  }),

  /** Forgets the login here; pvr's own stays, and doesn't count here any more. */
  logOutOfHub: request<OfHub, null>({
    doing: ({ hub }) => `logging out of ${hub}`,
    answer: async ({ hub }, { remotes }) => {
      await remotes.hub(hubUrl(hub)).session.logOut();
      return null;
    },
  }),

  /** The devices of the account, by nick. */
  listDevices: request<OfHub, readonly OwnDevice[]>({
    doing: ({ hub }) => `listing the devices at ${hub}`,
    answer: ({ hub }, { remotes, job }) => remotes.hub(hubUrl(hub)).devices(job),
    isFrequent: true,
  }),

  /** A device, and all that it has been sent, the oldest first. */
  readDevice: request<OfDevice, DeviceDetails>({
    doing: ({ device }) => `looking at ${device}`,
    answer: async (wanted, at) => {
      const { remote } = await openRemote(wanted, at);
      const [facts, revisions] = await Promise.all([remote.facts(at.job), remote.revisions(at.job)]);
      return {
        address: remote.address,
        name: remote.name,
        ...{ ...facts, deviceMeta: plain(facts.deviceMeta), userMeta: plain(facts.userMeta) },
        revisions,
        hasContainers: remote.containers !== undefined,
      };
    },
    isFrequent: true,
  }),

  /** Bytes that revisions bring, each against the one before; null where nobody can tell. */
  weighRevisions: request<
    OfDevice & {
      readonly revisions: readonly { readonly name: string; readonly before?: string | undefined }[];
    },
    readonly (number | null)[]
  >({
    doing: ({ device, revisions }) => `weighing ${revisions.length} revisions of ${device}`,
    answer: async ({ revisions, ...wanted }, at) => {
      const { remote } = await openRemote(wanted, at);
      const limit = createConcurrencyLimit(4);
      return Promise.all(
        revisions.map(({ name, before }) =>
          limit(async () => (await revisionWeight(remote, name, before, at.job)) ?? null),
        ),
      );
    },
    isFrequent: true,
  }),

  compareRevisions: request<
    OfDevice & { readonly before: string; readonly after: string },
    RevisionDifferences
  >({
    doing: ({ device, before, after }) => `comparing revisions ${before} and ${after} of ${device}`,
    answer: async (wanted, at) => compareRevisions((await openRemote(wanted, at)).remote, wanted, at.job),
  }),

  /** Brings SquashFS files of a revision to this machine, to be looked into. */
  mountRevision: request<OfRevision & { readonly files: readonly string[] }, MountFiles>({
    doing: ({ device, revision, files }) =>
      `fetching ${files.join(', ')} of revision ${revision} of ${device}`,
    answer: async (wanted, at) =>
      mountRevision((await openRemote(wanted, at)).remote, wanted, objectsOf(at), at.job),
  }),

  /** A file of a revision as a text; null where it has none, or none that is a text. */
  readRevisionText: request<OfRevision & { readonly file: string }, string | null>({
    doing: ({ device, revision, file }) => `reading ${file} of revision ${revision} of ${device}`,
    answer: async (wanted, at) =>
      readRevisionText((await openRemote(wanted, at)).remote, wanted, objectsOf(at), at.job),
  }),

  /** Makes a checkout of a revision, or of the newest one, or the one that runs (`running`), in a folder that is new or empty. */
  cloneDevice: request<
    OfDevice & { readonly revision?: string | undefined; readonly folder: string },
    Cloned
  >({
    doing: ({ device, folder }) => `cloning ${device} to ${folder}`,
    answer: ({ device, revision, folder }, at) =>
      clone(
        {
          ...{ reference: device, revision, folder, parent: path.dirname(folder) },
          objectsDirectory: objectsOf(at),
        },
        at.remotes,
        at.environment.pool,
        at.job,
      ),
  }),

  /** Has a device run what it ran before. Answers the revision that does it. */
  goBack: request<OfRevision & { readonly message: string }, Revision>({
    doing: ({ device, revision }) => `going back to revision ${revision} of ${device}`,
    answer: async ({ revision, message, ...wanted }, at) => {
      const { remote } = await openRemote(wanted, at);
      const wish = { name: revision, message, objectsDirectory: objectsOf(at) };
      return (await goBack(remote, wish, at.job)).revision;
    },
  }),

  cancelRevision: request<OfRevision, Revision>({
    doing: ({ device, revision }) => `cancelling revision ${revision} of ${device}`,
    answer: async ({ revision, ...wanted }, at) =>
      cancelRevision((await openRemote(wanted, at)).remote, revision, at.job),
  }),

  /** What the owner tells a device, or what the device says of itself. */
  readMeta: request<OfMeta, Readonly<Record<string, unknown>>>({
    doing: ({ device, which }) => `reading ${which} of ${device}`,
    answer: async ({ which, ...wanted }, at) => {
      const { remote } = await openRemote(wanted, at);
      const { userMeta, deviceMeta } = await remote.facts(at.job);
      return plain(which === 'user-meta' ? userMeta : deviceMeta);
    },
    isFrequent: true,
  }),

  /** Sets members of what the owner tells a device, and takes away those that are null. Answers all of it. */
  setUserMeta: request<
    OfDevice & { readonly changes: Readonly<Record<string, string | null>> },
    Readonly<Record<string, unknown>>
  >({
    doing: ({ device }) => `changing what ${device} is told`,
    answer: async ({ changes, ...wanted }, at) => {
      const { remote } = await openRemote(wanted, at);
      const given = Object.entries(changes).map(([key, value]) => [key, value ?? undefined] as const);
      return plain(await remote.setMeta('user', new Map(given), at.job));
    },
  }),

  /** What runs on a device that is reached itself, in the order in which it is started. */
  listContainers: request<OfDevice, readonly Container[]>({
    doing: ({ device }) => `listing the containers of ${device}`,
    answer: async (wanted, at) => {
      const { remote } = await openRemote(wanted, at);
      return (await remote.containers?.list(at.job)) ?? [];
    },
    isFrequent: true,
  }),

  actOnContainer: request<OfDevice & { readonly container: string; readonly action: ContainerAction }, null>({
    doing: ({ device, container, action }) => `${action} of ${container} on ${device}`,
    answer: async ({ container, action, ...wanted }, at) => {
      const { remote } = await openRemote(wanted, at);
      await remote.containers?.act(container, action, at.job);
      return null;
    },
  }),

  /** Devices in the network that make themselves known, within some seconds. They are asked by multicast, and nothing is told to them. */
  scanNetwork: request<Record<string, never>, readonly NamedAddress[]>({
    doing: () => 'looking for devices in the network',
    answer: async (_, { job }) =>
      (await scanForDevices({ milliseconds: scanTime }, job)).map(
        ({ name, addresses: [first = ''], port }) => ({
          name,
          address: `ssh://${first.includes(':') ? `[${first}]` : first}:${port}`,
        }),
      ),
  }),

  /** Devices that somebody keeps by a name, since no hub knows them. */
  listKeptDevices: request<Record<string, never>, readonly NamedAddress[]>({
    doing: () => 'listing the devices that are kept by hand',
    answer: async (_, { remotes: { kept }, job }) =>
      (await kept.list(job)).map(({ nick, reference }) => ({ name: nick, address: reference })),
    isFrequent: true,
  }),

  /** Which devices checkouts came from, as far as anything says so. Nothing is asked for it. */
  listOrigins: request<{ readonly checkouts: readonly string[] }, readonly (CheckoutOrigin | null)[]>({
    doing: () => 'looking where checkouts came from',
    answer: async ({ checkouts }) =>
      Promise.all(checkouts.map(async (checkout) => (await originOf(checkout)) ?? null)),
    isFrequent: true,
  }),
};

/** What becomes of a revision. */
export type RevisionNews =
  | { readonly kind: 'revision'; readonly revision: Revision }
  /** It can't be followed any more, and why. */
  | ({ readonly kind: 'lost' } & Loss);

/** Why something can't go on. */
export type Loss = Pick<Problem, 'doing' | 'found' | 'remedy'>;

export const streamsOfDevices = {
  /** Tells each step of a revision until nothing follows any more; then, whoever listens disposes of it. */
  revisionProgress: stream<OfRevision, RevisionNews>({
    doing: ({ device, revision }) => `following revision ${revision} of ${device}`,
    follow: async (wanted, at, tell) => {
      try {
        const { remote } = await openRemote(wanted, at);
        const onChange = (revision: Revision) => tell({ kind: 'revision', revision });
        await followRevision(remote, wanted.revision, { onChange }, at.job);
      } catch (error) {
        tell({ kind: 'lost', ...lossOf(error, at) });
      }
    },
  }),

  /** What a device tells: first what it told last, then what follows, until nobody listens. */
  deviceLogs: stream<LogsOf, LogNews>({
    doing: ({ device }) => `following the logs of ${device}`,
    follow: async ({ device, revision, platform, last }, at, tell) => {
      try {
        const { remote } = await openRemote({ device }, at);
        const query = { revision, platform };
        const entries = await remote.logs({ ...query, limit: last }, at.job);
        tell({ kind: 'entries', entries });
        const onEntry = (entry: LogEntry) => tell({ kind: 'entries', entries: [entry] });
        await followLogs(remote, query, entries, onEntry, at.job);
      } catch (error) {
        tell({ kind: 'lost', ...lossOf(error, at) });
      }
    },
  }),
};

/** Milliseconds: devices answer within two, or were asleep. */
const scanTime = 6_000;

export interface NamedAddress {
  /** How it is reached. */
  readonly address: string;
  readonly name: string;
}

interface LogsOf extends OfDevice {
  readonly revision?: string | undefined;
  /** A container, or `pantavisor`. */
  readonly platform?: string | undefined;
  /** How many of those that are there. */
  readonly last: number;
}

export type LogNews =
  { readonly kind: 'entries'; readonly entries: readonly LogEntry[] } | ({ readonly kind: 'lost' } & Loss);

export interface OfMeta extends OfDevice {
  readonly which: 'user-meta' | 'device-meta';
}

export interface DeviceDetails extends Omit<DeviceFacts, 'deviceMeta' | 'userMeta'> {
  readonly address: string;
  readonly name: string;
  readonly deviceMeta: Readonly<Record<string, unknown>>;
  readonly userMeta: Readonly<Record<string, unknown>>;
  readonly revisions: readonly Revision[];
  /** Whether it can say what runs. */
  readonly hasContainers: boolean;
}

export interface CheckoutOrigin {
  /** How the device is found again. */
  readonly address: string;
  /** Undefined where nobody wrote it down, as pvr. */
  readonly revision: string | undefined;
}

async function originOf(directory: string): Promise<CheckoutOrigin | undefined> {
  try {
    const checkout = new OpenedCheckout(directory);
    const origin = await readOrigin(checkout);
    if (origin !== undefined) return { address: origin.address, revision: origin.revision };
    const url = (await readConfig(checkout)).document.get('DefaultPostUrl');
    return typeof url === 'string' && /^https?:/.test(url)
      ? { address: url, revision: undefined }
      : undefined;
  } catch (error) {
    // What is wrong with it is told where the checkout is looked at.
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function objectsOf({ outside: { env, homeDirectory } }: Workplace): string {
  return defaultObjectsDirectory(env, homeDirectory);
}

function plain(document: JsonObject): Readonly<Record<string, unknown>> {
  return JSON.parse(stringifyCompact(document)) as Readonly<Record<string, unknown>>;
}

function lossOf(error: unknown, { job }: Workplace): Loss {
  job.signal.throwIfAborted();
  if (!(error instanceof Problem)) throw error;
  const { doing, found, remedy } = error;
  return { doing, found, remedy };
}
