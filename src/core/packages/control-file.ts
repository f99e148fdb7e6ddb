import type { ByteString } from '../bytes/byte-string';
import { linesOf } from './metadata-files';

/** Of a paragraph, by their names in small letters. */
export type Fields = ReadonlyMap<string, ByteString>;

/**
 * The paragraphs of a control file, with those of the wanted fields that they have; lines that go on a field are left out
 * (Debian Policy, 5.1 "Syntax of control files").
 *
 * @param wanted in small letters.
 */
export function* paragraphsOf(
  text: ByteString,
  wanted: ReadonlySet<string>,
): Generator<Fields, void, undefined> {
  let fields = new Map<string, ByteString>();
  for (const line of linesOf(text)) {
    if (/^[ \t]*$/.test(line)) {
      if (fields.size > 0) yield fields;
      fields = new Map();
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || line.startsWith(' ') || line.startsWith('\t')) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (wanted.has(name) && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  if (fields.size > 0) yield fields;
}

const ofStatus: ReadonlySet<string> = new Set(['package', 'version', 'architecture', 'status']);

/** What a `status` file of dpkg or opkg says of one package that is installed, if only by half. */
export interface StatusEntry {
  readonly name: ByteString;
  readonly version: ByteString;
  readonly architecture: ByteString | undefined;
}

/** @returns those that are there: of others only configuration is left, or a wish (dpkg(1), "Package states"). */
export function* statusEntries(text: ByteString): Generator<StatusEntry, void, undefined> {
  for (const fields of paragraphsOf(text, ofStatus)) {
    const name = fields.get('package');
    if (name === undefined || name === '') continue;
    if (/ (not-installed|config-files)$/.test(fields.get('status') ?? '')) continue;
    yield { name, version: fields.get('version') ?? '', architecture: fields.get('architecture') };
  }
}

/** File names below an `info` folder by the package that they belong to: what stands before their last dot. */
export function byPackage(names: readonly ByteString[]): ReadonlyMap<ByteString, readonly ByteString[]> {
  const found = new Map<ByteString, ByteString[]>();
  for (const name of names) {
    const dot = name.lastIndexOf('.');
    if (dot <= 0) continue;
    const known = found.get(name.slice(0, dot));
    if (known === undefined) found.set(name.slice(0, dot), [name]);
    else known.push(name);
  }
  return found;
}
