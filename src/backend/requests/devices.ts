import { Problem } from '../../core/problem';
import { Secret } from '../../core/net/secret';
import { claimsOf } from '../../core/remote/pantahub/claims';
import type { OwnDevice } from '../../core/remote/pantahub/hub';
import { LoginRefused } from '../../core/remote/pantahub/hub-session';
import type { NamedRemote } from '../../core/remote/remotes';
import { hubUrl } from '../../core/remote/reference';
import type { Revision } from '../../core/remote/remote';
import type { Remedy } from '../../core/remedy';
import { followRevision } from '../../core/use-cases/follow-revision';
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
};

/** What becomes of a revision. */
export type RevisionNews =
  | { readonly kind: 'revision'; readonly revision: Revision }
  /** It can't be followed any more, and why. */
  | { readonly kind: 'lost'; readonly doing: string; readonly found: string; readonly remedy: Remedy };

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
        at.job.signal.throwIfAborted();
        if (!(error instanceof Problem)) throw error;
        const { doing, found, remedy } = error;
        tell({ kind: 'lost', doing, found, remedy });
      }
    },
  }),
};
