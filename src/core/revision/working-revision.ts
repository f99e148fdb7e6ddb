import path from 'node:path';
import { newFilesPath } from '../checkout/change/target-path';
import { committedForm, sameDocument } from '../checkout/committed-document';
import { readNewFiles } from '../checkout/new-files';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { isAtOrBelow } from '../checkout/paths';
import { maxReadSize } from '../checkout/read-part';
import { defaultSpec, isObjectId, specKey } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import { isAddedRaw, isInlineJson, type Records, sha256OfContent } from '../checkout/tracked-files';
import { concurrently } from '../files/concurrently';
import { fileProblem } from '../files/file-problem';
import { type FileHasher, sha256OfFile } from '../files/hash-file';
import type { ListedFile } from '../files/list-files';
import { notAFile } from '../files/text-file';
import type { Job } from '../job';
import { compareKeys } from '../json/key-order';
import { parseJson } from '../json/parse';
import type { JsonObject, JsonValue } from '../json/value';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { listCheckout } from './list-checkout';

/** A file of the checkout, or of its last commit, as the next commit would find it. */
export type WorkingFile =
  | {
      readonly path: string;
      /** `added`: it was, since the last commit, as by `pvr add`. */
      readonly standing: 'unchanged' | 'added' | 'changed';
      /** What the next commit holds: the file's sha256, or its document. Of an unchanged one, the very value of the last commit. */
      readonly value: JsonValue;
      /** Bytes of the file. */
      readonly size: number;
    }
  /** It was committed, and is gone. */
  | { readonly path: string; readonly standing: 'removed' }
  /** Nobody has added it: commits leave it out. Undefined sizes are of what is no file. */
  | { readonly path: string; readonly standing: 'untracked'; readonly size: number | undefined }
  /** It is tracked, and can't be committed: no JSON, no file, not to be read. */
  | { readonly path: string; readonly standing: 'broken'; readonly problem: Problem };

/** All files of a checkout, compared with its last commit. */
export interface WorkingRevision {
  /** `#spec` of the next commit. */
  readonly spec: string;
  /** By path, in the order of a state's keys. */
  readonly files: readonly WorkingFile[];
}

/**
 * Compares a checkout with its last commit, as pvr does (libpvr/repolib.go, GetWorkingJson), but that nulls don't count, that integers
 * count to their last digit, and that one broken file hides nothing else. Large files are hashed where the index doesn't know them.
 *
 * @throws Problem when the state, or what was added, is broken or names files outside; the signal's reason.
 */
export async function readWorkingRevision(
  checkout: OpenedCheckout,
  hasher: FileHasher,
  job: Job,
): Promise<WorkingRevision> {
  const state = await checkout.state();
  const newFiles = await readNewFiles(checkout);
  requireSafeKeys(state.entries.keys());
  requireSafeKeys(
    [...newFiles.keys()].filter((file) => !state.entries.has(file)),
    newFilesPath,
  );
  const records = { state, newFiles };
  const { files, strangers, unseen } = await listCheckout(checkout, state.entries);

  const isTracked = (file: string) => state.entries.has(file) || newFiles.has(file);
  const tracked = files.filter(({ path: file }) => isTracked(file));
  const known = await knownHashes(checkout, tracked);
  const unknown = tracked.filter(({ path: file, size }) => isLarge(size) && !known.has(file));
  const total = unknown.reduce((sum, { size }) => sum + size, 0);
  const reader = new ContentReader(checkout, records, hasher, job, known, total);
  let found: readonly WorkingFile[];
  try {
    found = await concurrently(tracked, (file) => workingFile(file, records, reader), job.signal);
  } finally {
    await (await checkout.hashes()).save();
  }

  const present = new Set(files.map(({ path: file }) => file));
  const gone = [...new Set([...state.entries.keys(), ...newFiles.keys()])].filter(
    (file) => !present.has(file),
  );
  const missing = gone.flatMap((file): readonly WorkingFile[] => {
    const kind = strangers.get(file);
    const [, problem] = [...unseen].find(([place]) => isAtOrBelow(file, place)) ?? [];
    if (kind !== undefined) return [{ path: file, standing: 'broken', problem: notAFile(file, kind) }];
    if (problem !== undefined) return [{ path: file, standing: 'broken', problem }];
    return state.entries.has(file) ? [{ path: file, standing: 'removed' }] : [];
  });
  const others = [
    ...files,
    ...[...strangers.keys(), ...unseen.keys()].map((file) => ({ path: file, size: undefined })),
  ];
  const untracked = others
    .filter(({ path: file }) => !isTracked(file))
    .map(({ path: file, size }): WorkingFile => ({ path: file, standing: 'untracked', size }));
  return {
    spec: state.spec ?? defaultSpec,
    files: [...found, ...missing, ...untracked].sort((a, b) => compareKeys(a.path, b.path)),
  };
}

