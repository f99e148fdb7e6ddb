import { DamagedBlock, type Decode, type Encode, type Lifetime } from './codec';
import { largestBlockSize } from './format';
import { type Libzstd, loadLibzstd } from './libzstd';

/** One frame without a checksum, its window no larger than the block: what mksquashfs writes and the kernel wants. */
export async function loadZstdEncoder(level: number): Promise<Encode> {
  if (!Number.isInteger(level) || level < 1 || level > 22) throw new RangeError(`zstd level ${level}`);
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

export async function loadZstdDecoder(lifetime: Lifetime): Promise<Decode> {
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
