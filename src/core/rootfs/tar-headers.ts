import type { ByteReader } from '../bytes/byte-reader';
import type { ByteString } from './byte-string';
import { layerProblem } from './layer-problem';
import { noPaxRecords, parsePax, PaxLookup } from './pax';
import { blockSize, padded, parseTarHeader, type TarHeader } from './tar-header';

/** A header block with all that the extension headers before it say. */
export interface TarHeaders {
  readonly header: TarHeader;
  /** The header as it lies in the archive: old GNU sparse files keep their map in it. */
  readonly block: Buffer;
  readonly pax: PaxLookup;
  /** From GNU's own extension headers, `L` and `K`. */
  readonly longName: ByteString | undefined;
  readonly longLink: ByteString | undefined;
}

/** The next entry's headers, or undefined at the end of the archive. */
export async function readTarHeaders(reader: ByteReader): Promise<TarHeaders | undefined> {
  let own = noPaxRecords;
  let longName: ByteString | undefined;
  let longLink: ByteString | undefined;
  for (;;) {
    const block = await nextBlock(reader);
    if (block === undefined) return undefined;
    const header = parseTarHeader(block, reader.position - blockSize);
    switch (header.type) {
      case 'g': // for all entries to come, says POSIX; docker and containerd ignore it, and so is what runs there
        await extensionBody(reader, header.size);
        break;
      case 'x':
      case 'X': // Solaris' own letter for the same format
        own = parsePax(await extensionBody(reader, header.size));
        break;
      case 'L':
        longName = upToNul(await extensionBody(reader, header.size));
        break;
      case 'K':
        longLink = upToNul(await extensionBody(reader, header.size));
        break;
      default:
        return { header, block, pax: new PaxLookup(own), longName, longLink };
    }
  }
}

/** Undefined at the end: two blocks of zeros, or the end of the stream where a header could begin. */
async function nextBlock(reader: ByteReader): Promise<Buffer | undefined> {
  const block = await reader.read(blockSize);
  if (block.length === 0) return undefined;
  if (block.length < blockSize) throw truncatedTar();
  if (!isZero(block)) return block;
  if (!isZero(await reader.read(blockSize))) {
    throw layerProblem(
      `its tar archive has a header after an end mark at byte ${reader.position - 2 * blockSize}`,
    );
  }
  return undefined;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Names and xattrs of one entry together; the kernel's own limits add up to far less. */
const largestExtension = 1 << 20;

async function extensionBody(reader: ByteReader, size: number): Promise<Buffer> {
  if (size < 0 || size > largestExtension) {
    throw layerProblem(`its tar archive has an extended header of ${size} bytes`);
  }
  const end = reader.position + padded(size);
  const body = await reader.read(size);
  await skipInTar(reader, end);
  return body;
}

function upToNul(body: Buffer): ByteString {
  const end = body.indexOf(0);
  return body.toString('latin1', 0, end < 0 ? body.length : end);
}

/** Goes on to byte `end` of the archive. */
export async function skipInTar(reader: ByteReader, end: number): Promise<void> {
  await reader.skipTo(end);
  if (reader.position < end) throw truncatedTar();
}

function truncatedTar(): Error {
  return layerProblem('its tar archive ends in the middle of an entry');
}
