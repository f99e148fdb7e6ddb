import { stat } from 'node:fs/promises';
import path from 'node:path';
import { concurrently } from '../files/concurrently';
import { describeFileKind, fileProblem } from '../files/file-problem';
import { type ListedFile, listFolder } from '../files/list-files';
import { notAFile } from '../files/text-file';
import type { Problem } from '../problem';
import type { AppFile } from './app';
import type { Contradiction } from './contradictions/contradictions';
import { baseVolume, overlayVolume } from './manifests/volume-name';
import type { OpenedCheckout } from './opened-checkout';
import { isAtOrBelow } from './paths';
import { isInlineJson, sha256OfContent, type TrackedFiles, trackingOf } from './tracked-files';
import { inOrder, readOr, unreadable, type Unreadable } from './unreadable';

/** A file or folder at the checkout's top, as it lies there. */
export interface PartRecord {
  readonly name: string;
  /** Paths are below the checkout, here and in the rest. */
  readonly files: readonly AppFile[];
  /** Of small files, by path. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** The sha256 of large files, as far as they have been hashed and are the same still; by path. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Files of the pristine state that are gone. */
  readonly missingFiles: readonly string[];
  /** Files and folders that could not be looked at, or are no files where one should be: what is in them is not known. */
  readonly unseen: readonly string[];
  /** What could not be read. */
  readonly contradictions: readonly Contradiction[];
}

/** Files up to this size, in bytes, are read: to compare them with the pristine state, and because others refer to them. */
export const maxReadSize = 64 * 1024;

/** Reads what lies at the checkout's top under this name. Whatever is wrong with it becomes a contradiction. */
export async function readPart(
  checkout: OpenedCheckout,
  { name, isFolder }: { readonly name: string; readonly isFolder: boolean },
  tracked: TrackedFiles,
): Promise<PartRecord> {
  const pristine = tracked.pathsByPart.get(name) ?? [];
  const unseen: Unreadable[] = [];
  const listed = await readOr([], name, unseen, () =>
    isFolder ? listPart(checkout.directory, name, pristine, unseen) : listFile(checkout.directory, name),
  );
  const contradictions = [...unseen];
  const contents = new Map<string, Buffer>();
  const hashes = new Map<string, string>();
  await concurrently(listed, async (listedFile) => {
    const file = listedFile.path;
    if (!isSmall(listedFile) && !isCommittedJson(file, tracked)) {
      const sha256 = await tracked.hashes.known(file);
      if (sha256 !== undefined) hashes.set(file, sha256);
      return;
    }
    const content = await readOr(undefined, file, contradictions, () => checkout.content(file));
    if (content !== undefined) contents.set(file, content);
  });
  const present = new Set(listed.map((file) => file.path));
  const unseenPaths = unseen.map(({ file }) => file);
  return {
    name,
    files: listed.map((file) => ({
      ...file,
      tracking: trackingOf(file.path, contents.get(file.path) ?? hashes.get(file.path), tracked),
    })),
    contents,
    hashes,
    missingFiles: pristine.filter((file) => !present.has(file) && !isAmong(unseenPaths, file)),
    unseen: unseenPaths,
    contradictions: inOrder(contradictions),
  };
}

/** The text of a file that was read. @param file path below the checkout. */
export function textOf({ contents }: PartRecord, file: string): string | undefined {
  return contents.get(file)?.toString('utf8');
}

/** The sha256 of a file, as far as it is known. @param file path below the checkout. */
export function sha256In({ contents, hashes }: PartRecord, file: string): string | undefined {
  const content = contents.get(file) ?? hashes.get(file);
  return content && sha256OfContent(content);
}

/** Whether a file is known not to be there. @param file path below the checkout. */
export function lacksFile({ files, unseen }: PartRecord, file: string): boolean {
  return !files.some(({ path: other }) => other === file) && !isAmong(unseen, file);
}

function isAmong(paths: readonly string[], file: string): boolean {
  return paths.some((path) => isAtOrBelow(file, path));
}

/** What is a file in every app that has it. */
const filesOfApps = ['src.json', 'run.json', 'lxc.container.conf', baseVolume, overlayVolume];

/** @param unseen takes what can't be looked at, and what is no file. */
async function listPart(
  checkoutDirectory: string,
  name: string,
  pristine: readonly string[],
  unseen: Unreadable[],
): Promise<readonly ListedFile[]> {
  const inPart = (file: string) => `${name}/${file}`;
  const note = (file: string, problem: Problem) => unseen.push(unreadable(inPart(file), problem));
  const folder = path.join(checkoutDirectory, name);
  const { files, folders, others } = await listFolder(folder, note);
  // pvr opens them as if they were files, and waits at a pipe for ever.
  for (const { path: other, kind } of others) note(other, notAFile(inPart(other), describeFileKind(kind)));
  const expected = new Set([...filesOfApps.map(inPart), ...pristine]);
  for (const file of folders.filter((one) => expected.has(inPart(one))))
    note(file, notAFile(inPart(file), 'a folder'));
  return files.map((file) => ({ ...file, path: inPart(file.path) }));
}

async function listFile(checkoutDirectory: string, name: string): Promise<readonly ListedFile[]> {
  const file = path.join(checkoutDirectory, name);
  try {
    return [{ path: name, size: (await stat(file)).size }];
  } catch (error) {
    throw fileProblem(`reading ${name}`, file, error);
  }
}

/** The state holds all of it, whatever its size. */
function isCommittedJson(file: string, tracked: TrackedFiles): boolean {
  return tracked.state?.entries.has(file) === true && isInlineJson(file, tracked);
}

/** Manifests are read whatever their size, so that it is said when they are too large. */
function isSmall({ path: file, size }: ListedFile): boolean {
  if (/^[^/]+\/(src|run)\.json$/.test(file)) return true;
  return size <= maxReadSize;
}
