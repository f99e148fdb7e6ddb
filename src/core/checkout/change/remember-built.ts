import path from 'node:path';
import { recipeOf } from '../hashes/recipe';
import { readSourceManifest, type SourceManifest } from '../manifests/source-manifest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { OpenedCheckout } from '../opened-checkout';

/** What a transaction has done to the files of a checkout. */
export interface Done {
  /** Files and folders; paths below the checkout. */
  readonly removed: readonly string[];
  /** By path below the checkout: the files that lie there as they were built. */
  readonly present: ReadonlyMap<string, KnownFile>;
}

/** A file that was written, or compared with what it should be. */
export interface KnownFile {
  readonly sha256: string;
  /** Milliseconds since 1970: when nobody else could have written to it yet. */
  readonly hashedAt: number;
}

/**
 * Writes down which bytes the SquashFS files have that a build has just put in place, or found in place, and what it made them
 * from: so it can be told later whether they are still those, without reading them.
 */
export async function rememberBuilt(checkout: OpenedCheckout, { removed, present }: Done): Promise<void> {
  const hashes = await checkout.hashes();
  for (const target of removed) hashes.forget(target);
  for (const [file, { sha256, hashedAt }] of present) {
    const volume = path.posix.basename(file);
    if (volume !== baseVolume && volume !== overlayVolume) continue;
    const manifest = await manifestOf(checkout, path.posix.dirname(file));
    const recipe = manifest && recipeOf(manifest, volume);
    if (recipe !== undefined) await hashes.noteBuilt(file, { sha256, recipe, hashedAt });
  }
  await hashes.save();
}

async function manifestOf(checkout: OpenedCheckout, app: string): Promise<SourceManifest | undefined> {
  const file = `${app}/src.json`;
  const text = await checkout.text(file);
  return text === undefined ? undefined : readSourceManifest(text, file);
}
