import { isObjectId } from '../checkout/state';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import { ObjectStore } from '../objects/object-store';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { type Fragments, selectMembers, wholeState, withParts } from '../revision/fragments';
import type { Delivered, OutgoingObject, Remote, Revision } from '../remote/remote';
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

/**
 * Posts parts of a revision, or all of it, onto the newest revision of a device: the same one, to go back to what it ran before, or
 * another one. The parts take the place of the device's own, and the others stay.
 *
 * @throws Problem, and the device has no new revision.
 */
export async function copyRevision(
  { source, target, message, objectsDirectory }: CopyRequest,
  job: Job,
): Promise<Delivered> {
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
  const store = new ObjectStore(objectsDirectory);
  let objects: readonly OutgoingObject[] = [];
  // What a device's own earlier revision names is where it was.
  if (isElsewhere && lacking.size > 0) {
    await store.make();
    await remote.bring(revision, lacking, store, job);
    const wanted = new Map([...members].filter(([, value]) => isObjectId(value) && lacking.has(value)));
    objects = (await outgoingOf(wanted, store, job)).objects;
  }
  const outgoing = { state: text, message: message ?? `As ${name}`, after: head, objects, known };
  return target.deliver(outgoing, store, job);
}

/** An earlier revision of a device, which it is to run again. */
export interface GoBackRequest {
  readonly name: string;
  /** Undefined: says where it came from. */
  readonly message: string | undefined;
  readonly objectsDirectory: string;
}

/**
 * Has a device run an earlier revision again: at a hub as its next one; a device that is reached itself runs the very one, which is sent
 * again where it has cleared it away.
 *
 * @throws Problem, and the device runs what it ran.
 */
export async function goBack(
  remote: Remote,
  { name, message, objectsDirectory }: GoBackRequest,
  job: Job,
): Promise<Delivered> {
  if (remote.runAgain === undefined) {
    await requireGone(remote, name, job);
    const source = { remote, revision: name, fragments: wholeState };
    const request = {
      source,
      target: remote,
      message: message ?? `Back to revision ${name}`,
      objectsDirectory,
    };
    return copyRevision(request, job);
  }
  if ((await remote.facts(job)).running === name) throw newest(remote, name, 'it runs already');
  const revision = await remote.runAgain(name, new ObjectStore(objectsDirectory), job);
  return { revision, sent: { count: 0, bytes: 0 } };
}

/** @throws Problem where a revision to go back to is none. */
async function requireGone(remote: Remote, name: string, job: Job): Promise<Revision> {
  const revision = await remote.revision(name, job);
  const { head } = await remote.facts(job);
  if (head !== name) return revision;
  throw newest(remote, name, 'it is the newest one');
}

function newest(remote: Remote, name: string, found: string): Problem {
  return new Problem({
    doing: `going back to revision ${name} of ${remote.name}`,
    found,
    remedy: remedy`Choose an earlier one from those that ${way.device('revisions')} lists`,
  });
}
