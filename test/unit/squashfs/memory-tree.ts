import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ByteString } from '../../../src/core/bytes/byte-string';
import { silentJob } from '../../../src/core/job';
import {
  type Attributes,
  type Directory,
  type FileContent,
  type Hashed,
  type Node,
  noXattrs,
  type RegularFile,
} from '../../../src/core/rootfs/tree';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import type { SquashfsFormat } from '../../../src/core/squashfs/compression';
import { type SquashfsSource, type WriteOptions, writeSquashfs } from '../../../src/core/squashfs/writer';
import { codecDirectory } from './sample';

/** Bytes that a test makes when they are asked for. */
export interface MemoryContent extends Hashed {
  readonly chunks: () => Iterable<Uint8Array>;
}

const defaults: Attributes = { mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, xattrs: noXattrs };

const attributesOf = (mode: number, some: Partial<Attributes>): Attributes => ({
  ...defaults,
  mode,
  ...some,
});

export const file = (
  bytes: Uint8Array | string,
  attributes: Partial<Attributes> = {},
): RegularFile<MemoryContent> => {
  const content = Buffer.from(bytes);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return {
    kind: 'file',
    attributes: attributesOf(0o644, attributes),
    size: content.length,
    content: { sha256, chunks: () => [content] },
  };
};

export const directory = (
  children: Readonly<Record<ByteString, Node<MemoryContent>>>,
  attributes: Partial<Attributes> = {},
): Directory<MemoryContent> => ({
  kind: 'directory',
  attributes: attributesOf(0o755, attributes),
  children: new Map(Object.entries(children)),
});

export const symlink = (target: ByteString, attributes: Partial<Attributes> = {}): Node<MemoryContent> => ({
  kind: 'symlink',
  attributes: attributesOf(0o777, attributes),
  target,
});

export const device = (
  kind: 'char' | 'block',
  major: number,
  minor: number,
  attributes: Partial<Attributes> = {},
): Node<MemoryContent> => ({ kind, attributes: attributesOf(0o644, attributes), major, minor });

export const special = (
  kind: 'fifo' | 'socket',
  attributes: Partial<Attributes> = {},
): Node<MemoryContent> => ({ kind, attributes: attributesOf(0o644, attributes) });

/** The same bytes every time, and nothing that a compressor could make smaller. */
export function noise(length: number, seed = 'noise'): Buffer {
  const chunks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(chunks).subarray(0, length);
}

/** Bytes that compress well, no two lines of them equal. */
export function text(length: number, seed = 'line'): Buffer {
  const lines = Array.from({ length: Math.ceil(length / 8) }, (_, index) => `${seed} ${index}\n`);
  return Buffer.from(lines.join('')).subarray(0, length);
}

/** Gives the files in the order asked. */
export function sourceOf(root: Directory<MemoryContent>): SquashfsSource<MemoryContent> {
  return {
    root,
    inReadingOrder: (files) => files,
    async *contents(wanted) {
      for (const one of wanted) yield await Promise.resolve(contentOf(one));
    },
  };
}

export function contentOf(
  wanted: RegularFile<MemoryContent>,
  chunks: Iterable<Uint8Array> = wanted.content.chunks(),
): FileContent<MemoryContent> {
  return { file: wanted, chunks: asyncChunks(chunks) };
}

async function* asyncChunks(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

export const smallXz: SquashfsFormat = { compression: { compressor: 'xz' }, blockSize: 4096 };

/** A folder and threads to write with; to be closed when the tests are done. */
export class WriterBench {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'squashfs-writer-'));
  readonly pool = new CodecPool({ directory: codecDirectory, workers: 2 });
  #files = 0;

  /** A path that nothing has been written to. */
  newFile(): string {
    return path.join(this.folder, `${++this.#files}.squashfs`);
  }

  async write(
    root: Directory<MemoryContent>,
    options?: Partial<WriteOptions>,
  ): Promise<{ readonly file: string; readonly size: number }> {
    return this.writeFrom(sourceOf(root), options);
  }

  async writeFrom<C extends Hashed>(
    source: SquashfsSource<C>,
    options: Partial<WriteOptions> = {},
  ): Promise<{ readonly file: string; readonly size: number }> {
    const target = this.newFile();
    const size = await writeSquashfs(target, source, {
      format: smallXz,
      time: 1_700_000_001,
      pool: this.pool,
      job: silentJob(),
      ...options,
    });
    return { file: target, size };
  }

  async close(): Promise<void> {
    await this.pool.close();
    rmSync(this.folder, { recursive: true });
  }
}
