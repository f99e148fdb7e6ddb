import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hashIndexPath } from '../../src/core/checkout/hashes/index-file';

/**
 * The sha256 of every file of a checkout, by path, in the order of the paths; `.pvr` included, but for what is only known about
 * these files, their times and inodes among it.
 */
export async function checkoutFiles(checkout: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(checkout, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(checkout, path.join(entry.parentPath, entry.name)))
    .filter((file) => file !== hashIndexPath)
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
