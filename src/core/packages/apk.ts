import type { ByteString } from '../bytes/byte-string';
import { linesOf, type MetadataFiles } from './metadata-files';
import type { Package } from './package';

/** Where Alpine has it, before and since /lib is a link. */
const places = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'] as const;

export function hasApk(files: MetadataFiles): boolean {
  return places.some((place) => files.has(place));
}

export async function readApk(files: MetadataFiles): Promise<readonly Package[]> {
  const place = places.find((one) => files.has(one));
  const text = place && (await files.text(place));
  if (place === undefined || text === undefined) return [];
  const packages = [...parseInstalled(text)].map(({ name, version, paths }): Package => ({
    manager: 'apk',
    name,
    version,
    paths: files.taken(paths),
  }));
  if (packages.length === 0 && text !== '') files.note(place, 'damaged');
  return packages;
}

export interface ApkRecord {
  readonly name: ByteString;
  readonly version: ByteString;
  readonly paths: Iterable<ByteString>;
}

/**
 * Records apart by empty lines, of lines with a letter, a colon and a value: `P:` the name, `V:` the version, `F:` a
 * folder, `R:` the name of a file in the folder before (apk-tools, src/database.c, apk_db_fdb_read(); apk-installed(5)).
 */
export function* parseInstalled(text: ByteString): Generator<ApkRecord, void, undefined> {
  for (let start = 0; start < text.length;) {
    const gap = text.indexOf('\n\n', start);
    const record = text.slice(start, gap < 0 ? text.length : gap);
    start = gap < 0 ? text.length : gap + 2;
    const name = valueOf(record, 'P');
    if (name === undefined) continue;
    yield { name, version: valueOf(record, 'V') ?? '', paths: pathsOf(record) };
  }
}

function valueOf(record: ByteString, letter: string): ByteString | undefined {
  for (const line of linesOf(record)) if (line.startsWith(`${letter}:`)) return line.slice(2);
  return undefined;
}

function* pathsOf(record: ByteString): Generator<ByteString, void, undefined> {
  let folder = '';
  for (const line of linesOf(record)) {
    if (line.startsWith('F:')) {
      folder = line.slice(2);
      if (folder !== '') yield folder;
    } else if (line.startsWith('R:')) {
      yield folder === '' ? line.slice(2) : `${folder}/${line.slice(2)}`;
    }
  }
}
