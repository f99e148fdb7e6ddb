import type { ByteString } from '../../src/core/bytes/byte-string';
import {
  type Dialect,
  emptyHeader,
  headerBlock,
  type HeaderFields,
  largestId,
  nameFits,
  nameLength,
  padded,
} from './tar-header';

/** In the order in which they will stand; a key may come more than once. */
export type PaxRecord = readonly [key: ByteString, value: Buffer | ByteString | number];

/**
 * The header blocks of one entry: its own, and before that whatever is needed to say all of `fields` and `records`.
 * Records need a pax header in GNU's dialect as well.
 */
export function entryHeader(fields: HeaderFields, records: readonly PaxRecord[], dialect: Dialect): Buffer {
  return dialect === 'gnu' ? gnuHeader(fields, records) : paxHeader(fields, records);
}

function gnuHeader(fields: HeaderFields, records: readonly PaxRecord[]): Buffer {
  return Buffer.concat([
    paxBlocks(records),
    nameFits(fields.name, 'gnu') ? noBlocks : gnuLongName('L', fields.name),
    fields.linkName.length <= nameLength ? noBlocks : gnuLongName('K', fields.linkName),
    headerBlock(fields, 'gnu'),
  ]);
}

function paxHeader(fields: HeaderFields, records: readonly PaxRecord[]): Buffer {
  const { name, linkName, uid, gid } = fields;
  const all = [...records];
  if (!nameFits(name, 'ustar')) all.push(['path', name]);
  if (linkName.length > nameLength) all.push(['linkpath', linkName]);
  if (uid > largestId) all.push(['uid', uid]);
  if (gid > largestId) all.push(['gid', gid]);
  const written = { ...fields, uid: uid > largestId ? 0 : uid, gid: gid > largestId ? 0 : gid };
  return Buffer.concat([paxBlocks(all), headerBlock(written, 'ustar')]);
}

const noBlocks = Buffer.alloc(0);

function paxBlocks(records: readonly PaxRecord[]): Buffer {
  if (records.length === 0) return noBlocks;
  const body = Buffer.concat(records.map(paxRecord));
  const fields = { ...emptyHeader, name: 'pax-header', type: 'x', mode: 0o644, size: body.length };
  return Buffer.concat([headerBlock(fields, 'ustar'), padded(body)]);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits (POSIX.1-2017 pax, "pax Extended Header"). */
function paxRecord([key, value]: PaxRecord): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'latin1');
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), bytes, Buffer.from('\n')]);
  let digits = 1;
  while (String(digits + rest.length).length !== digits) digits += 1;
  return Buffer.concat([Buffer.from(String(digits + rest.length)), rest]);
}

function gnuLongName(type: 'L' | 'K', name: ByteString): Buffer {
  const body = Buffer.from(`${name}\0`, 'latin1');
  const fields = { ...emptyHeader, name: '././@LongLink', type, size: body.length };
  return Buffer.concat([headerBlock(fields, 'gnu'), padded(body)]);
}
