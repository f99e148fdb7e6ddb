import { ByteReader } from '../../../src/core/bytes/byte-reader';
import { type LayerTarEntry, readLayerTar } from '../../../src/core/rootfs/index-layer';
import { entryHeader, type PaxRecord } from '../../image-maker/tar-extensions';
import { emptyHeader, headerBlock, type HeaderFields, padded } from '../../image-maker/tar-header';
import { gathered, inChunks } from './chunks';

/** An entry whose content has been read. */
export interface ReadEntry extends Omit<LayerTarEntry, 'content'> {
  readonly content: Buffer;
}

export async function entriesIn(tar: Buffer, chunkSize?: number): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for await (const entry of readLayerTar(new ByteReader(inChunks(tar, chunkSize), () => undefined))) {
    entries.push({ ...entry, content: await gathered(entry.content) });
  }
  return entries;
}

export const endMark = Buffer.alloc(1024);

/** An archive of one or more raw pieces. */
export function archive(...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([...pieces, endMark]);
}

/** A ustar header as it is written, whatever it says, and a body in whole blocks. */
export function rawEntry(fields: Partial<HeaderFields>, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    headerBlock({ ...emptyHeader, name: 'file', size: bytes.length, ...fields }, 'ustar'),
    padded(bytes),
  ]);
}

/** A file with extended header records before it. */
export function paxEntry(
  records: readonly PaxRecord[],
  fields: Partial<HeaderFields> = {},
  body: Buffer | string = '',
): Buffer {
  const bytes = Buffer.from(body);
  const header = { ...emptyHeader, name: 'file', size: bytes.length, ...fields };
  return Buffer.concat([entryHeader(header, records, 'ustar'), padded(bytes)]);
}
