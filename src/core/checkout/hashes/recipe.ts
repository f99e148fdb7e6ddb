import { isJsonObject, type JsonValue } from '../../json/value';
import { baseDigestOf } from '../manifests/digest-place';
import { sourceManifestOf, type SourceManifest } from '../manifests/source-manifest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { State } from '../state';
import type { HashIndex } from './hash-index';

/**
 * Everything in an app's src.json that decides what one of its SquashFS files holds, as a text to compare; undefined where it
 * asks for no such file. The same recipe gives the same bytes here, and the same files whoever follows it.
 */
export function recipeOf(manifest: SourceManifest, volume: string): string | undefined {
  const { fields } = manifest;
  const { base, docker_ovl_digest: overlayDigest, format_options: format } = fields;
  // An extension app's src.json names the digest of the other app's base, whatever it is made from itself.
  const digest = base ? fields.docker_digest : baseDigestOf(manifest);
  if (volume === baseVolume) return !base && digest ? JSON.stringify([digest, format]) : undefined;
  if (volume !== overlayVolume || !overlayDigest) return undefined;
  return JSON.stringify([base, digest, overlayDigest, format]);
}

/**
 * The sha256 that an app's SquashFS file has if it is what its src.json says: that of the last commit and that of the last build here,
 * each where it followed the same recipe. Where there is none, nobody can tell.
 */
export function rightHashes(
  {
    app,
    volume,
    manifest,
  }: { readonly app: string; readonly volume: string; readonly manifest: SourceManifest },
  { state, hashes }: { readonly state: State | undefined; readonly hashes: HashIndex },
): ReadonlySet<string> {
  const right = new Set<string>();
  const recipe = recipeOf(manifest, volume);
  if (recipe === undefined) return right;
  const file = `${app}/${volume}`;
  const built = hashes.built(file);
  if (built?.recipe === recipe) right.add(built.sha256);
  const committed = state?.entries.get(file);
  const source = state?.entries.get(`${app}/src.json`);
  if (typeof committed === 'string' && recipe === recipeOfCommitted(source, volume)) right.add(committed);
  return right;
}

/**
 * The `format_options` with which a SquashFS file of an app came to be, by its content: here, or for the last commit; each of them
 * `''` where there were none. Empty where nobody knows.
 */
export function formatOptionsOf(
  file: { readonly app: string; readonly volume: string; readonly sha256: string },
  { state, hashes }: { readonly state: State | undefined; readonly hashes: HashIndex },
): readonly string[] {
  const { app, volume, sha256 } = file;
  const recipes: string[] = [];
  const built = hashes.built(`${app}/${volume}`);
  if (built?.sha256 === sha256) recipes.push(built.recipe);
  const committed = state?.entries.get(`${app}/${volume}`) === sha256;
  const source = state?.entries.get(`${app}/src.json`);
  const recipe = committed ? recipeOfCommitted(source, volume) : undefined;
  if (recipe !== undefined) recipes.push(recipe);
  return recipes.map((text) => {
    // The last of what a recipe consists of; `null` stands for none.
    const parts: unknown = JSON.parse(text);
    const last: unknown = Array.isArray(parts) ? parts.at(-1) : undefined;
    return typeof last === 'string' ? last : '';
  });
}

function recipeOfCommitted(source: JsonValue | undefined, volume: string): string | undefined {
  return source !== undefined && isJsonObject(source)
    ? recipeOf(sourceManifestOf(source), volume)
    : undefined;
}
