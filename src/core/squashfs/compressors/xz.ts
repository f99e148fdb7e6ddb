import path from 'node:path';
import { type Liblzma, loadLiblzma, lzmaResult } from '../../codecs/liblzma';
import { largestBlockSize } from '../format';
import { DamagedBlock, type Decode, type Encode, type Lifetime, type WritableCompressor } from './compressor';

const dictionarySize = '-Xdict-size';
const machineCode = '-Xbcj';

/**
 * Filters for machine code (BCJ) by the names that mksquashfs has for them, each at its bit of the options behind the superblock
 * (squashfs-tools, xz_wrapper.c): what liblzma calls them (lzma/bcj.h), and which parameters of LZMA mksquashfs uses with them,
 * where they are others, because of the alignment of instructions.
 */
const filterTable = {
  x86: { id: 0x04n, parameters: {} },
  powerpc: { id: 0x05n, parameters: { lc: 2, lp: 2 } },
  ia64: { id: 0x06n, parameters: { lc: 0, lp: 4, pb: 4 } },
  arm: { id: 0x07n, parameters: { lc: 2, lp: 2 } },
  armthumb: { id: 0x08n, parameters: { lp: 1 } },
  sparc: { id: 0x09n, parameters: { lc: 2, lp: 2 } },
  arm64: { id: 0x0an, parameters: { lc: 2, lp: 2 } },
} as const;
export type XzFilter = keyof typeof filterTable;
/** In the order of their bits. */
const filterNames = Object.keys(filterTable) as readonly XzFilter[];
/** mksquashfs's next ones, which the encoder here doesn't have. */
const unwritableFilters = ['riscv'] as const;

interface XzCompression {
  readonly compressor: 'xz';
  /** One or more, in the order of their bits: each block is packed without and with each, and the smallest is kept. */
  readonly filters?: readonly XzFilter[];
}

export const xz: WritableCompressor<XzCompression> = {
  name: 'xz',
  encoder: 'liblzma@5.8.4 text: pb 0, nice 48; binary: pb 2, nice 32',
  loadEncoder: ({ filters = [] }, directory) => loadEncoder(filters, directory),
  forMetadata: () => ({ compressor: 'xz' }),
  loadDecoder,
  /** The dictionary's size, and the filters as bits, 32 bits each. The kernel reads the first alone. */
  writeOptions({ filters = [] }, blockSize) {
    if (filters.length === 0) return undefined;
    const options = Buffer.alloc(8);
    options.writeUInt32LE(blockSize, 0);
    options.writeUInt32LE(
      filters.reduce((bits, filter) => bits | (1 << filterNames.indexOf(filter)), 0),
      4,
    );
    return options;
  },
  readOptions: (options) => withFilters(namedByBits(filterNames, filterBits(options))),
  formatOptions: {
    [dictionarySize]: otherDictionary,
    [machineCode]: (_, other) => `${machineCode} is not for ${other}, which has no filters`,
  },
  parseFormatOptions(given, present, refuse) {
    const size = given.get(dictionarySize);
    if (size !== undefined && size !== '100%') throw refuse(otherDictionary(size));
    const names = given.get(machineCode);
    return names === undefined ? (present ?? { compressor: 'xz' }) : withFilters(parseFilters(names, refuse));
  },
};

/** In their one order, so that the same filters are the same compression. */
function withFilters(filters: readonly XzFilter[]): XzCompression {
  const inOrder = filterNames.filter((name) => filters.includes(name));
  return inOrder.length === 0 ? { compressor: 'xz' } : { compressor: 'xz', filters: inOrder };
}

function filterBits(options: Buffer | undefined): number {
  return options !== undefined && options.length >= 8 ? options.readUInt32LE(4) : 0;
}

function namedByBits<Name extends string>(names: readonly Name[], bits: number): readonly Name[] {
  return names.filter((_, bit) => (bits & (1 << bit)) !== 0);
}

/**
 * Filters that a file's blocks were packed with where that made them smaller, and that nothing is packed with here.
 *
 * @param options what lies behind the superblock.
 */
export function readUnwritableFilters(options: Buffer | undefined): readonly string[] {
  return namedByBits(unwritableFilters, filterBits(options) >>> filterNames.length);
}

