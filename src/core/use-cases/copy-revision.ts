import { isObjectId } from '../checkout/state';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { type Fragments, selectMembers, withParts } from '../revision/fragments';
import type { Remote, Revision, SentObjects } from '../remote/remote';
import { outgoingOf, requirePostable } from './post';
import { aboutDevice } from './steps/device-objections';
import { membersAt, revisionName } from './steps/remote-state';

export interface CopyRequest {
  /** Where the parts come from. */
  readonly source: { readonly remote: Remote; readonly revision: string; readonly fragments: Fragments };
  readonly target: Remote;
  /** Undefined: says where it came from. */
  readonly message: string | undefined;
  readonly objectsDirectory: string;
}

export interface Copied {
  readonly revision: Revision;
  readonly sent: SentObjects;
}

/**
 * Posts parts of a revision, or all of it, onto the newest revision of a device: the same one, to go back to what it ran before, or
 * another one. The parts take the place of the device's own, and the others stay.
 *
 * @throws Problem, and the device has no new revision.
 */
export async function copyRevision(
  { source, target, message, objectsDirectory }: CopyRequest,
  job: Job,
): Promise<Copied> {
  const { remote, revision, fragments } = source;
  const name = revisionName(remote, revision);
  const theirs = await membersAt(remote, revision, job);
  const { head } = await target.facts(job);
  const own: JsonObject = head === undefined ? new Map() : await membersAt(target, head, job);
  const isWhole = fragments.plus.length === 0 && fragments.minus.length === 0;
  const members = isWhole ? theirs : withParts(own, selectMembers(theirs, fragments, name), fragments);
  const text = stringifyCanonical(members);
  const isElsewhere = remote.address !== target.address;
  const before = { text: stringifyCanonical(own), members: own };
  // What a device ran before, it takes again.
  const objections = isElsewhere ? await aboutDevice({ text, members }, before, { onlyNew: true }) : [];
  requirePostable(target, members, text, objections);
  const known = new Set([...own.values()].filter(isObjectId));
  const lacking = new Set([...members.values()].filter(isObjectId).filter((id) => !known.has(id)));
  let sent: SentObjects = { count: 0, bytes: 0 };
  // What a device's own earlier revision names is where it was.
  if (isElsewhere && lacking.size > 0) {
    const store = new ObjectStore(objectsDirectory);
    await store.make();
    await remote.bring(revision, lacking, store, job);
    const wanted = new Map([...members].filter(([, value]) => isObjectId(value) && lacking.has(value)));
    sent = await target.send((await outgoingOf(wanted, store, job)).objects, store, job);
  }
  const outgoing = { state: text, message: message ?? `As ${name}`, after: head };
  return { revision: await target.post(outgoing, job), sent };
}

/** @throws Problem where a revision to go back to is none. */
export async function requireGone(remote: Remote, name: string, job: Job): Promise<Revision> {
  const revision = await remote.revision(name, job);
  const { head } = await remote.facts(job);
  if (head !== name) return revision;
  throw new Problem({
    doing: `going back to revision ${name} of ${remote.name}`,
    found: 'it is the newest one',
    remedy: remedy`Choose an earlier one from those that ${way.device('revisions')} lists`,
  });
}
