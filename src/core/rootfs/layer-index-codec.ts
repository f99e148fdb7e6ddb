import { createHash } from 'node:crypto';
import type { ByteString } from '../bytes/byte-string';
import { ByteDecoder, ByteEncoder, DecodeError } from './byte-codec';
import type { LayerEntry, LayerFile, LayerIndex } from './layer-index';
import { type Attributes, noXattrs, type Xattrs } from './tree';

/** Change it with every change of the format below, so that indexes of other versions are made anew. */
const magic = Buffer.from('layer index 2\n');
const checksumSize = 32;

/** Their places are part of the format. */
const kinds = [
  'file',
  'directory',
  'symlink',
  'char',
  'block',
  'fifo',
  'hardlink',
  'whiteout',
  'opaque',
] as const satisfies readonly LayerEntry['kind'][];

/** The index of the layer `diffId` as bytes for a cache: a small part of the size that it has as JSON. */
export function encodeLayerIndex(diffId: string, { entries, warnings }: LayerIndex): Buffer {
  const out = new ByteEncoder();
  out.bytes(Buffer.from(diffId, 'utf8'));
  out.number(warnings.length);
  for (const warning of warnings) out.bytes(Buffer.from(warning, 'utf8'));
  out.number(entries.length);
  let previous = '';
  for (const entry of entries) {
    out.number(kinds.indexOf(entry.kind));
    const shared = sharedLength(previous, entry.path);
    out.number(shared);
    out.string(entry.path.slice(shared));
    previous = entry.path;
    encodeRest(out, entry);
  }
  const body = out.finish();
  return Buffer.concat([magic, checksum(body), body]);
}

/** Undefined if `bytes` are not, to the last bit, what {@link encodeLayerIndex} of this version made of the layer `diffId`. */
export function decodeLayerIndex(diffId: string, bytes: Buffer): LayerIndex | undefined {
  const bodyStart = magic.length + checksumSize;
  const body = bytes.subarray(bodyStart);
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  if (!bytes.subarray(magic.length, bodyStart).equals(checksum(body))) return undefined;
  try {
    const input = new ByteDecoder(body);
    if (input.bytes().toString('utf8') !== diffId) return undefined;
    const warnings = input.list(() => input.bytes().toString('utf8'));
    let path = '';
    const entries = input.list(() => {
      const kind = kinds[input.number()];
      path = path.slice(0, input.number()) + input.string();
      return decodeRest(input, kind, path);
    });
    return input.atEnd ? { entries, warnings } : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function checksum(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest();
}

/** Neighbours mostly lie in the same folder. */
function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

function encodeRest(out: ByteEncoder, entry: LayerEntry): void {
  if ('attributes' in entry) encodeAttributes(out, entry.attributes);
  switch (entry.kind) {
    case 'file':
      encodeFile(out, entry);
      break;
    case 'symlink':
    case 'hardlink':
      out.string(entry.target);
      break;
    case 'char':
    case 'block':
      out.number(entry.major);
      out.number(entry.minor);
      break;
    case 'directory':
    case 'fifo':
    case 'whiteout':
    case 'opaque':
  }
}

function decodeRest(input: ByteDecoder, kind: LayerEntry['kind'] | undefined, path: string): LayerEntry {
  switch (kind) {
    case 'file':
      return { kind, path, attributes: decodeAttributes(input), ...decodeFile(input) };
    case 'symlink':
      return { kind, path, attributes: decodeAttributes(input), target: input.string() };
    case 'char':
    case 'block':
      return {
        kind,
        path,
        attributes: decodeAttributes(input),
        major: input.number(),
        minor: input.number(),
      };
    case 'directory':
    case 'fifo':
      return { kind, path, attributes: decodeAttributes(input) };
    case 'hardlink':
      return { kind, path, target: input.string() };
    case 'whiteout':
    case 'opaque':
      return { kind, path };
    case undefined:
      throw new DecodeError('an entry is of an unknown kind');
  }
}

/** What follows a file's hash, as bits of a number. */
const sparse = 1;
const compiledPython = 2;

function encodeFile(out: ByteEncoder, { size, content }: LayerFile): void {
  const { offset, sha256, segments, compiled } = content;
  out.number(size);
  out.number(offset);
  out.raw(Buffer.from(sha256, 'hex'));
  out.number((segments === undefined ? 0 : sparse) | (compiled === undefined ? 0 : compiledPython));
  if (segments !== undefined) {
    out.number(segments.length);
    for (const segment of segments) {
      out.number(segment.offset);
      out.number(segment.length);
    }
  }
  if (compiled !== undefined) {
    out.number(compiled.sourceTime);
    out.raw(Buffer.from(compiled.others, 'hex'));
  }
}

function decodeFile(input: ByteDecoder): Pick<LayerFile, 'size' | 'content'> {
  const size = input.number();
  const offset = input.number();
  const sha256 = input.hex(32);
  const more = input.number();
  return {
    size,
    content: {
      offset,
      sha256,
      ...((more & sparse) !== 0 && {
        segments: input.list(() => ({ offset: input.number(), length: input.number() })),
      }),
      ...((more & compiledPython) !== 0 && {
        compiled: { sourceTime: input.number(), others: input.hex(32) },
      }),
    },
  };
}

function encodeAttributes(out: ByteEncoder, { mode, uid, gid, mtime, xattrs }: Attributes): void {
  for (const number of [mode, uid, gid, mtime, xattrs.size]) out.number(number);
  for (const [name, value] of xattrs) {
    out.string(name);
    out.bytes(value);
  }
}

function decodeAttributes(input: ByteDecoder): Attributes {
  const mode = input.number();
  const uid = input.number();
  const gid = input.number();
  const mtime = input.number();
  const count = input.number();
  return { mode, uid, gid, mtime, xattrs: count === 0 ? noXattrs : decodeXattrs(input, count) };
}

/** Copied, so that a few bytes don't keep all of them in memory. */
function decodeXattrs(input: ByteDecoder, count: number): Xattrs {
  const xattrs = new Map<ByteString, Buffer>();
  for (let read = 0; read < count; read += 1) xattrs.set(input.string(), Buffer.from(input.bytes()));
  return xattrs;
}
