import type { SparseFormat } from './entry';
import type { PaxRecord } from './tar-extensions';
import { entryHeader } from './tar-extensions';
import type { HeaderFields } from './tar-header';
import { blockSize, padded, withChecksum, writeNumber } from './tar-header';

/** A regular file without its holes: headers, map and data (GNU tar manual, "Storing Sparse Files"). */
export function sparseFile(
  format: SparseFormat,
  fields: HeaderFields,
  records: readonly PaxRecord[],
  content: Buffer,
): Buffer {
  const map = sparseMap(content);
  const data = Buffer.concat(map.map(({ offset, length }) => content.subarray(offset, offset + length)));
  if (format === 'gnu') return oldGnuFile(fields, records, content.length, map, data);

  const sparse = [...records, ...paxSparseRecords(format, fields.name, content.length, map)];
  const body = format === 'pax-1.0' ? Buffer.concat([mapInBody(map), data]) : data;
  // From 0.1 on the real name is in a record, so that old tars don't take the condensed file for the real one.
  const name = format === 'pax-0.0' ? fields.name : 'GNUSparseFile.0/condensed';
  return Buffer.concat([entryHeader({ ...fields, name, size: body.length }, sparse, 'ustar'), padded(body)]);
}

/** A stretch of a file that is not a hole. */
interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** What file systems allocate, and so the granularity of real holes. */
const unit = 4096;

/** Everything but the aligned units of zeros; an empty segment at the end of a file that ends in a hole. */
function sparseMap(content: Buffer): Segment[] {
  const segments: { offset: number; length: number }[] = [];
  let end = 0;
  for (let offset = 0; offset < content.length; offset += unit) {
    const part = content.subarray(offset, offset + unit);
    if (part.every((byte) => byte === 0)) continue;
    const last = segments.at(-1);
    if (last !== undefined && end === offset) last.length += part.length;
    else segments.push({ offset, length: part.length });
    end = offset + part.length;
  }
  if (end < content.length) segments.push({ offset: content.length, length: 0 });
  return segments;
}

function paxSparseRecords(
  format: 'pax-0.0' | 'pax-0.1' | 'pax-1.0',
  name: string,
  size: number,
  map: readonly Segment[],
): PaxRecord[] {
  switch (format) {
    case 'pax-0.0':
      return [
        ['GNU.sparse.size', size],
        ['GNU.sparse.numblocks', map.length],
        ...map.flatMap(({ offset, length }): PaxRecord[] => [
          ['GNU.sparse.offset', offset],
          ['GNU.sparse.numbytes', length],
        ]),
      ];
    case 'pax-0.1':
      return [
        ['GNU.sparse.size', size],
        ['GNU.sparse.numblocks', map.length],
        ['GNU.sparse.name', name],
        ['GNU.sparse.map', map.flatMap(({ offset, length }) => [offset, length]).join(',')],
      ];
    case 'pax-1.0':
      return [
        ['GNU.sparse.major', 1],
        ['GNU.sparse.minor', 0],
        ['GNU.sparse.name', name],
        ['GNU.sparse.realsize', size],
      ];
  }
}

function mapInBody(map: readonly Segment[]): Buffer {
  const numbers = [map.length, ...map.flatMap(({ offset, length }) => [offset, length])];
  return padded(Buffer.from(numbers.map((number) => `${number}\n`).join('')));
}

const inHeader = { offset: 386, count: 4, continued: 482, realSize: 483 };
const inExtension = { count: 21, continued: 504 };
const segmentSize = 24;

/** Four segments fit in the header, the others into as many blocks as it takes. */
function oldGnuFile(
  fields: HeaderFields,
  records: readonly PaxRecord[],
  size: number,
  map: readonly Segment[],
  data: Buffer,
): Buffer {
  const headers = entryHeader({ ...fields, type: 'S', size: data.length }, records, 'gnu');
  const header = headers.subarray(-blockSize);
  writeSegments(header, inHeader.offset, map.slice(0, inHeader.count));
  writeNumber(header, inHeader.realSize, 12, size);
  header.writeUInt8(map.length > inHeader.count ? 1 : 0, inHeader.continued);
  withChecksum(header);

  const extensions: Buffer[] = [];
  for (let at = inHeader.count; at < map.length; at += inExtension.count) {
    const extension = Buffer.alloc(blockSize);
    writeSegments(extension, 0, map.slice(at, at + inExtension.count));
    extension.writeUInt8(map.length > at + inExtension.count ? 1 : 0, inExtension.continued);
    extensions.push(extension);
  }
  return Buffer.concat([headers, ...extensions, padded(data)]);
}

function writeSegments(block: Buffer, start: number, segments: readonly Segment[]): void {
  segments.forEach(({ offset, length }, index) => {
    writeNumber(block, start + index * segmentSize, 12, offset);
    writeNumber(block, start + index * segmentSize + 12, 12, length);
  });
}
