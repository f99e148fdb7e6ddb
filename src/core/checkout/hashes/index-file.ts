import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isSha256 } from '../../bytes/sha256-name';
import { type FileIdentity, identityFromText, identityToText } from '../../files/file-identity';
import { readTextFile } from '../../files/text-file';
import { recordOf } from '../../json/record';
import { Problem } from '../../problem';

/** Ours alone: pvr reads and commits nothing below `.pvr` that it doesn't know. */
export const hashIndexPath = '.pvr/pvx-index';

const formatVersion = 2;

/** What is known of a file's content; it counts as long as the file is the same one. */
export interface HashedFile extends FileIdentity {
  readonly sha256: string;
  /** Milliseconds since 1970: what was written to the file before this is in the hash. */
  readonly hashedAt: number;
}

/** What was built here last at a path, whatever lies there now. */
export interface BuiltFile {
  readonly sha256: string;
  /** What it was built from, see recipe.ts. */
  readonly recipe: string;
}

export interface HashIndexContent {
  /** By path below the checkout, as in {@link built}. */
  readonly files: ReadonlyMap<string, HashedFile>;
  readonly built: ReadonlyMap<string, BuiltFile>;
}

/** Whatever can't be read or understood is made anew: then nothing is known yet. */
export async function readHashIndex(checkoutDirectory: string): Promise<HashIndexContent> {
  const nothing = { files: new Map(), built: new Map() };
  try {
    const text = await readTextFile(checkoutDirectory, hashIndexPath);
    if (text === undefined) return nothing;
    const { version, files, built } = recordOf(JSON.parse(text)) ?? {};
    if (version !== formatVersion) return nothing;
    return { files: entriesOf(files, hashedFile), built: entriesOf(built, builtFile) };
  } catch (error) {
    if (error instanceof Problem || error instanceof SyntaxError) return nothing;
    throw error;
  }
}

/** @throws what the system says, as for a checkout that one may only read. */
export async function writeHashIndex(
  checkoutDirectory: string,
  { files, built }: HashIndexContent,
): Promise<void> {
  const lines = [...files].map(
    ([name, { sha256, hashedAt, ...identity }]) =>
      [name, { identity: identityToText(identity), sha256, hashedAt }] as const,
  );
  const content = {
    version: formatVersion,
    files: Object.fromEntries(lines),
    built: Object.fromEntries(built),
  };
  const file = path.join(checkoutDirectory, hashIndexPath);
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(content)}\n`, { flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Removes what killed processes left of it. Whoever is writing it right now loses a file, and hashes once more later. */
export async function removeIndexDrafts(checkoutDirectory: string): Promise<void> {
  const [folder, prefix] = [path.join(checkoutDirectory, '.pvr'), `${path.posix.basename(hashIndexPath)}.`];
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(prefix)))
    await rm(path.join(folder, name), { force: true }).catch(() => undefined);
}

/** Every command reads this file, so it is checked by hand: a library's start would take longer than all else. */
function entriesOf<Entry>(
  value: unknown,
  entryOf: (fields: Readonly<Record<string, unknown>>) => Entry | undefined,
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, one] of Object.entries(recordOf(value) ?? {})) {
    const entry = entryOf(recordOf(one) ?? {});
    if (entry !== undefined) entries.set(name, entry);
  }
  return entries;
}

function hashedFile({
  identity,
  sha256,
  hashedAt,
}: Readonly<Record<string, unknown>>): HashedFile | undefined {
  const known = typeof identity === 'string' ? identityFromText(identity) : undefined;
  if (known === undefined || !isSha256(sha256) || !Number.isSafeInteger(hashedAt)) return undefined;
  return { ...known, sha256, hashedAt: hashedAt as number };
}

function builtFile({ sha256, recipe }: Readonly<Record<string, unknown>>): BuiltFile | undefined {
  return isSha256(sha256) && typeof recipe === 'string' ? { sha256, recipe } : undefined;
}