/** What of it isn't as in the last commit. */
export function changesIn({ files }: WorkingRevision): readonly WorkingFile[] {
  return files.filter(({ standing }) => standing !== 'unchanged');
}

/** The state that a commit would write, with `#spec`; what is broken is left as it was committed. */
export function nextState({ spec, files }: WorkingRevision, committed: JsonObject): JsonObject {
  const members = files.flatMap((file): (readonly [string, JsonValue])[] => {
    if ('value' in file) return [[file.path, file.value]];
    const value = file.standing === 'broken' ? committed.get(file.path) : undefined;
    return value === undefined ? [] : [[file.path, value]];
  });
  return new Map([[specKey, spec] as const, ...members]);
}

async function workingFile(
  { path: file, size }: { readonly path: string; readonly size: number },
  { state, newFiles }: Records,
  reader: ContentReader,
): Promise<WorkingFile> {
  const pristine = state?.entries.get(file);
  try {
    const value = await reader.valueOf(file, size);
    if (pristine === undefined) return { path: file, standing: 'added', value, size };
    const isSame = isAddedRaw(file, newFiles) ? value === pristine : isSameValue(value, pristine);
    return isSame
      ? { path: file, standing: 'unchanged', value: pristine, size }
      : { path: file, standing: 'changed', value, size };
  } catch (problem) {
    if (problem instanceof Problem) return { path: file, standing: 'broken', problem };
    throw problem;
  }
}

/** Whether a commit would make the same of both. */
export function isSameValue(value: JsonValue, pristine: JsonValue): boolean {
  if (isObjectId(value) || isObjectId(pristine)) return value === pristine;
  return sameDocument(value, pristine);
}

/** Reads what files hold, in the form that a state has them. */
class ContentReader {
  #done = 0;

  constructor(
    private readonly checkout: OpenedCheckout,
    private readonly records: Records,
    private readonly hasher: FileHasher,
    private readonly job: Job,
    /** Of large files, by path. */
    private readonly known: ReadonlyMap<string, string>,
    /** Bytes of the large files that have to be read. */
    private readonly total: number,
  ) {}

  /** @throws Problem when it can't be read, or is none that can be committed. */
  async valueOf(file: string, size: number): Promise<JsonValue> {
    try {
      if (!isInlineJson(file, this.records)) return await this.#hash(file, size);
      const content = (await this.checkout.content(file)) ?? Buffer.alloc(0);
      const document = parseJson(decoded(content, file), file);
      if (document === null && this.records.state?.entries.get(file) !== null) throw isNull(file);
      // Taken for an object's name from then on.
      return isObjectId(document) ? sha256OfContent(content) : committedForm(document);
    } catch (error) {
      this.job.signal.throwIfAborted();
      throw fileProblem(`reading ${file}`, path.join(this.checkout.directory, file), error);
    }
  }

  async #hash(file: string, size: number): Promise<string> {
    const known = this.known.get(file);
    if (known !== undefined) return known;
    const onBytes = (bytes: number) => this.job.progress('hash', (this.#done += bytes), this.total);
    return sha256In(this.checkout, { path: file, size }, this.hasher, this.job.signal, onBytes);
  }
}

/**
 * The sha256 of a file of a checkout; a large one is hashed where the index doesn't know it.
 *
 * @throws what the system says when it can't be read; the signal's reason.
 */
export async function sha256In(
  checkout: OpenedCheckout,
  { path: file, size }: ListedFile,
  hasher: FileHasher,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  if (!isLarge(size)) return sha256OfFile(path.join(checkout.directory, file), signal);
  const hashes = await checkout.hashes();
  return hashes.hash(file, (absolute) => hasher.hashFile(absolute, signal, onBytes));
}

function isLarge(size: number): boolean {
  return size > maxReadSize;
}

/** The sha256 of the large files whose content the index knows, by path. */
async function knownHashes(
  checkout: OpenedCheckout,
  files: readonly ListedFile[],
): Promise<ReadonlyMap<string, string>> {
  const hashes = await checkout.hashes();
  const large = files.filter(({ size }) => isLarge(size));
  const found = await concurrently(
    large,
    async ({ path: file }) => [file, await hashes.known(file)] as const,
  );
  return new Map(found.filter((one): one is [string, string] => one[1] !== undefined));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What isn't UTF-8 would come back as something else. */
function decoded(content: Buffer, file: string): string {
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new Problem({
      doing: `reading ${file}`,
      found: 'it is not UTF-8, as JSON is',
      remedy: remedy`Write it in UTF-8, or restore it from the last commit with ${way.revision('checkout')}`,
      cause,
    });
  }
}

function isNull(file: string): Problem {
  return new Problem({
    doing: `reading ${file}`,
    found: 'it holds null, which pvr takes for a file that is gone',
    remedy: 'Remove the file, or write {} to it',
  });
}
