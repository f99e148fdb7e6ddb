/** Three versions of a list: what the template made before, what it makes now, and what lies there. */
export interface ThreeWayLists {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly existing: readonly string[];
  /** What an item is about: two items with the same subject are versions of one another. */
  readonly subject: (item: string) => string;
  /** How an existing item takes over a change; by default it becomes the new item. */
  readonly change?: (change: { before: string; after: string; existing: string }) => string;
}

/**
 * The existing list with what changed from `before` to `after`: changed items in their place, removed ones
 * gone, new ones behind the item that they follow in `after`. Items that the template doesn't know, or that
 * it makes the same as before, stay as they are.
 *
 * The cost is proportional to the number of items.
 */
export function mergeLists({
  before,
  after,
  existing,
  subject,
  change = takeAfter,
}: ThreeWayLists): string[] {
  const was = bySubject(before, subject);
  const now = bySubject(after, subject);
  const present = bySubject(existing, subject);

  // New items, by the existing item that they follow; '' stands for the start.
  const insertions = new Map<string, string[]>();
  let anchor = '';
  for (const [key, item] of now) {
    if (present.has(key)) {
      anchor = key;
    } else if (was.get(key) !== item) {
      const behind = insertions.get(anchor);
      if (behind === undefined) insertions.set(anchor, [item]);
      else behind.push(item);
    }
  }

  const merged = [...(insertions.get('') ?? [])];
  for (const [key, item] of present) {
    const old = was.get(key);
    const wanted = now.get(key);
    if (old === undefined || old === wanted) merged.push(item);
    else if (wanted !== undefined) merged.push(change({ before: old, after: wanted, existing: item }));
    merged.push(...(insertions.get(key) ?? []));
  }
  return merged;
}

const takeAfter = ({ after }: { after: string }) => after;

/** Items by subject and, since a subject may come again, by which of its kind they are. */
function bySubject(items: readonly string[], subject: (item: string) => string): Map<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const key = subject(item);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return [`${count} ${key}`, item];
    }),
  );
}
