import type { Checkout } from './checkout';

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

/** Those that share their key with another one, by key. */
export function grouped<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return new Map([...groups].filter(([, group]) => group.length > 1));
}
