import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { byteStringToText } from '../../../src/core/bytes/byte-string';
import { silentJob } from '../../../src/core/job';
import { type Directory, type Node, nodeAt, walk } from '../../../src/core/rootfs/tree';
import { type BlockContent, SquashfsReader } from '../../../src/core/squashfs/reader';

/** Where the build puts codec-worker.js and liblzma.wasm. */
export const codecDirectory = path.resolve('dist');

/** The same tree five times; test/fixtures/squashfs/make.sh made them. `stored` has nothing compressed. */
export const samples = ['xz', 'gzip', 'zstd', 'lz4', 'stored'] as const;
export type Sample = (typeof samples)[number];

export const sampleFile = (sample: Sample) =>
  path.resolve(`test/fixtures/squashfs/sample-${sample}.squashfs`);

export const numbers = Buffer.from(Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join(''));

/** Opens a file, hands the reader to `use`, and closes it whatever happens. */
export async function withReader<T>(file: string, use: (reader: SquashfsReader) => Promise<T>): Promise<T> {
  const reader = await SquashfsReader.open(file, codecDirectory);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** Opens what `change` makes of a sample's bytes, from a file of its own. */
export async function withChanged<T>(
  sample: Sample,
  change: (bytes: Buffer) => Buffer,
  use: (reader: SquashfsReader, file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'squashfs-'));
  try {
    const file = path.join(folder, 'changed.squashfs');
    await writeFile(file, change(await readFile(sampleFile(sample))));
    return await withReader(file, (reader) => use(reader, file));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function contentOf(
  reader: SquashfsReader,
  node: Node<BlockContent> | undefined,
  range?: { start: number; end: number },
): Promise<Buffer> {
  if (node?.kind !== 'file') throw new Error('not a file');
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.read(node, silentJob(), range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function readEverything(reader: SquashfsReader): Promise<void> {
  for (const [, node] of walk(await reader.readTree(silentJob()))) {
    if (node.kind === 'file') await contentOf(reader, node);
  }
}

export const fileAt = (root: Directory<BlockContent>, filePath: string) => {
  const node = nodeAt(root, filePath);
  if (node?.kind !== 'file') throw new Error(`${filePath} is not a file`);
  return node;
};

/** `-4755 0:0 usr/bin/numbers (8893) user.x=...`: one line for each entry, as `ls` would have it. */
export function listing(root: Directory<BlockContent>): string[] {
  const letters = { file: '-', directory: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p', socket: 's' };
  const detail = (node: Node<BlockContent>) => {
    switch (node.kind) {
      case 'file':
        return ` (${node.size})`;
      case 'symlink':
        return ` -> ${node.target}`;
      case 'char':
      case 'block':
        return ` (${node.major}:${node.minor})`;
      case 'directory':
      case 'fifo':
      case 'socket':
        return '';
    }
  };
  return [['', root] as const, ...walk(root)].map(([name, node]) => {
    const { mode, uid, gid, xattrs } = node.attributes;
    const attributes = [...xattrs].map(
      ([key, value]) => ` ${key}=${value.length > 20 ? value.length : value.toString('latin1')}`,
    );
    const text = name.includes('\xff') ? JSON.stringify(name) : byteStringToText(name);
    return `${letters[node.kind]}${mode.toString(8)} ${uid}:${gid} /${text}${detail(node)}${attributes.join('')}`;
  });
}
