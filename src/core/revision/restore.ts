import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { newFilesPath, replacedStatePath } from '../checkout/change/target-path';
import { readNewFiles, updatedNewFiles } from '../checkout/new-files';
import { isObjectId, parseState } from '../checkout/state';
import { createConcurrencyLimit } from '../files/concurrently';
import { ignoreMissing } from '../files/file-problem';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import { stringifyIndented } from '../json/indented';
import { compareKeys, withSortedKeys } from '../json/key-order';
import type { JsonObject, JsonValue } from '../json/value';
import type { ObjectStore, WayOut } from '../objects/object-store';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { type PathPattern, requireMatches, selectPaths } from './select-paths';
import { isSameValue, readWorkingRevision, type WorkingFile } from './working-revision';

export interface RestoreRequest {
  /** None: all that was committed, and what was added since is forgotten. */
  readonly patterns: readonly PathPattern[];
  /** Files that were edited since the last commit may go. */
  readonly isForced: boolean;
  /** JSON files: with four spaces and sorted keys, or canonical as in the state. */
  readonly form: 'indented' | 'canonical';
  /** What becomes of files that were added since the last commit: commits leave them out again, or they are deleted. */
  readonly added?: 'forget' | 'delete' | undefined;
  /** Files that are objects: further names of them, which nobody may write to, or copies. */
  readonly way: WayOut;
}

export interface Restored {
  /** Those that are written, by path. */
  readonly files: readonly string[];
  /** Of those, what was edited since the last commit, and is lost. */
  readonly lost: readonly string[];
  /** What was added since the last commit, and isn't any more. */
  readonly forgotten: readonly string[];
}

/** A line with more names than these is read by nobody. */
const maxNames = 10;

/**
 * Puts files back as they were committed, as `pvr checkout` does (libpvr/repolib.go, Reset), once the transaction is committed: all
 * objects have been found whole by then.
 *
 * @throws Problem when a name matches nothing, an object is missing or damaged, or files would be lost that were edited; the signal's
 * reason.
 */
export async function planRestore(
  change: ChangingCheckout,
  store: ObjectStore,
  { patterns, isForced, form, added = 'forget', way: wayOut }: RestoreRequest,
  hasher: FileHasher,
  job: Job,
): Promise<Restored> {
  const [state, newFiles] = await Promise.all([change.state(), readNewFiles(change)]);
  const { files: present } = await readWorkingRevision(change, hasher, job);
  const candidates = [...new Set([...state.entries.keys(), ...newFiles.keys()])].sort(compareKeys);
  const selection = selectPaths(patterns, candidates);
  requireMatches(selection, 'in the last commit');
  const committed = selection.files.filter((file) => state.entries.has(file));
  const values = committed.map((file) => ({ file, value: committedValue(file, state.entries.get(file)) }));
  const standings = new Map(present.map((file) => [file.path, file]));
  const replaced = await replacedEntries(change);
  const lost = committed.filter((file) => isEdited(standings.get(file), replaced));
  for (const file of committed) await requireNoFolder(change.directory, file);
  if (lost.length > 0 && !isForced) throw wouldLose(lost);

  job.progress('install', 0, undefined);
  const limit = createConcurrencyLimit(atOnce);
  const staged = values.map(({ file, value }) =>
    isObjectId(value)
      ? limit(() => stageObject(change, store, { file, id: value, wayOut, was: standings.get(file) }, job))
      : undefined,
  );
  await settled(staged);
  for (const [at, { file, value }] of values.entries()) {
    const object = await staged[at];
    if (object !== undefined)
      change.transaction.replace(file, object.path, object.id, { isLink: object.isLink });
    else if (!isObjectId(value))
      await change.write(file, documentText(value, wayOut === 'link' ? 'canonical' : form));
  }
  const forgotten = selection.files.filter((file) => newFiles.has(file));
  const removed = patterns.length === 0 ? [...newFiles.keys()] : forgotten;
  await change.write(newFilesPath, updatedNewFiles(newFiles, state, { added: new Map(), removed }));
  if (patterns.length === 0) await change.write(replacedStatePath, undefined);
  const isForgotten = (file: string) => !state.entries.has(file);
  if (added === 'delete') for (const file of forgotten.filter(isForgotten)) await change.remove(file);
  const written = new Set(change.transaction.changes.map(({ target }) => target));
  return {
    files: committed.filter((file) => written.has(file)),
    lost,
    forgotten: forgotten.filter(isForgotten),
  };
}

/** As the state has it. @throws Problem for what no file can be: pvr panics at it. */
function committedValue(file: string, value: JsonValue | undefined): JsonValue {
  if (value !== undefined && (file.endsWith('.json') || isObjectId(value))) return value;
  throw new Problem({
    doing: `restoring ${file}`,
    found: 'the last commit has something else in its place than the sha256 of a file',
    remedy: 'Get the state again from where it came from',
  });
}

/** Copies that are made at once: the disk is what is waited for. */
const atOnce = 4;

/** Waits for all of them, also where one fails, which is told then. */
async function settled(works: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(works.map((work) => Promise.resolve(work)))).find(
    ({ status }) => status === 'rejected',
  );
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Undefined where it lies there already. */
async function stageObject(
  change: ChangingCheckout,
  store: ObjectStore,
  { file, id, wayOut, was }: { file: string; id: string; wayOut: WayOut; was: WorkingFile | undefined },
  { signal }: Job,
): Promise<{ readonly path: string; readonly id: string; readonly isLink: boolean } | undefined> {
  signal.throwIfAborted();
  const place = path.join(change.directory, file);
  const [there, object] = await Promise.all([
    lstat(place).catch(ignoreMissing),
    lstat(store.pathOf(id)).catch(ignoreMissing),
  ]);
  const isSame = was?.standing === 'unchanged';
  const isLinked = object !== undefined && there?.ino === object.ino && there.dev === object.dev;
  // A file that shares its bytes with the store, and must not, is made one of its own.
  if (isSame && isLinked === (wayOut === 'link')) return undefined;
  const staged = change.transaction.path(path.posix.basename(file));
  const became = await store.takeOut(id, staged, { way: wayOut, signal });
  return { path: staged, id, isLink: became === 'link' };
}

function documentText(document: JsonValue, form: RestoreRequest['form']): string {
  if (form === 'canonical') return stringifyCanonical(document);
  return stringifyIndented(withSortedKeys(document), { prefix: '', indent: '    ' });
}

/** What the files were checked out from, where the last commit was replaced since. */
async function replacedEntries(change: ChangingCheckout): Promise<JsonObject> {
  const text = await change.text(replacedStatePath);
  return text === undefined ? new Map() : parseState(text).entries;
}

/** Whether something lies there that is nowhere else. */
function isEdited(file: WorkingFile | undefined, replaced: JsonObject): boolean {
  if (file?.standing !== 'changed') return file?.standing === 'broken';
  const before = replaced.get(file.path);
  return before === undefined || !isSameValue(file.value, before);
}

/** Nobody means to lose all that is in a folder by putting back a file. */
async function requireNoFolder(directory: string, file: string): Promise<void> {
  const stats = await lstat(path.join(directory, file)).catch(ignoreMissing);
  if (stats?.isDirectory() !== true) return;
  throw new Problem({
    doing: `restoring ${file}`,
    found: 'a folder lies in its place',
    remedy: 'Move the folder away',
  });
}

function wouldLose(files: readonly string[]): Problem {
  return new Problem({
    doing: 'restoring the last commit',
    found: `what was edited since would be lost: ${shortList(files, maxNames)}`,
    remedy: remedy`Commit it, name only other files, or let it go with ${way.force()}`,
  });
}
