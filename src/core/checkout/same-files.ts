import { concurrently } from '../files/concurrently';
import type { Checkout } from './checkout';
import { HashIndex } from './hashes/hash-index';

/** Files with the same bytes. A device keeps what it is sent by its sha256, so it holds these once, whatever they are called. */
export interface SameFiles {
  /** Two or more paths below the checkout, sorted. */
  readonly files: readonly string[];
  /** Bytes of one of them. */
  readonly size: number;
}

/** Bytes. What is smaller makes no difference that anybody would want to see. */
const smallest = 64 * 1024;

/** Files of apps and parts that are as large as another one, which only reading them can tell apart; the largest first. */
export function filesOfSameSize({ apps, parts }: Pick<Checkout, 'apps' | 'parts'>): readonly SameFiles[] {
  const files = [
    ...apps.flatMap(({ name, files: own }) => own.map((file) => ({ ...file, path: `${name}/${file.path}` }))),
    ...parts.flatMap((part) => part.files),
  ];
  const bySize = grouped(
    files.filter(({ size }) => size >= smallest),
    ({ size }) => size,
  );
  return [...bySize]
    .map(([size, alike]) => ({ files: alike.map((file) => file.path).sort(), size }))
    .sort((a, b) => b.size - a.size);
}

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

/** Those that share their key with another one, by key. */
function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return new Map([...groups].filter(([, group]) => group.length > 1));
}
