import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The sha256 of every file of a checkout, by path, in the order of the paths; `.pvr` included. */
export async function checkoutFiles(checkout: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(checkout, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(checkout, path.join(entry.parentPath, entry.name)))
    .sort();
  const files = new Map<string, string>();
  for (const file of paths) {
    const content = await readFile(path.join(checkout, file));
    files.set(file, createHash('sha256').update(content).digest('hex'));
  }
  return files;
}

/** All of a checkout that can be half-made or left behind. */
export interface CheckoutState {
  readonly files: ReadonlyMap<string, string>;
  /** In the order of their paths, empty ones included. */
  readonly folders: readonly string[];
}

export async function checkoutState(checkout: string): Promise<CheckoutState> {
  const entries = await readdir(checkout, { recursive: true, withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => path.relative(checkout, path.join(parentPath, name)));
  return { files: await checkoutFiles(checkout), folders: folders.sort() };
}
