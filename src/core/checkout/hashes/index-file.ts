import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { fileIdentity } from '../../files/file-identity';
import { readTextFile } from '../../files/text-file';
import { Problem } from '../../problem';

/** Ours alone: pvr reads and commits nothing below `.pvr` that it doesn't know. */
export const hashIndexPath = '.pvr/pvx-index';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const hashedFile = z.extend(fileIdentity, {
  sha256,
  /** Milliseconds since 1970: what was written to the file before this is in the hash. */
  hashedAt: z.int(),
});

const builtFile = z.object({
  sha256,
  /** What it was built from, see recipe.ts. */
  recipe: z.string(),
});

const document = z.object({
  version: z.literal(1),
  files: z.record(z.string(), hashedFile),
  built: z.record(z.string(), builtFile),
});

/** What is known of a file's content; it counts as long as the file is the same one. */
export type HashedFile = z.infer<typeof hashedFile>;
/** What was built here last at a path, whatever lies there now. */
export type BuiltFile = z.infer<typeof builtFile>;

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
    const { success, data } = z.safeDecode(document, JSON.parse(text) as z.input<typeof document>);
    if (!success) return nothing;
    return { files: new Map(Object.entries(data.files)), built: new Map(Object.entries(data.built)) };
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
  const content = { version: 1 as const, files: Object.fromEntries(files), built: Object.fromEntries(built) };
  const file = path.join(checkoutDirectory, hashIndexPath);
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(z.encode(document, content))}\n`, { flag: 'wx' });
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
