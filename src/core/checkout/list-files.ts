import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from '../problem';
import { fileProblem, isMissing } from './file-problem';

/** A file of a part of the checkout. */
export interface ListedFile {
  /** Below the listed folder, with `/` between its parts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Parts hold a dozen files; this keeps a folder that got in by mistake from taking forever. */
const maxFiles = 20_000;

/**
 * All files below a folder, sorted by path, as pvr walks it: symbolic links count as the file they point to, linked folders
 * are not entered. Nothing is read. A folder that doesn't exist has no files.
 *
 * @param onUnreadable takes what can't be looked at, by its path below the folder; without it that is thrown.
 * @throws Problem.
 */
export async function listFiles(
  folder: string,
  onUnreadable?: (path: string, problem: Problem) => void,
): Promise<readonly ListedFile[]> {
  const files: ListedFile[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true });
    await Promise.all(
      entries.map(async (entry) => {
        const name = below === '' ? entry.name : `${below}/${entry.name}`;
        try {
          if (entry.isDirectory()) {
            await visit(name);
            return;
          }
          if (files.length >= maxFiles) throw tooMany(folder);
          if (!entry.isFile() && !entry.isSymbolicLink()) return;
          const stats = await stat(path.join(folder, name));
          if (stats.isFile()) files.push({ path: name, size: stats.size });
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
    if (isMissing(error)) return [];
    throw fileProblem('listing files', folder, error);
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function tooMany(folder: string): Problem {
  return new Problem({
    doing: 'listing files',
    found: `${folder} holds more than ${maxFiles} files`,
    remedy: 'Move what does not belong to the checkout somewhere else',
  });
}
