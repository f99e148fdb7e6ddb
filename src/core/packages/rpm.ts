import type { ByteString } from '../bytes/byte-string';
import type { MetadataFiles } from './metadata-files';
import type { Package } from './package';
import { DamagedDatabase, tableRows } from './sqlite-table';

/** Where distributions have it; a later one is mostly a link to an earlier one. */
const folders = ['usr/lib/sysimage/rpm', 'var/lib/rpm', 'usr/share/rpm'] as const;
const sqlite = 'rpmdb.sqlite';
/** Berkeley DB's, which rpm wrote up to 4.15, and ndb's, which SUSE's does: neither is read here. */
const others = ['Packages', 'Packages.db'] as const;

export function hasRpm(files: MetadataFiles): boolean {
  return folders.some((folder) => [sqlite, ...others].some((name) => files.has(`${folder}/${name}`)));
}

/** One table holds the header of each package (rpm, lib/backend/sqlite.cc). */
export async function readRpm(files: MetadataFiles): Promise<readonly Package[]> {
  const place = folders.map((folder) => `${folder}/${sqlite}`).find((one) => files.has(one));
  if (place === undefined) {
    const other = folders
      .flatMap((folder) => others.map((name) => `${folder}/${name}`))
      .find((one) => files.has(one));
    if (other !== undefined) files.note(other, 'unknownFormat');
    return [];
  }
  const database = await files.bytes(place);
  if (database === undefined) return [];
  try {
    const packages: Package[] = [];
    for (const [, blob] of tableRows(database, 'Packages')) {
      if (!Buffer.isBuffer(blob)) throw new DamagedDatabase();
      const { name, version, paths } = parseHeader(blob);
      packages.push({ manager: 'rpm', name, version, paths: files.taken(paths) });
    }
    return packages;
  } catch (error) {
    if (!(error instanceof DamagedDatabase)) throw error;
    files.note(place, 'damaged');
    return [];
  }
}

/** Numbers of tags (rpm, include/rpm/rpmtag.h). */
const tags = { name: 1000, version: 1001, release: 1002, dirIndexes: 1116, baseNames: 1117, dirNames: 1118 };
/** Types of values (rpm, include/rpm/rpmtag.h). */
const types = { int32: 4, string: 6, stringArray: 8 };

/** The largest packages have some ten thousand files. */
const mostStrings = 1_000_000;

export interface RpmHeader {
  readonly name: ByteString;
  /** `VERSION-RELEASE`, as rpm shows it. */
  readonly version: ByteString;
  readonly paths: Iterable<ByteString>;
}

/**
 * A header as databases have it, without the magic that it has in a package's file: the number of index entries, the bytes of
 * data, entries of 16 bytes (tag, type, offset, count), and the data; numbers have their highest byte first (rpm,
 * docs/manual/format_header.md).
 *
 * @throws DamagedDatabase
 */
export function parseHeader(blob: Buffer): RpmHeader {
  if (blob.length < 8) throw new DamagedDatabase();
  const entries = blob.readUInt32BE(0);
  const start = 8 + entries * 16;
  const end = start + blob.readUInt32BE(4);
  if (end > blob.length) throw new DamagedDatabase();
  const data = blob.subarray(start, end);

  const found = new Map<number, Entry>();
  for (let at = 8; at < start; at += 16) {
    const tag = blob.readUInt32BE(at);
    if (found.has(tag)) continue;
    const type = blob.readUInt32BE(at + 4);
    found.set(tag, { type, offset: blob.readUInt32BE(at + 8), count: blob.readUInt32BE(at + 12) });
  }
  const stringOf = (tag: number) => stringsOf(data, found.get(tag), types.string)[0] ?? '';
  const name = stringOf(tags.name);
  if (name === '') throw new DamagedDatabase();
  const release = stringOf(tags.release);
  return {
    name,
    version: stringOf(tags.version) + (release === '' ? '' : `-${release}`),
    paths: pathsOf(
      stringsOf(data, found.get(tags.dirNames), types.stringArray),
      stringsOf(data, found.get(tags.baseNames), types.stringArray),
      numbersOf(data, found.get(tags.dirIndexes)),
    ),
  };
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/** Strings lie one after the other, each ended by a zero. */
function stringsOf(data: Buffer, entry: Entry | undefined, type: number): readonly ByteString[] {
  if (entry === undefined) return [];
  if (entry.type !== type || entry.count > mostStrings) throw new DamagedDatabase();
  const strings: ByteString[] = [];
  for (let at = entry.offset; strings.length < entry.count;) {
    const end = data.indexOf(0, at);
    if (end < 0) throw new DamagedDatabase();
    strings.push(data.toString('latin1', at, end));
    at = end + 1;
  }
  return strings;
}

function numbersOf(data: Buffer, entry: Entry | undefined): readonly number[] {
  if (entry === undefined) return [];
  const { type, offset, count } = entry;
  if (type !== types.int32 || offset + count * 4 > data.length) throw new DamagedDatabase();
  return Array.from({ length: count }, (_, at) => data.readUInt32BE(offset + at * 4));
}

/** A name and the number of the folder that it lies in; folders end with a slash. */
function* pathsOf(
  folders: readonly ByteString[],
  names: readonly ByteString[],
  indexes: readonly number[],
): Generator<ByteString, void, undefined> {
  for (const [at, name] of names.entries()) {
    const folder = folders[indexes[at] ?? -1];
    if (folder === undefined) throw new DamagedDatabase();
    yield folder + name;
  }
}
