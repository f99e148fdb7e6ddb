import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';
import { sha256Of } from '../bytes/sha256';
import { identityOf, isSameFile } from './file-identity';
import { ignoreMissing } from './file-problem';
import { errorCode } from './system-error';

/** For JSON, which has no integers of 64 bits: they are decimal strings there. */
const bigintText = z.codec(z.string().check(z.regex(/^-?\d{1,20}$/)), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});

/** How an identity is kept in a JSON document: `z.decode` and `z.encode`. */
export const fileIdentity = z.object({
  size: z.int().check(z.nonnegative()),
  mtimeNs: bigintText,
  inode: bigintText,
});

/** How what is at a path is kept in a JSON document. */
export const pathFacts = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('file'), ...fileIdentity.shape }),
  /** sha256 of the names and facts of all that is in it. */
  z.object({ kind: z.literal('folder'), listing: z.string() }),
  z.object({ kind: z.literal('link'), to: z.string() }),
  /** Sockets and the like, which hold nothing. */
  z.object({ kind: z.literal('special') }),
  z.object({ kind: z.literal('unreadable') }),
]);

/** What is at a path, told as exactly as it can be without reading any file. */
export type PathFacts = z.infer<typeof pathFacts>;

/** @throws what the system says when nobody can look. */
export async function factsOf(place: string): Promise<PathFacts> {
  const stats = await lstat(place).catch(ignoreMissing);
  if (stats === undefined) return { kind: 'absent' };
  if (stats.isDirectory()) return factsOfFolder(place);
  if (stats.isSymbolicLink()) return { kind: 'link', to: await readlink(place) };
  if (!stats.isFile()) return { kind: 'special' };
  const identity = await identityOf(place);
  return identity === undefined ? { kind: 'absent' } : { kind: 'file', ...identity };
}

/** Whether nothing has changed at a path, or on the way to where it was moved. */
export function sameFacts(a: PathFacts, b: PathFacts): boolean {
  if (a.kind === 'file' && b.kind === 'file') return isSameFile(a, b);
  if (a.kind === 'folder' && b.kind === 'folder') return a.listing === b.listing;
  if (a.kind === 'link' && b.kind === 'link') return a.to === b.to;
  return a.kind === b.kind;
}

async function factsOfFolder(folder: string): Promise<PathFacts> {
  try {
    const names = (await readdir(folder)).sort();
    const entries = await Promise.all(
      names.map(async (name) => [name, z.encode(pathFacts, await factsOf(path.join(folder, name)))]),
    );
    return { kind: 'folder', listing: sha256Of(JSON.stringify(entries)) };
  } catch (error) {
    // It can be moved away as a whole all the same.
    if (['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return { kind: 'unreadable' };
    throw error;
  }
}
