import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../problem';
import type { AppFile } from './app';
import { concurrently } from './concurrently';
import type { Contradiction } from './contradictions';
import { fileProblem } from './file-problem';
import { listFiles, type ListedFile } from './list-files';
import { readTextFile } from './text-file';
import { trackingOf, type TrackedFiles } from './tracked-files';
import { readOr, unreadable } from './unreadable';

/** A file or folder at the checkout's top, with the content of small files. */
export interface PartRecord {
  readonly name: string;
  /** Paths are below the checkout, here and in the rest. */
  readonly files: readonly AppFile[];
  readonly texts: ReadonlyMap<string, string>;
  /** Files of the pristine state that are gone. */
  readonly missingFiles: readonly string[];
  /** What could not be read. */
  readonly contradictions: readonly Contradiction[];
}

/** Files up to this size, in bytes, are read: to compare them with the pristine state, and because others refer to them. */
const maxReadSize = 64 * 1024;

/** Reads what lies at the checkout's top under this name. Whatever is wrong with it becomes a contradiction. */
export async function readPart(
  checkoutDirectory: string,
  { name, isFolder }: { readonly name: string; readonly isFolder: boolean },
  tracked: TrackedFiles,
): Promise<PartRecord> {
  const contradictions: Contradiction[] = [];
  const note = (file: string, problem: Problem) => contradictions.push(unreadable(file, problem));
  const list = isFolder ? listFolder : listFile;
  const listed = await readOr([], name, contradictions, () => list(checkoutDirectory, name, note));
  const texts = new Map<string, string>();
  await concurrently(listed.filter(isSmallText), async ({ path: file }) => {
    const text = await readOr(undefined, file, contradictions, () => readTextFile(checkoutDirectory, file));
    if (text !== undefined) texts.set(file, text);
  });
  const present = new Set(listed.map((file) => file.path));
  return {
    name,
    files: listed.map((file) => ({
      ...file,
      tracking: trackingOf(file.path, texts.get(file.path), tracked),
    })),
    texts,
    missingFiles: (tracked.pathsByPart.get(name) ?? []).filter((file) => !present.has(file)),
    contradictions,
  };
}

type NoteProblem = (file: string, problem: Problem) => unknown;

async function listFolder(
  checkoutDirectory: string,
  name: string,
  note: NoteProblem,
): Promise<readonly ListedFile[]> {
  const inFolder = (file: string) => `${name}/${file}`;
  const files = await listFiles(path.join(checkoutDirectory, name), (file, problem) =>
    note(inFolder(file), problem),
  );
  return files.map((file) => ({ ...file, path: inFolder(file.path) }));
}

async function listFile(checkoutDirectory: string, name: string): Promise<readonly ListedFile[]> {
  const file = path.join(checkoutDirectory, name);
  try {
    return [{ path: name, size: (await stat(file)).size }];
  } catch (error) {
    throw fileProblem(`reading ${name}`, file, error);
  }
}

/** Manifests are read whatever their size, so that it is said when they are too large. */
function isSmallText({ path: file, size }: ListedFile): boolean {
  if (/^[^/]+\/(src|run)\.json$/.test(file)) return size > 0;
  return size <= maxReadSize && !file.endsWith('.squashfs');
}
