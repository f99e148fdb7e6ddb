import { type ByteString, byteStringToText } from '../../src/core/bytes/byte-string';

/** One path as a device would see it. */
export interface Listed {
  /** Everything that counts, as names and values: `kind`, `mode`, `owner`, `sha256`, `xattr user.x` … */
  readonly facts: ReadonlyMap<string, string>;
  /** Equal for hard links of one another. */
  readonly inode: unknown;
  /** Of what Python compiled, and takes as fresh where it lies: equal for the same code, whenever that was. */
  readonly code?: string;
}

/** A file tree, written out; paths have no leading slash, `''` is the root. */
export type Listing = ReadonlyMap<ByteString, Listed>;

/** Where `actual` is not `expected`, one line for each path; empty if they agree in every fact of every path. */
export function differencesBetween(actual: Listing, expected: Listing): string[] {
  const lines: string[] = [];
  for (const [path, { facts }] of expected) {
    const found = actual.get(path)?.facts;
    if (found === undefined) lines.push(`${shown(path)}: missing, should be a ${String(facts.get('kind'))}`);
    else lines.push(...factDifferences(found, facts).map((what) => `${shown(path)}: ${what}`));
  }
  for (const [path, { facts }] of actual) {
    if (!expected.has(path))
      lines.push(`${shown(path)}: a ${String(facts.get('kind'))} that should not be there`);
  }
  return lines;
}

/**
 * A tree as whoever runs its Python sees it: of compiled files that are fresh in the image the code alone counts, if they are fresh here,
 * too. What is stale in the image may be anything but other bytes.
 */
export function asPythonRuns(listing: Listing, image: Listing): Listing {
  return new Map(
    [...listing].map(([path, { facts, inode, code }]) => {
      const counts = code !== undefined && image.get(path)?.code !== undefined;
      return [path, { facts: counts ? new Map([...facts, ['sha256', code]]) : facts, inode }];
    }),
  );
}

function factDifferences(
  actual: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((name) => actual.get(name) !== expected.get(name))
    .map(
      (name) => `${name} is ${actual.get(name) ?? 'not set'}, should be ${expected.get(name) ?? 'not set'}`,
    );
}

/** Where the names that share an inode are not the same names; paths that only one listing has don't count. */
export function linkDifferencesBetween(actual: Listing, expected: Listing): string[] {
  const found = new Set(linkGroups(actual));
  const wanted = new Set(linkGroups(expected));
  return [
    ...[...wanted]
      .filter((group) => !found.has(group))
      .map((group) => `not hard links of each other: ${group}`),
    ...[...found].filter((group) => !wanted.has(group)).map((group) => `hard links of each other: ${group}`),
  ];
}

function linkGroups(listing: Listing): string[] {
  const groups = new Map<unknown, ByteString[]>();
  for (const [path, { inode }] of listing) groups.set(inode, [...(groups.get(inode) ?? []), path]);
  return [...groups.values()]
    .filter((paths) => paths.length > 1)
    .map((paths) => paths.sort().map(shown).join(', '));
}

/** For a terminal: control characters and what is not UTF-8 as escapes. */
function shown(path: ByteString): string {
  const text = byteStringToText(path);
  return JSON.stringify(text.includes('\ufffd') ? path : `/${text}`);
}
