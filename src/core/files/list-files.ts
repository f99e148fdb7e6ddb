import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '../problem';
import { type FileKind, fileProblem, isMissing } from './file-problem';

/** A file of a part of the checkout. */
export interface ListedFile {
  /** Below the listed folder, with `/` between its parts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Parts hold a dozen files; this keeps a folder that got in by mistake from taking forever. */
const maxFiles = 20_000;

/** What lies below a folder; all paths are below it. */
export interface Listing {
  /** By path. */
  readonly files: readonly ListedFile[];
  /** Also linked ones, which are not entered. */
  readonly folders: readonly string[];
  /** Pipes, sockets and devices. */
  readonly others: readonly { readonly path: string; readonly kind: FileKind }[];
}

/**
 * All files below a folder, sorted by path, as pvr walks it: symbolic links count as the file they point to, linked folders
 * are not entered. Nothing is read. A folder that doesn't exist has no files.
 *
 * @throws Problem when something can't be looked at.
 */
export async function listFiles(folder: string): Promise<readonly ListedFile[]> {
  return (await listFolder(folder)).files;
}

/**
 * The same with what is no file.
 *
 * @param onUnreadable takes what can't be looked at, by its path below the folder; without it that is thrown.
 * @param isPassedOver says of a folder, by its path below the listed one, that it is not entered.
 * @throws Problem.
 */
export async function listFolder(
  folder: string,
  onUnreadable?: (path: string, problem: Problem) => void,
  isPassedOver?: (path: string) => Promise<boolean>,
): Promise<Listing> {
  const files: ListedFile[] = [];
  const folders: string[] = [];
  const others: Listing['others'][number][] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true });
    await Promise.all(
      entries.map(async (entry) => {
        const name = below === '' ? entry.name : `${below}/${entry.name}`;
        try {
          if (entry.isDirectory()) {
            folders.push(name);
            if (!(await isPassedOver?.(name))) await visit(name);
            return;
          }
          if (files.length >= maxFiles) throw tooMany(folder);
          const stats = await stat(path.join(folder, name));
          if (stats.isFile()) files.push({ path: name, size: stats.size });
          else if (stats.isDirectory()) folders.push(name);
          else others.push({ path: name, kind: stats });
        } catch (error) {
          const problem = fileProblem(`reading ${name}`, path.join(folder, name), error);
          if (onUnreadable === undefined) throw problem;
          onUnreadable(name, problem);
        }
      }),
    );
  };
  try {
    await visit('');
  } catch (error) {
    if (isMissing(error)) return { files: [], folders: [], others: [] };
    throw fileProblem('listing files', folder, error);
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), folders, others };
}

function tooMany(folder: string): Problem {
  return new Problem({
    doing: 'listing files',
    found: `${folder} holds more than ${maxFiles} files`,
    remedy: 'Move what does not belong to the checkout somewhere else',
  });
}
