import type { Job } from '../../job';
import { type Hashed, type RegularFile, regularFiles } from '../../rootfs/tree';
import type { BlockContent } from '../block-content';
import type { Block } from '../data-blocks';
import { contentKey, type PackedBlocks } from '../packed-blocks';
import type { BlockCompressor } from './block-compressor';
import { BlockQueue } from './block-queue';
import { IncomingContents, type SquashfsSource } from './incoming-contents';
import { layOut, type Piece } from './layout';
import type { OutputFile } from './output-file';

/** Where a file's bytes lie, and how many of them are zeros in whole blocks, which lie nowhere. */
export interface StoredContent extends BlockContent {
  readonly holeBytes: number;
}

export interface StoredContents {
  /** @throws Error when the file is not one of the tree that was written. */
  of(file: RegularFile<Hashed>): StoredContent;
  readonly fragments: readonly Block[];
}

/**
 * Writes the files' bytes in the source's reading order; files with equal bytes once.
 * @param ready blocks that needn't be made anew; the result is the same without.
 * @throws Problem when the source gives other files or other amounts of bytes than were asked for.
 */
export async function writeContents<C extends Hashed>(
  source: SquashfsSource<C>,
  output: OutputFile,
  compressor: BlockCompressor,
  ready: PackedBlocks | undefined,
  job: Job,
): Promise<StoredContents> {
  const pieces = layOut(source.inReadingOrder(distinctFiles(source.root)), compressor.blockSize);
  const wanted = source.inReadingOrder(pieces.filter((piece) => !isReady(piece, ready)).flatMap(filesOf));
  const incoming = new IncomingContents(source, wanted, compressor.blockSize, compressor.signal);
  try {
    const writer = new PieceWriter(incoming, output, compressor, ready);
    const total = pieces.flatMap(filesOf).reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const piece of pieces) {
      compressor.signal.throwIfAborted();
      await writer.write(piece, (bytes) => job.progress('compress', (done += bytes), total));
    }
    await incoming.end();
    return await writer.end();
  } finally {
    await incoming.close();
  }
}

/** Of all files with the same bytes the first, in the order of their paths; files without any are left out. */
function distinctFiles<C extends Hashed>(root: SquashfsSource<C>['root']): RegularFile<C>[] {
  const distinct = new Map<string, RegularFile<C>>();
  for (const file of regularFiles(root)) {
    const key = contentKey(file);
    if (file.size > 0 && !distinct.has(key)) distinct.set(key, file);
  }
  return [...distinct.values()];
}

function filesOf<C extends Hashed>(piece: Piece<C>): readonly RegularFile<C>[] {
  return piece.kind === 'shared-block' ? piece.files : [piece.file];
}

function isReady(piece: Piece<Hashed>, ready: PackedBlocks | undefined): boolean {
  switch (piece.kind) {
    case 'hole':
      return true;
    case 'own-blocks':
      return ready?.ownBlocks(piece.file) !== undefined;
    case 'shared-block':
      return ready?.sharedBlock(piece.files) !== undefined;
  }
}

/** Hears how many more of the contents' bytes are done. */
type OnBytes = (bytes: number) => void;

class PieceWriter<C extends Hashed> {
  readonly #incoming: IncomingContents<C>;
  readonly #compressor: BlockCompressor;
  readonly #ready: PackedBlocks | undefined;
  readonly #queue: BlockQueue;
  readonly #zeros: Buffer;
  readonly #stored = new Map<string, StoredContent>();
  readonly #fragments: Block[] = [];
  #sharedBlocks = 0;

  constructor(
    incoming: IncomingContents<C>,
    output: OutputFile,
    compressor: BlockCompressor,
    ready: PackedBlocks | undefined,
  ) {
    this.#incoming = incoming;
    this.#compressor = compressor;
    this.#ready = ready;
    this.#queue = new BlockQueue(compressor.parallelBlocks, output, compressor.signal);
    this.#zeros = Buffer.alloc(compressor.blockSize);
  }

  async write(piece: Piece<C>, onBytes: OnBytes): Promise<void> {
    switch (piece.kind) {
      case 'hole':
        this.#keep(piece.file, { ...noContent, blockSizes: new Uint32Array(1), holeBytes: piece.file.size });
        onBytes(piece.file.size);
        return;
      case 'own-blocks':
        return this.#writeOwnBlocks(piece.file, onBytes);
      case 'shared-block':
        return this.#writeSharedBlock(piece.files, onBytes);
    }
  }

  async end(): Promise<StoredContents> {
    await this.#queue.drain();
    return {
      of: (file) => {
        const content = file.size === 0 ? noContent : this.#stored.get(contentKey(file));
        if (content === undefined) throw new Error('writeContents: a file of another tree');
        return content;
      },
      fragments: this.#fragments,
    };
  }

  async #writeOwnBlocks(file: RegularFile<C>, onBytes: OnBytes): Promise<void> {
    const { blockSize } = this.#compressor;
    const blockSizes = new Uint32Array(Math.ceil(file.size / blockSize));
    const content: Mutable<StoredContent> = { ...noContent, blockSizes };
    this.#keep(file, content);

    let index = 0;
    let started = false;
    const onWritten = (here: number, length: number) => (block: Block) => {
      if (!started) content.start = block.position;
      started = true;
      blockSizes[here] = block.sizeField;
      onBytes(length);
    };
    const skip = (length: number) => {
      content.holeBytes += length;
      onBytes(length);
    };
    const ready = this.#ready?.ownBlocks(file);
    if (ready !== undefined) {
      for (const { length, read } of ready) {
        const here = index++;
        if (read === undefined) skip(length);
        else await this.#queue.addReady(read, onWritten(here, length));
      }
      return;
    }
    for await (const block of this.#incoming.blocksOf(file)) {
      const here = index++;
      const { length } = block;
      if (block.equals(this.#zeros.subarray(0, length))) skip(length);
      else await this.#queue.add(this.#compressor.pack(block), onWritten(here, length));
    }
  }

  async #writeSharedBlock(files: readonly RegularFile<C>[], onBytes: OnBytes): Promise<void> {
    const index = this.#sharedBlocks++;
    let offset = 0;
    for (const file of files) {
      this.#keep(file, { ...noContent, fragment: { index, offset } });
      offset += file.size;
    }
    const length = offset;
    // The queue answers in the order asked, so the table grows in the order of its indexes.
    const onWritten = (block: Block) => {
      this.#fragments.push(block);
      onBytes(length);
    };
    const ready = this.#ready?.sharedBlock(files);
    if (ready !== undefined) await this.#queue.addReady(ready, onWritten);
    else await this.#queue.add(this.#compressor.pack(await this.#bytesOf(files)), onWritten);
  }

  async #bytesOf(files: readonly RegularFile<C>[]): Promise<Buffer> {
    const contents: Buffer[] = [];
    for (const file of files) contents.push(await this.#incoming.bytesOf(file));
    return Buffer.concat(contents);
  }

  #keep(file: RegularFile<C>, content: StoredContent): void {
    this.#stored.set(contentKey(file), content);
  }
}

/** While it is being written. */
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const noContent: StoredContent = {
  start: 0,
  blockSizes: new Uint32Array(0),
  fragment: undefined,
  holeBytes: 0,
};
