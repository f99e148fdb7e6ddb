import { asOnlyWriter } from '../checkout/change/change-checkout';
import { messageFile } from '../checkout/checkout';
import { isObjectId } from '../checkout/state';
import type { Job } from '../job';
import type { JsonObject } from '../json/value';
import type { Delivered } from '../remote/remote';
import type { Remotes } from '../remote/remotes';
import { openRemoteOf, outgoingOf, readOutgoing, requirePostable } from './post';
import { membersAt } from './steps/remote-state';

export interface PutRevisionRequest {
  /** Undefined: the device that the checkout came from. */
  readonly reference: string | undefined;
  /** Undefined: the last commit's own. */
  readonly message: string | undefined;
}

/**
 * Puts the last commit where nothing runs it by that: in the place of a hub's newest revision, which the device hasn't begun with; on a
 * device as one more revision, which it may be told to run.
 *
 * @throws Problem, and the remote has what it had.
 */
export async function putRevision(
  checkoutDirectory: string,
  { reference, message }: PutRevisionRequest,
  remotes: Remotes,
  job: Job,
): Promise<Delivered & { readonly remote: string }> {
  const { remote } = await openRemoteOf(checkoutDirectory, reference, remotes, job);
  return asOnlyWriter(checkoutDirectory, `putting to ${remote.name}`, job, async (change) => {
    const { text: state, members, store } = await readOutgoing(change);
    requirePostable(remote, members, state);
    const { head } = await remote.facts(job);
    const own = head === undefined ? (new Map() as JsonObject) : await membersAt(remote, head, job);
    const known = new Set([...own.values()].filter(isObjectId));
    const { objects } = await outgoingOf(members, store, job);
    const text = message ?? (await change.text(messageFile)) ?? '';
    const outgoing = { state, message: text, after: head, objects, known };
    return { ...(await remote.put(outgoing, store, job)), remote: remote.name };
  });
}
