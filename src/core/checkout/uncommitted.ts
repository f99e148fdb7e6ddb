import { compareKeys } from '../json/key-order';
import type { Contradiction } from './contradictions/contradictions';
import { newFilesPath } from './change/target-path';
import { isAtOrBelow } from './paths';
import type { PartRecord } from './read-part';
import { stateFile } from './state';
import { isTrackedPart, type TrackedFiles } from './tracked-files';

/** A file that isn't as it was committed last, as far as it is known without reading large ones. Plain data. */
export interface UncommittedFile {
  /** Below the checkout; of an untracked folder that nobody has looked into, the folder's. */
  readonly path: string;
  /**
   * `untracked`: nobody has added it, and commits leave it out. `not-compared`: it was committed, and nobody has read it since it was
   * written to. `broken`: it is tracked, and can't be committed.
   */
  readonly standing: 'added' | 'changed' | 'removed' | 'untracked' | 'not-compared' | 'broken';
  /** Bytes; undefined where there is no file. */
  readonly size: number | undefined;
}

/**
 * What a reading of a checkout has found that isn't as in the last commit, by path.
 *
 * @param parts all that lies at the checkout's top and could be looked at.
 * @param unseen names at its top of what could not.
 * @param contradictions all that were found.
 */
export function findUncommitted(
  parts: readonly PartRecord[],
  unseen: ReadonlySet<string>,
  tracked: TrackedFiles,
  contradictions: readonly Contradiction[],
): readonly UncommittedFile[] {
  const unreadable = new Set(contradictions.flatMap(unreadableFile));
  // Without these, nothing that is said of the other files would be true.
  const records = [stateFile, newFilesPath].filter((file) => unreadable.has(file));
  if (records.length > 0) return records.map(broken);

  const { state } = tracked;
  const present = parts.flatMap(({ files }) => files);
  const presentPaths = new Set(present.map(({ path }) => path));
  const unseenPaths = [...unseen, ...parts.flatMap((part) => part.unseen)];
  const isUnseen = (file: string) => unseenPaths.some((path) => isAtOrBelow(file, path));
  const found = present.flatMap(({ path, size, tracking }): readonly UncommittedFile[] => {
    if (tracking === 'unchanged') return [];
    const isBroken = tracking !== 'untracked' && unreadable.has(path);
    return [{ path, standing: isBroken ? 'broken' : tracking, size }];
  });
  const removed = [...(state?.entries.keys() ?? [])]
    .filter((file) => !presentPaths.has(file) && !isUnseen(file))
    .map((path): UncommittedFile => ({ path, standing: 'removed', size: undefined }));
  const strangers = parts
    .filter(
      ({ name, files }) => files.length === 0 && !unseenPaths.includes(name) && !isTrackedPart(name, tracked),
    )
    .map(({ name }): UncommittedFile => ({ path: name, standing: 'untracked', size: undefined }));
  const hidden = unseenPaths.filter((path) => !presentPaths.has(path)).map(broken);
  return [...found, ...removed, ...strangers, ...hidden].sort((a, b) => compareKeys(a.path, b.path));
}

function broken(path: string): UncommittedFile {
  return { path, standing: 'broken', size: undefined };
}

function unreadableFile(contradiction: Contradiction): readonly string[] {
  const { kind } = contradiction;
  return kind === 'unreadable' || kind === 'empty-json' ? [contradiction.file] : [];
}
