import type { Job } from '../job';
import type { Directory, RegularFile } from '../rootfs/tree';
import type { BlockContent } from './block-content';
import { loadDecoder, type Packing, readPacking, type SquashfsFormat } from './compression';
import type { Decode } from './compressors/compressor';
import {
  type Block,
  type BlockRun,
  blockRuns,
  type BlockSource,
  checkedBlock,
  storedSize,
  tailInFragment,
  unpackDataBlock,
  unpackFragment,
} from './data-blocks';
import { FragmentTable } from './fragment-table';
import { readMetadataTables } from './metadata-tables';
import { readSuperblock, requireMountable } from './read-superblock';
import { lazyTree, readTree } from './read-tree';
import { SourceFile } from './source-file';
import type { Superblock } from './superblock';

export type { BlockContent } from './block-content';

/** Bytes `start` to before `end` of a file; as `Array.prototype.slice` has them, but not negative. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * An open SquashFS file. Everything it throws is a `Problem` that names the file and what is wrong with it, or the
 * reason of the job's signal; a damaged or hostile file costs bounded time and memory. Close it when done.
 */
export class SquashfsReader implements AsyncDisposable {
  /** Compressor, sizes, counts and times, for people and for those who write a file like it. */
  readonly superblock: Superblock;
  /** How to write a file like this one: as it is compressed itself, or with xz where that can't be written here. */
  readonly format: SquashfsFormat;
  /** What `format` lacks of how this one was packed: filters of xz, as mksquashfs calls them. */
  readonly unwritableFilters: readonly string[];
  readonly #source: SourceFile;
  readonly #decode: Decode;
  #fragments: Promise<FragmentTable> | undefined;
  #lastFragment: { readonly index: number; readonly bytes: Promise<Uint8Array> } | undefined;

  private constructor(source: SourceFile, superblock: Superblock, packing: Packing, decode: Decode) {
    this.#source = source;
    this.superblock = superblock;
    this.format = { compression: packing.compression, blockSize: superblock.blockSize };
    this.unwritableFilters = packing.unwritableFilters;
    this.#decode = decode;
  }

  /** `directory` is the folder that holds `liblzma.wasm`. */
  static async open(path: string, directory: string): Promise<SquashfsReader> {
    const source = await SourceFile.open(path);
    try {
      const superblock = await readSuperblock(source);
      const decode = await loadDecoder(superblock.compressor, directory, `reading ${path}`);
      const packing = await readPacking(source, superblock);
      return new SquashfsReader(source, superblock, packing, decode);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get path(): string {
    return this.#source.path;
  }

  /** The file's own length in bytes, with what follows the file system. */
  get size(): number {
    return this.#source.size;
  }

  /** When the file was last written, in milliseconds since 1970. */
  get modified(): number {
    return this.#source.modified;
  }

  /** Two readers of the same version read the same bytes: what was learned from one holds for the other. */
  get version(): string {
    return this.#source.version;
  }

  /** @throws Problem when no kernel mounts the file, though all of it can be read. */
  requireMountable(): void {
    requireMountable(this.#source, this.superblock);
  }

  /** @throws Problem when another file, or another content, has this path by now. */
  async requireSame(): Promise<void> {
    await this.#source.requireSame();
  }

  /** All that is known of the file's blocks, for those who read them by themselves. */
  get blockSource(): BlockSource {
    const { blockSize, bytesUsed } = this.superblock;
    return { path: this.path, blockSize, bytesUsed };
  }

  /** The whole tree; hard links are names of one and the same node. */
  async readTree(job: Job): Promise<Directory<BlockContent>> {
    job.signal.throwIfAborted();
    const tables = await readMetadataTables(this.#source, this.superblock, this.#decode);
    return readTree(this.path, this.superblock, tables, job);
  }

  /** The same, each directory read when somebody looks into it; what is wrong with it is thrown then. */
  async lazyTree(): Promise<Directory<BlockContent>> {
    const tables = await readMetadataTables(this.#source, this.superblock, this.#decode);
    return lazyTree(this.path, this.superblock, tables);
  }

  /**
   * The bytes of a file of this reader's tree, or of a range of it, holes as zeros. Memory stays the same whatever the
   * file's size, and a range costs what its own blocks cost.
   */
  async *read(
    file: RegularFile<BlockContent>,
    job: Job,
    range?: ByteRange,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const source = this.blockSource;
    const { blockSize } = source;
    const { blockSizes, fragment } = file.content;
    const start = Math.max(0, range?.start ?? 0);
    const end = Math.min(file.size, range?.end ?? file.size);
    if (start >= end) return;

    let position = Math.min(Math.floor(start / blockSize), blockSizes.length) * blockSize;
    const lastBlock = Math.min(Math.ceil(end / blockSize), blockSizes.length);
    for (const run of blockRuns(source, file.content, file.size, position / blockSize, lastBlock)) {
      job.signal.throwIfAborted();
      const stored = await this.storedRun(run);
      for (const block of run.blocks) {
        const at = block.position - run.position;
        const bytes = unpackDataBlock(
          source,
          block,
          stored.subarray(at, at + storedSize(block.sizeField)),
          this.#decode,
        );
        yield bytes.subarray(Math.max(0, start - position), end - position);
        position += block.length;
      }
    }
    if (fragment !== undefined && position < end) {
      job.signal.throwIfAborted();
      const bytes = await this.#fragmentBytes(fragment.index);
      const tail = tailInFragment(source, bytes, fragment.offset, file.size - position);
      // A copy: the fragment is kept, and what is yielded is the caller's own.
      yield new Uint8Array(tail.subarray(Math.max(0, start - position), end - position));
    }
  }

  /** A block's bytes as they lie there, compressed or not. */
  async storedBytes(block: Block): Promise<Uint8Array> {
    return this.#source.read(block.position, storedSize(checkedBlock(this.blockSource, block).sizeField));
  }

  /** The bytes of blocks that lie side by side, of a file of this reader's tree. */
  async storedRun({ position, size }: BlockRun): Promise<Uint8Array> {
    return this.#source.read(position, size);
  }

  /** Where the fragment blocks lie. Read when first asked for: a tree doesn't need it. */
  async fragmentTable(): Promise<FragmentTable> {
    this.#fragments ??= FragmentTable.read(this.#source, this.superblock, this.#decode);
    return this.#fragments;
  }

  /** Keeps the last one: small files that are read one after the other lie in it side by side. */
  #fragmentBytes(index: number): Promise<Uint8Array> {
    if (this.#lastFragment?.index !== index) {
      this.#lastFragment = { index, bytes: this.#readFragment(index) };
    }
    return this.#lastFragment.bytes;
  }

  async #readFragment(index: number): Promise<Uint8Array> {
    const block = (await this.fragmentTable()).get(index);
    const stored = await this.storedBytes(block);
    return unpackFragment(this.blockSource, block, stored, this.#decode);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}
