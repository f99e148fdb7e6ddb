import { LoadedOnce } from '../../loaded-once';
import { Problem } from '../../problem';
import { largestBlockSize } from '../format';
import { DamagedBlock, type Decode, type Encode, type Lifetime, type WritableCompressor } from './compressor';
import { levels } from './levels';

interface ZstdCompression {
  readonly compressor: 'zstd';
  /** 1 to 22. */
  readonly level: number;
}

const highestLevel = 22;
const usualLevel = 15;

export const zstd: WritableCompressor<ZstdCompression> = {
  name: 'zstd',
  encoder: '@hpcc-js/wasm-zstd@1.12.5',
  loadEncoder: ({ level }) => loadEncoder(level),
  loadDecoder: (_, lifetime) => loadDecoder(lifetime),
  writeOptions({ level }) {
    if (level === usualLevel) return undefined;
    const options = Buffer.alloc(4);
    options.writeUInt32LE(level, 0);
    return options;
  },
  ...levels('zstd', highestLevel, usualLevel),
};

/** One frame without a checksum, its window no larger than the block: what mksquashfs writes and the kernel wants. */
async function loadEncoder(level: number): Promise<Encode> {
  if (!Number.isInteger(level) || level < 1 || level > highestLevel)
    throw new RangeError(`zstd level ${level}`);
  const library = await loadLibzstd();
  const { input, output, capacity } = workspaceOf(library);
  return (block) => {
    if (block.length > largestBlockSize) throw new RangeError(`a block of ${block.length} bytes`);
    library.HEAPU8.set(block, input);
    const size = library.zstd.compress(output, capacity, input, block.length, level);
    if (library.zstd.isError(size)) throw new Error(`ZSTD_compress: ${library.zstd.getErrorName(size)}`);
    return size < block.length ? library.HEAPU8.slice(output, output + size) : undefined;
  };
}

async function loadDecoder(lifetime: Lifetime): Promise<Decode> {
  const library = await loadLibzstd();
  const { input, output, capacity } = workspaceOf(library);
  return (block, maxSize) => {
    if (block.length > capacity || maxSize > capacity)
      throw new RangeError('a block larger than blocks can be');
    // For libzstd nothing is a frame, of nothing.
    if (block.length === 0) throw new DamagedBlock('it has no zstd data');
    library.HEAPU8.set(block, input);
    const size = library.zstd.decompress(output, maxSize, input, block.length);
    if (library.zstd.isError(size)) {
      throw new DamagedBlock(`its zstd data is damaged (${library.zstd.getErrorName(size)})`);
    }
    const bytes = library.HEAPU8.subarray(output, output + size);
    return lifetime === 'own' ? bytes.slice() : bytes;
  };
}

/** Where blocks lie in the module's memory. */
interface Workspace {
  readonly input: number;
  readonly output: number;
  /** Of both: the largest block, even when it gets larger. */
  readonly capacity: number;
}

const workspaces = new WeakMap<Libzstd, Workspace>();

/** Encoder and decoder share one: a call ends before the next begins. */
function workspaceOf(library: Libzstd): Workspace {
  let workspace = workspaces.get(library);
  if (workspace === undefined) {
    const capacity = library.zstd.compressBound(largestBlockSize);
    workspace = { input: library._malloc(capacity), output: library._malloc(capacity), capacity };
    workspaces.set(library, workspace);
  }
  return workspace;
}

/** The C functions of libzstd (zstd.h) that are needed here: pointers and sizes are numbers. */
interface Libzstd {
  /** The module's memory; to be looked at anew after each call, which may have moved it. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  readonly zstd: {
    compress(output: number, capacity: number, input: number, size: number, level: number): number;
    decompress(output: number, capacity: number, input: number, size: number): number;
    isError(result: number): boolean;
    getErrorName(result: number): string;
    compressBound(size: number): number;
  };
}

const loaded = new LoadedOnce<Libzstd>();

/**
 * The module inside `@hpcc-js/wasm-zstd`. Its public functions won't do: they decompress to whatever size the data
 * claims, and copy results through an array of numbers, which takes longer by far than zstd itself (1.12.5). Since they
 * are private fields, package.json pins the package to one version.
 */
function loadLibzstd(): Promise<Libzstd> {
  return loaded.get('libzstd', load);
}

async function load(): Promise<Libzstd> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const library = field(field(await Zstd.load(), '_mainModule'), '_module');
  if (!isLibzstd(library)) {
    throw new Problem({
      doing: 'loading the zstd compressor',
      found: 'it lacks the functions of @hpcc-js/wasm-zstd 1.12.5',
      remedy: 'Install the program again; a part of it is missing or damaged',
    });
  }
  return library;
}

function field(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? Reflect.get(value, name) : undefined;
}

function isLibzstd(value: unknown): value is Libzstd {
  const functions = ['compress', 'decompress', 'isError', 'getErrorName', 'compressBound'];
  return (
    field(value, 'HEAPU8') instanceof Uint8Array &&
    typeof field(value, '_malloc') === 'function' &&
    functions.every((name) => typeof field(field(value, 'zstd'), name) === 'function')
  );
}
