/** What the owner tells a device, as a document that is edited. */
export type Meta = Readonly<Record<string, unknown>>;

export function metaText(meta: Meta): string {
  const sorted = Object.fromEntries(Object.entries(meta).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

export function parseMeta(text: string): Meta | 'noJson' | 'noObject' {
  try {
    const document: unknown = text.trim() === '' ? {} : JSON.parse(text);
    const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
    return isObject ? (document as Meta) : 'noObject';
  } catch {
    return 'noJson';
  }
}

/**
 * What somebody has changed of it, so that what others have changed meanwhile stays; null takes a member away.
 *
 * @returns the member that can't be told, because it is no text.
 */
export function metaChanges(
  before: Meta,
  after: Meta,
): { readonly changes: Readonly<Record<string, string | null>> } | { readonly noText: string } {
  const changes: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(after)) {
    if (JSON.stringify(value) === JSON.stringify(before[key])) continue;
    if (typeof value !== 'string') return { noText: key };
    changes[key] = value;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes[key] = null;
  return { changes };
}
