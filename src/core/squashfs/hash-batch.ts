import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { BlockContent } from './block-content';
import type { Decode } from './compressors/compressor';
import {
  type Block,
  blockRuns,
  type BlockSource,
  longestRun,
  storedSize,
  tailInFragment,
  unpackDataBlock,
  unpackFragment,
} from './data-blocks';
import type { Compressor } from './format';
import { endsEarly, requireVersion, unreadable } from './source-file';
import { type ThreadStop, throwIfStopped } from './thread-stop';

/** Files of one SquashFS file for a worker thread to hash; those that share a fragment block lie side by side. */
export interface HashBatch {
  readonly source: BlockSource;
  /** Of the reader that the files are from. */
  readonly version: string;
  readonly compressor: Compressor;
  readonly files: readonly FileToHash[];
  readonly stop: ThreadStop;
}

export interface FileToHash {
  readonly size: number;
  readonly content: BlockContent;
  /** Where the content's fragment lies, if it has one. */
  readonly fragmentBlock: Block | undefined;
}

const bytesBetweenReports = 4 << 20;

/**
 * The sha256 (hex) of each file, in order. Opens the SquashFS file by itself, and reads it synchronously; what lies there by
 * then must be what the reader has, whose tree says where the files are.
 * @param decode may answer with bytes that are valid only until it is called again.
 */
export function hashBatch(batch: HashBatch, decode: Decode, onProgress: (bytes: number) => void): string[] {
  const { path } = batch.source;
  const descriptor = readable(path, () => openSync(path, 'r'));
  try {
    const hashes = new BatchHashing(batch, descriptor, decode, onProgress).run();
    const found = readable(path, () => fstatSync(descriptor, { bigint: true }));
    requireVersion(path, found, batch.version);
    return hashes;
  } finally {
    closeSync(descriptor);
  }
}

/** What `operation` gives, or a `Problem` of what the system says. */
function readable<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Bytes to work in that are used again: thousands of buffers would be let go of much later than they are done with. */
class Scratch {
  #bytes = Buffer.alloc(0);

  /** @param room what later calls are likely to want. */
  constructor(private readonly room: number) {}

  /** `length` bytes, valid until the next call. */
  take(length: number): Buffer {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, this.room));
    return this.#bytes.subarray(0, length);
  }
}

/** Shared by all batches of a thread: each is done in one go. */
const storedBytes = new Scratch(longestRun);
const fragmentBytes = new Scratch(0);

class BatchHashing {
  readonly #batch: HashBatch;
  readonly #descriptor: number;
  readonly #decode: Decode;
  readonly #onProgress: (bytes: number) => void;
  #unreported = 0;
  #fragment: { readonly position: number; readonly bytes: Uint8Array } | undefined;

  constructor(batch: HashBatch, descriptor: number, decode: Decode, onProgress: (bytes: number) => void) {
    this.#batch = batch;
    this.#descriptor = descriptor;
    this.#decode = decode;
    this.#onProgress = onProgress;
  }

  run(): string[] {
    const hashes = this.#batch.files.map((file) => this.#hashFile(file));
    this.#onProgress(this.#unreported);
    return hashes;
  }

  #hashFile(file: FileToHash): string {
    const hash = createHash('sha256');
    const { source } = this.#batch;
    for (const run of blockRuns(source, file.content, file.size)) {
      const stored = this.#read(run.position, run.size);
      for (const block of run.blocks) {
        const at = block.position - run.position;
        const bytes = stored.subarray(at, at + storedSize(block.sizeField));
        this.#update(hash, unpackDataBlock(source, block, bytes, this.#decode));
      }
    }
    const { fragment } = file.content;
    if (fragment !== undefined && file.fragmentBlock !== undefined) {
      const bytes = this.#fragmentBytes(file.fragmentBlock);
      this.#update(hash, tailInFragment(source, bytes, fragment.offset, file.size % source.blockSize));
    }
    return hash.digest('hex');
  }

  #update(hash: Hash, bytes: Uint8Array): void {
    throwIfStopped(this.#batch.stop);
    hash.update(bytes);
    this.#unreported += bytes.length;
    if (this.#unreported < bytesBetweenReports) return;
    this.#onProgress(this.#unreported);
    this.#unreported = 0;
  }

  /** Keeps the last one: the next file's bytes are likely in it, too. */
  #fragmentBytes(block: Block): Uint8Array {
    if (this.#fragment?.position !== block.position) {
      const stored = this.#read(block.position, storedSize(block.sizeField));
      const unpacked = unpackFragment(this.#batch.source, block, stored, this.#decode);
      const bytes = fragmentBytes.take(unpacked.length);
      bytes.set(unpacked);
      this.#fragment = { position: block.position, bytes };
    }
    return this.#fragment.bytes;
  }

  /** Valid until the next is read. */
  #read(position: number, length: number): Uint8Array {
    const { path } = this.#batch.source;
    const bytes = storedBytes.take(length);
    for (let done = 0; done < length;) {
      const bytesRead = readable(path, () =>
        readSync(this.#descriptor, bytes, done, length - done, position + done),
      );
      if (bytesRead === 0) throw endsEarly(path, position + done, length - done);
      done += bytesRead;
    }
    return bytes;
  }
}