function parseFilters(text: string, refuse: (found: string) => Error): readonly XzFilter[] {
  const names = text.split(',').filter((name) => name !== '');
  const isFilter = (name: string): name is XzFilter => name in filterTable;
  const filters = names.filter(isFilter);
  const other = names.find((name) => !isFilter(name));
  if (filters.length > 0 && other === undefined) return filters;
  throw refuse(
    (unwritableFilters as readonly (string | undefined)[]).includes(other)
      ? `${machineCode} ${other}: mksquashfs knows this filter, but it can't be written here`
      : `${machineCode} ${text} names ${other === undefined ? 'no filter' : `"${other}"`}, and the filters are ${filterNames.join(', ')}`,
  );
}

function otherDictionary(size: string): string {
  return `${dictionarySize} ${size} asks for something else than xz with a dictionary as large as a block`;
}

/** Checks (lzma/check.h). The kernel's xz_dec knows CRC32 alone. */
const crc32 = 1;

/** Filter ids (lzma/lzma12.h, lzma/vli.h). */
const lzma2 = 0x21n;
const endOfFilters = 0xffff_ffff_ffff_ffffn;

/** Fields of `lzma_options_lzma` by their place in the 32-bit struct (lzma/lzma12.h). */
const optionsStruct = {
  dictionary: 0,
  lc: 12,
  lp: 16,
  pb: 20,
  mode: 24,
  niceLength: 28,
  matchFinder: 32,
  size: 128,
};
/**
 * What preset 6 stands for, mksquashfs's own (xz_wrapper.c), except that it has a nice length of 64, and pb 2 for all. To be
 * content with shorter matches takes less time, and more bytes, of text most; text gains from it that nothing in it is aligned.
 * Beside preset 6, systems for amd64, arm64 and armhf take 0.92 of the time and +0.1, −0.1 and 0.0 % bytes, Perl's library
 * 0.95 and −0.3 %.
 */
const parameters = { lc: 3, lp: 0, mode: 2, matchFinder: 0x14 };
const parametersOf = {
  text: { ...parameters, pb: 0, niceLength: 48 },
  binary: { ...parameters, pb: 2, niceLength: 32 },
};

/** `struct lzma_filter { uint64_t id; void *options; }`, padded to 16 bytes. */
const filterSize = 16;
/** One of machine code, LZMA2, and the end. */
const mostFilters = 3;

/** What xz adds to a block that it can't make smaller is less than this. */
const frameSize = 4096;
const bufferSize = largestBlockSize + frameSize;

/**
 * Compresses nearly as `mksquashfs -comp xz` does, with the block size as dictionary and CRC32. The kernel refuses a larger
 * dictionary (fs/squashfs/xz_wrapper.c) and any other check, so presets as they come won't do.
 *
 * With filters, a block is packed with each in turn, too, and the smallest is kept, the first of those that are equal. Text has no
 * machine code in it, and isn't tried with any.
 */
async function loadEncoder(tried: readonly XzFilter[], directory: string): Promise<Encode> {
  const lzma = await loadLiblzma(wasmFile(directory));
  const { input, output, outputPosition, options, filters } = workspaceOf(lzma);

  const writeParameters = (kind: 'text' | 'binary', filter: XzFilter | undefined, dictionary: number) => {
    const view = new DataView(lzma.memory.buffer);
    new Uint8Array(lzma.memory.buffer, options, optionsStruct.size).fill(0);
    view.setUint32(options + optionsStruct.dictionary, dictionary, true);
    const values = { ...parametersOf[kind], ...(filter && filterTable[filter].parameters) };
    for (const field of ['lc', 'lp', 'pb', 'mode', 'niceLength', 'matchFinder'] as const) {
      view.setUint32(options + optionsStruct[field], values[field], true);
    }
    let at = filters;
    if (filter !== undefined) {
      view.setBigUint64(at, filterTable[filter].id, true);
      view.setUint32(at + 8, 0, true);
      at += filterSize;
    }
    view.setBigUint64(at, lzma2, true);
    view.setUint32(at + 8, options, true);
    view.setBigUint64(at + filterSize, endOfFilters, true);
    view.setUint32(outputPosition, 0, true);
  };

  /** Answers how many bytes of output there are; undefined where they would be more than `limit`. */
  const pack = (length: number, limit: number): number | undefined => {
    const result = lzma.lzma_stream_buffer_encode(
      filters,
      crc32,
      0,
      input,
      length,
      output,
      outputPosition,
      limit,
    );
    if (result === lzmaResult.bufferError) return undefined;
    if (result !== lzmaResult.ok) throw new Error(`lzma_stream_buffer_encode: ${result}`);
    return new DataView(lzma.memory.buffer).getUint32(outputPosition, true);
  };

  return (block, blockSize) => {
    if (block.length > largestBlockSize) throw new RangeError(`a block of ${block.length} bytes`);
    const kind = block.includes(0) ? 'binary' : 'text';
    new Uint8Array(lzma.memory.buffer).set(block, input);
    let smallest: Uint8Array | undefined;
    for (const filter of [undefined, ...(kind === 'binary' ? tried : [])]) {
      writeParameters(kind, filter, blockSize);
      // Without a filter there is room to spare: what is given must not depend on what is there.
      const limit = smallest === undefined ? block.length + frameSize : smallest.length - 1;
      const size = pack(block.length, limit);
      if (size !== undefined && size < block.length)
        smallest = new Uint8Array(lzma.memory.buffer, output, size).slice();
    }
    return smallest;
  };
}

