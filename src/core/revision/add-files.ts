import path from 'node:path';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { newFilesPath } from '../checkout/change/target-path';
import { newFileEntry, readNewFiles } from '../checkout/new-files';
import { specIsNoFile, specKey } from '../checkout/state';
import { isAddedRaw } from '../checkout/tracked-files';
import { concurrently } from '../files/concurrently';
import { fileProblem } from '../files/file-problem';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import { compareKeys } from '../json/key-order';
import type { JsonValue } from '../json/value';
import { Problem } from '../problem';
import { listCheckout } from './list-checkout';
import { type PathPattern, requireMatches, selectPaths } from './select-paths';
import { sha256In } from './working-revision';

export interface AddRequest {
  /** None: everything. */
  readonly patterns: readonly PathPattern[];
  /** Commit JSON files by their sha256, as all others, and not with their content. */
  readonly isRaw: boolean;
}

export interface AddedFiles {
  /** All that were meant, by path; also those that are tracked already. */
  readonly files: readonly string[];
  /** Those that nobody had added before. */
  readonly added: readonly string[];
}

/**
 * Has `.pvr/new` name files, as `pvr add` does, with the sha256 of their bytes: the next commit takes them in.
 *
 * A file that was added with `--raw` stays so unless it is named itself.
 *
 * @throws Problem when a name matches nothing, or a file can't be read; nothing is added then. The signal's reason.
 */
export async function addFiles(
  change: ChangingCheckout,
  { patterns, isRaw }: AddRequest,
  hasher: FileHasher,
  job: Job,
): Promise<AddedFiles> {
  const [state, existing, hashes] = await Promise.all([
    change.state(),
    readNewFiles(change),
    change.hashes(),
  ]);
  const { files, unseen } = await listCheckout(change, state.entries);
  const selection = selectPaths(patterns, files.map(({ path: file }) => file).sort(compareKeys));
  requireMatches(selection, 'in the checkout that can be added');
  for (const [file, problem] of unseen) job.warn(`left out ${file}: ${problem.found}`);
  const isNamed = (file: string) => !selection.swept.has(file);
  const chosen = selection.files.filter((file) => isNamed(file) || !isReserved(file));
  if (chosen.includes(specKey)) throw isSpec();

  const sizes = new Map(files.map(({ path: file, size }) => [file, size]));
  const sha256Of = async (file: string): Promise<string> => {
    try {
      return await sha256In(change, { path: file, size: sizes.get(file) ?? 0 }, hasher, job.signal);
    } catch (error) {
      job.signal.throwIfAborted();
      throw fileProblem(`adding ${file}`, path.join(change.directory, file), error);
    }
  };
  const entries = new Map<string, JsonValue>(existing);
  const sums = await concurrently(chosen, sha256Of, job.signal);
  await hashes.save();
  chosen.forEach((file, index) => {
    const staysRaw = isAddedRaw(file, existing) && !isNamed(file);
    entries.set(file, newFileEntry(sums[index] ?? '', isRaw || staysRaw));
  });
  if (isRaw) for (const file of chosen.filter(isManifest)) job.warn(rawManifest(file));
  await change.write(newFilesPath, stringifyCanonical(entries));
  return { files: chosen, added: chosen.filter((file) => !state.entries.has(file) && !existing.has(file)) };
}

/** pvr passes over all names of this kind where it adds everything. */
function isReserved(file: string): boolean {
  return file.startsWith('.pv');
}

function isManifest(file: string): boolean {
  return /^[^/]+\/run\.json$/.test(file);
}

function rawManifest(file: string): string {
  return `a device takes the sha256 of ${file} for the manifest itself, and refuses the revision`;
}

function isSpec(): Problem {
  return new Problem({ doing: `adding ${specKey}`, ...specIsNoFile });
}
