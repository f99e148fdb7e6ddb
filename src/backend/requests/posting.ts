import { messageFile } from '../../core/checkout/checkout';
import { defaultObjectsDirectory } from '../../core/checkout/init';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { describeError, Problem } from '../../core/problem';
import { Overtaken } from '../../core/remote/overtaken';
import { type DeviceDifferences, compareWithDevice } from '../../core/use-cases/compare-with-device';
import {
  type ManyReport,
  type PostableApp,
  postableApps,
  postToMany,
} from '../../core/use-cases/post-to-many';
import { openRemoteOf, post, type PostPlan, type Posted } from '../../core/use-cases/post';
import { lastGood, returnToGood } from '../../core/use-cases/return-to-good';
import { takeNewest } from '../../core/use-cases/take-newest';
import type { Revision } from '../../core/remote/remote';
import { type Loss, openRemote, type OfRevision } from './devices';
import type { InCheckout } from './params';
import { request, stream, type Workplace } from './request';

/** A checkout, and the device that it is posted to. */
export interface ToDevice extends InCheckout {
  /** As a person names it; undefined: the one that the checkout came from. */
  readonly device?: string | undefined;
}

/** What a person was shown, and agreed to. */
export interface Agreed {
  /** The device's newest revision; undefined: it had none. */
  readonly head: string | undefined;
  readonly stateSha: string;
}

/** Parts of the last commit, and the devices that are to run them. */
export interface ToSeveral extends InCheckout {
  /** As people name them. The first comes first, the others when it runs them. */
  readonly devices: readonly string[];
  readonly parts: readonly string[];
}

/** What becomes of a post to several devices. */
export type SeveralNews =
  | { readonly kind: 'revision'; readonly remote: string; readonly revision: Revision }
  | { readonly kind: 'end'; readonly report: ManyReport }
  /** It can't go on, and why. */
  | ({ readonly kind: 'lost' } & Loss);

export type DevicePlan = PostPlan & {
  /** How the device is found again. */
  readonly device: string;
};

/** What brings a commit to a device. */
export const ofPosting = {
  /** What a post would do, and what stands in its way. Nothing is sent. */
  planPost: request<ToDevice, DevicePlan>({
    doing: ({ checkoutDirectory }) => `looking at what a post of ${checkoutDirectory} would do`,
    answer: async ({ checkoutDirectory, device }, { remotes, job }) => {
      const { remote } = await openRemoteOf(checkoutDirectory, device, remotes, job);
      const wanted = {
        ...{ reference: remote.address, message: undefined },
        ...{ isDryRun: true, isForced: false },
      };
      const { plan } = await post(checkoutDirectory, wanted, remotes, job);
      return { ...plan, device: remote.address };
    },
  }),

  /** Posts the last commit; fails where what was agreed to isn't so any more, and nothing has been sent then. */
  postCommit: request<
    InCheckout & {
      readonly device: string;
      readonly isForced: boolean;
      readonly agreed?: Agreed | undefined;
    },
    Posted
  >({
    doing: ({ checkoutDirectory, device }) => `posting ${checkoutDirectory} to ${device}`,
    answer: ({ checkoutDirectory, device, isForced, agreed }, { remotes, job }) =>
      post(
        checkoutDirectory,
        { reference: device, message: undefined, isDryRun: false, isForced },
        remotes,
        job,
        (plan) => agreed && requireAgreed(agreed, plan),
      ),
  }),

  /** The apps of the last commit, and which of them changed since the revision that the checkout came from. */
  listPostableApps: request<InCheckout, readonly PostableApp[]>({
    doing: ({ checkoutDirectory }) => `looking for what changed in ${checkoutDirectory}`,
    answer: ({ checkoutDirectory }, { remotes, job }) => postableApps(checkoutDirectory, remotes, job),
  }),

  /** What a post to several devices would do. Nothing is sent. */
  planPostToSeveral: request<ToSeveral, ManyReport>({
    doing: ({ devices }) => `looking at what a post to ${devices.join(', ')} would do`,
    answer: (wanted, at) => postSeveral(wanted, at, { isDryRun: true, onChange: () => undefined }),
  }),

  /** Joins what others posted with what changed here. */
  takeNewest: request<
    InCheckout & { readonly device: string; readonly prefer?: 'ours' | 'theirs' | undefined },
    { readonly changed: readonly string[]; readonly revision: string | undefined }
  >({
    doing: ({ device }) => `taking the newest revision of ${device}`,
    answer: async ({ checkoutDirectory, device, prefer }, { environment, remotes, job }) => {
      const wanted = { reference: device, prefer };
      const { changed, revision } = await takeNewest(
        checkoutDirectory,
        wanted,
        remotes,
        environment.pool,
        job,
      );
      return { changed, revision };
    },
  }),

  /** The revision that a device would go back to; null where it never ran any. */
  lastGoodRevision: request<{ readonly device: string }, string | null>({
    doing: ({ device }) => `looking for the last good revision of ${device}`,
    answer: async (wanted, at) => (await lastGood((await openRemote(wanted, at)).remote, at.job)) ?? null,
  }),

  /** After a failure: posts the last good revision again, and has the checkout go on from it. */
  returnToGood: request<InCheckout & OfRevision & { readonly message: string }, Revision>({
    doing: ({ device, revision }) => `going back from revision ${revision} of ${device}`,
    answer: async ({ checkoutDirectory, device, revision: failed, message }, at) => {
      const { remote } = await openRemote({ device }, at);
      const { env, homeDirectory } = at.outside;
      return returnToGood(
        checkoutDirectory,
        {
          ...{ remote, failed, message },
          objectsDirectory: defaultObjectsDirectory(env, homeDirectory),
        },
        at.job,
      );
    },
  }),

  /** What of the files that lie there is otherwise on the device. */
  compareWithDevice: request<ToDevice, DeviceDifferences>({
    doing: ({ checkoutDirectory }) => `comparing ${checkoutDirectory} with its device`,
    answer: async ({ checkoutDirectory, device }, { environment, remotes, job }) => {
      const { remote } = await openRemoteOf(checkoutDirectory, device, remotes, job);
      return compareWithDevice(new OpenedCheckout(checkoutDirectory), remote, environment.pool, job);
    },
  }),
};