/** A legal block has a dictionary of 1 MiB at most; tools that use the presets as they are write 8 MiB. */
const decoderMemoryLimit = 16n * 1024n * 1024n;

async function loadDecoder(directory: string, lifetime: Lifetime): Promise<Decode> {
  const lzma = await loadLiblzma(wasmFile(directory));
  const { input, output, inputPosition, outputPosition, memoryLimit } = workspaceOf(lzma);

  return (block, maxSize) => {
    if (block.length > bufferSize || maxSize > bufferSize)
      throw new RangeError('a block larger than blocks can be');
    const before = new DataView(lzma.memory.buffer);
    before.setUint32(inputPosition, 0, true);
    before.setUint32(outputPosition, 0, true);
    before.setBigUint64(memoryLimit, decoderMemoryLimit, true);
    new Uint8Array(lzma.memory.buffer).set(block, input);
    const result = lzma.lzma_stream_buffer_decode(
      memoryLimit,
      0,
      0,
      input,
      inputPosition,
      block.length,
      output,
      outputPosition,
      maxSize,
    );
    if (result !== lzmaResult.ok) throw new DamagedBlock(describeResult(result));
    const after = new DataView(lzma.memory.buffer);
    if (after.getUint32(inputPosition, true) !== block.length)
      throw new DamagedBlock('something follows its xz data');
    const bytes = new Uint8Array(lzma.memory.buffer, output, after.getUint32(outputPosition, true));
    return lifetime === 'own' ? bytes.slice() : bytes;
  };
}

function wasmFile(directory: string): string {
  return path.join(directory, 'liblzma.wasm');
}

function describeResult(result: number): string {
  switch (result) {
    case lzmaResult.memoryError:
    case lzmaResult.memoryLimitError:
      return 'its xz dictionary is far larger than a SquashFS block';
    case lzmaResult.formatError:
      return 'it is not xz data';
    case lzmaResult.optionsError:
      return 'its xz data uses a filter or check that is not supported';
    case lzmaResult.bufferError:
      return 'its xz data holds more than a block';
    default:
      return 'its xz data is damaged';
  }
}

/** Where parameters and blocks lie in the module's memory. */
interface Workspace {
  readonly input: number;
  readonly output: number;
  readonly inputPosition: number;
  readonly outputPosition: number;
  readonly memoryLimit: number;
  readonly options: number;
  readonly filters: number;
}

const workspaces = new WeakMap<Liblzma, Workspace>();

/** Encoder and decoder share one: a call ends before the next begins. */
function workspaceOf(lzma: Liblzma): Workspace {
  let workspace = workspaces.get(lzma);
  if (workspace === undefined) {
    workspace = {
      input: lzma.malloc(bufferSize),
      output: lzma.malloc(bufferSize),
      inputPosition: lzma.malloc(4),
      outputPosition: lzma.malloc(4),
      memoryLimit: lzma.malloc(8),
      options: lzma.malloc(optionsStruct.size),
      filters: lzma.malloc(mostFilters * filterSize),
    };
    workspaces.set(lzma, workspace);
  }
  return workspace;
}
