import path from 'node:path';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { newFilesPath, replacedStatePath } from '../checkout/change/target-path';
import { messageFile } from '../checkout/checkout';
import { requireSafeIntegers } from '../checkout/committed-document';
import { isObjectId, membersOf, specIsNoFile, specKey, stateFile } from '../checkout/state';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import type { JsonValue } from '../json/value';
import { type ObjectStore, removeIfStale } from '../objects/object-store';
import { Problem } from '../problem';
import { renewSignatures } from './renew-signatures';
import type { SigningKey } from './signer-files';
import {
  changesIn,
  nextState,
  readWorkingRevision,
  type WorkingFile,
  type WorkingRevision,
} from './working-revision';

/** What pvr writes where nobody said anything. */
const defaultMessage = '** No commit message **';
const checkpointFile = 'checkpoint.json';

export interface CommitRequest {
  readonly message?: string | undefined;
  /** Marks the revision as one that devices can go back to, with the time (RFC 3339). */
  readonly checkpoint?: string | undefined;
  /** Makes signatures anew that are its own, and that the commit would make stale. */
  readonly key?: SigningKey | undefined;
}

/** What a commit took in. */
export interface Committed {
  readonly message: string;
  /** By path. */
  readonly files: readonly CommittedFile[];
  /** How many objects the store didn't have, and their bytes. */
  readonly newObjects: { readonly count: number; readonly size: number };
  /** Signatures over what it changes that were made anew with it; paths below the checkout. */
  readonly renewedSignatures: readonly string[];
  /** Those that fit no more, and that somebody has to make anew: a device refuses the revision until then. */
  readonly staleSignatures: readonly string[];
}

export interface CommittedFile {
  readonly path: string;
  readonly standing: 'added' | 'changed' | 'removed';
}

/**
 * Makes the present files the last commit, as `pvr commit` does (libpvr/repolib.go:650-770), once the transaction is committed. The
 * objects are in the store before: they are there under their names, whether a commit names them or not.
 *
 * @throws Problem when a tracked file can't be committed, and names it; the signal's reason.
 */
export async function planCommit(
  change: ChangingCheckout,
  store: ObjectStore,
  { message = defaultMessage, checkpoint, key }: CommitRequest,
  hasher: FileHasher,
  job: Job,
): Promise<Committed> {
  const found = await readWorkingRevision(change, hasher, job);
  const working = checkpoint === undefined ? found : withCheckpoint(found, checkpoint);
  requireCommittable(working);
  const { revision, newObjects } = await storeObjects(change, store, working, job);
  const state = await change.state();
  const next = nextState(revision, state.entries);
  const { document, renewed, stale } = renewSignatures(membersOf(state), next, key);
  for (const { file, objections } of renewed) {
    for (const objection of objections) job.warn(`${file}, which was signed again: ${objection}`);
  }
  const files = changesIn(revision).flatMap(({ path: file, standing }) =>
    standing === 'untracked' || standing === 'broken' || standing === 'unchanged'
      ? []
      : [{ path: file, standing }],
  );
  if (checkpoint !== undefined) await change.write(checkpointFile, checkpointText(checkpoint));
  for (const { file, text } of renewed) await change.write(file, text);
  await change.write(stateFile, stringifyCanonical(document));
  await change.write(messageFile, message);
  await change.write(newFilesPath, undefined);
  await change.write(replacedStatePath, undefined);
  const renewedSignatures = renewed.map(({ file }) => file);
  return { message, files, newObjects, renewedSignatures, staleSignatures: stale };
}

/** Removes what a pvr that was killed in its commit left. */
export async function removeStaleDrafts(checkoutDirectory: string): Promise<void> {
  for (const name of [stateFile, messageFile]) {
    await removeIfStale(path.join(checkoutDirectory, `${name}.new`));
  }
}

function requireCommittable({ files }: WorkingRevision): void {
  for (const file of files) {
    if (file.standing === 'broken') throw cannotCommit(file.path, file.problem);
    if (file.path === specKey && file.standing !== 'untracked') {
      throw cannotCommit(file.path, specIsNoFile);
    }
    if ('value' in file && file.standing !== 'unchanged') {
      requireSafeIntegers(file.value, `committing ${file.path}`);
    }
  }
}

function cannotCommit(file: string, { found, remedy }: Pick<Problem, 'found' | 'remedy'>): Problem {
  return new Problem({ doing: `committing ${file}`, found, remedy });
}

/** Has the store hold all that is new, and takes each file for what it was when it came in. */
async function storeObjects(
  { directory }: ChangingCheckout,
  store: ObjectStore,
  working: WorkingRevision,
  job: Job,
): Promise<{ readonly revision: WorkingRevision; readonly newObjects: Committed['newObjects'] }> {
  const isObject = (file: WorkingFile) =>
    (file.standing === 'added' || file.standing === 'changed') && isObjectId(file.value);
  const total = working.files.reduce(
    (sum, file) => sum + (isObject(file) && 'size' in file ? (file.size ?? 0) : 0),
    0,
  );
  let [done, count, size] = [0, 0, 0];
  const files: WorkingFile[] = [];
  for (const file of working.files) {
    if (!isObject(file) || !('value' in file)) {
      files.push(file);
      continue;
    }
    job.progress('install', done, total);
    const expected = isObjectId(file.value) ? file.value : undefined;
    const stored = await store.put(path.join(directory, file.path), { expected, signal: job.signal });
    if (stored.isNew) [count, size] = [count + 1, size + stored.size];
    done += stored.size;
    files.push({ ...file, value: stored.sha256, size: stored.size });
  }
  await store.flush();
  return { revision: { ...working, files }, newObjects: { count, size } };
}

function checkpointText(time: string): string {
  return `{"major":${JSON.stringify(time)}}`;
}

/** The file comes with the commit, whatever lay there. */
function withCheckpoint(working: WorkingRevision, time: string): WorkingRevision {
  const value: JsonValue = new Map([['major', time]]);
  const before = working.files.find(({ path: file }) => file === checkpointFile);
  const isNew = before === undefined || before.standing === 'untracked' || before.standing === 'added';
  const file: WorkingFile = {
    path: checkpointFile,
    standing: isNew ? 'added' : 'changed',
    value,
    size: Buffer.byteLength(checkpointText(time)),
  };
  return {
    ...working,
    files: [...working.files.filter(({ path: other }) => other !== checkpointFile), file],
  };
}
