import path from 'node:path';
import { readTextFile } from '../../files/text-file';
import { HashIndex } from '../hashes/hash-index';
import { recipeOf } from '../hashes/recipe';
import { readSourceManifest, type SourceManifest } from '../manifests/source-manifest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { Confirmed, Transaction } from './transaction';

/**
 * Writes down which bytes the SquashFS files have that a build has just put in place, or found in place, and what it made them
 * from: so it can be told later whether they are still those, without reading them.
 *
 * @param committedAt milliseconds since 1970, when nobody but the build could write to its files.
 */
export async function rememberBuilt(transaction: Transaction, committedAt: number): Promise<void> {
  const { checkoutDirectory } = transaction;
  const present = new Map<string, Confirmed>(transaction.confirmed);
  const hashes = await HashIndex.open(checkoutDirectory);
  for (const change of transaction.changes) {
    if (change.kind === 'remove') hashes.forget(change.target);
    else if (change.sha256 !== undefined)
      present.set(change.target, { sha256: change.sha256, hashedAt: committedAt });
  }
  for (const [file, { sha256, hashedAt }] of present) {
    const volume = path.posix.basename(file);
    if (volume !== baseVolume && volume !== overlayVolume) continue;
    const manifest = await manifestOf(checkoutDirectory, path.posix.dirname(file));
    const recipe = manifest && recipeOf(manifest, volume);
    if (recipe !== undefined) await hashes.noteBuilt(file, { sha256, recipe, hashedAt });
  }
  await hashes.save();
}

async function manifestOf(checkoutDirectory: string, app: string): Promise<SourceManifest | undefined> {
  const file = `${app}/src.json`;
  const text = await readTextFile(checkoutDirectory, file);
  return text === undefined ? undefined : readSourceManifest(text, file);
}
