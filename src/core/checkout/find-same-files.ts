import { concurrently } from '../files/concurrently';
import { HashIndex } from './hashes/hash-index';
import { grouped, type SameFiles } from './same-files';

export interface Hashing {
  /** The sha256 of a file, by its absolute path. */
  readonly hash: (file: string) => Promise<string>;
  readonly signal: AbortSignal;
}

/**
 * Which of them are the same. Those that nobody has hashed before are read.
 *
 * @param candidates as {@link filesOfSameSize} gives them. A file that can't be read is like no other.
 * @throws the signal's reason.
 */
export async function findSameFiles(
  checkoutDirectory: string,
  candidates: readonly SameFiles[],
  { hash, signal }: Hashing,
): Promise<readonly SameFiles[]> {
  const found: SameFiles[] = [];
  const hashes = await HashIndex.open(checkoutDirectory);
  const hashOf = (file: string) => hashes.hash(file, hash).catch(() => signal.throwIfAborted());
  for (const { files, size } of candidates) {
    const hashed = await concurrently(files, async (file) => ({ file, sha256: await hashOf(file) }), signal);
    const byHash = grouped(
      hashed.filter(({ sha256 }) => sha256 !== undefined),
      ({ sha256 }) => sha256,
    );
    for (const same of byHash.values()) found.push({ files: same.map(({ file }) => file), size });
  }
  await hashes.save();
  return found;
}