export const streamsOfPosting = {
  /**
   * Posts to several devices, one first, and tells each step until it has ended; then, whoever listens disposes of it. Whoever disposes
   * of it before stops what wasn't sent yet. Where the backend goes away, it is begun again, and goes on.
   */
  postToSeveral: stream<ToSeveral, SeveralNews>({
    doing: ({ devices }) => `posting to ${devices.join(', ')}`,
    follow: async (wanted, at, tell) => {
      try {
        const onChange = (remote: string, revision: Revision) => tell({ kind: 'revision', remote, revision });
        tell({ kind: 'end', report: await postSeveral(wanted, at, { isDryRun: false, onChange }) });
      } catch (error) {
        at.job.signal.throwIfAborted();
        // A defect, too, ends it: whoever listens would have it begun again and again.
        const { doing, found, remedy } =
          error instanceof Problem
            ? error
            : { doing: 'posting', found: describeError(error), remedy: 'Report it as a defect' };
        tell({ kind: 'lost', doing, found, remedy });
      }
    },
  }),
};

async function postSeveral(
  { checkoutDirectory, devices: references, parts }: ToSeveral,
  { remotes, job }: Workplace,
  {
    isDryRun,
    onChange,
  }: { readonly isDryRun: boolean; readonly onChange: (remote: string, revision: Revision) => void },
): Promise<ManyReport> {
  const message = (await new OpenedCheckout(checkoutDirectory).text(messageFile)) ?? '';
  const wanted = { references, canary: undefined, parts, message, isDryRun };
  return postToMany(checkoutDirectory, wanted, remotes, job, { onChange });
}

/** @throws Problem. */
function requireAgreed({ head, stateSha }: Agreed, plan: PostPlan): void {
  if (plan.stateSha !== stateSha)
    throw new Problem({
      doing: `posting to ${plan.remote}`,
      found: 'something was committed since this was looked at',
      remedy: 'Look at it again',
    });
  if (plan.head?.name !== head) throw new Overtaken(plan.remote, plan.head?.name);
}
