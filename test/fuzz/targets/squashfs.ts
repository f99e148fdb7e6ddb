import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { regularFiles, walk, type RegularFile } from '../../../src/core/rootfs/tree';
import type { BlockContent } from '../../../src/core/squashfs/block-content';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { hashContents } from '../../../src/core/squashfs/hash-contents';
import { SquashfsReader } from '../../../src/core/squashfs/reader';
import type { Random } from '../../device-view/random';
import { hostileSquashfs, squashfsBombs } from '../hostile/squashfs';
import type { Target } from '../target';
import { varyBytes } from '../vary-bytes';

const codecs = path.resolve('dist');
const pool = new CodecPool({ directory: codecs, workers: 1 });

/** A few kilobytes can say that a file has terabytes of zeros. That is true, and nothing to wait for here. */
const mostBytes = 8 * 2 ** 20;

export const target: Target = {
  seeds: hostileSquashfs,
  bombs: squashfsBombs,
  vary(input, others, random) {
    return random.chance(0.4) ? varyBytes(input, others, random) : varyFields(input, random);
  },
  async read(input, folder, job) {
    const file = path.join(folder, 'root.squashfs');
    await writeFile(file, input);
    const reader = await SquashfsReader.open(file, codecs);
    try {
      const root = await reader.readTree(job);
      const names = [...walk(root)].map(([name]) => name);
      const escaping = names.find((name) => /(^|\/)(\.\.?)?(\/|$)/.test(name) && name !== '');
      if (escaping !== undefined) throw new Error(`the name ${JSON.stringify(escaping)} came through`);
      const files = smallOnes(regularFiles(root));
      const read = new Map<string, number>();
      for (const each of files) read.set(await sha256(reader, each, job), each.size);
      const hashed = await hashContents(reader, files, pool, job);
      for (const each of files) {
        const hash = hashed.get(each) ?? '';
        if (!read.has(hash)) throw new Error(`a file has one hash here and another in a thread (${hash})`);
      }
    } catch (error) {
      const isFromThread = error instanceof Problem && error.found.startsWith('the thread stopped');
      throw isFromThread ? new Error(error.message) : error;
    } finally {
      await reader.close();
    }
  },
  close: () => pool.close(),
};

function smallOnes(files: readonly RegularFile<BlockContent>[]): readonly RegularFile<BlockContent>[] {
  let total = 0;
  return files.filter(({ size }) => size <= mostBytes && (total += size) <= mostBytes);
}

async function sha256(reader: SquashfsReader, file: RegularFile<BlockContent>, job: Job): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of reader.read(file, job)) {
    hash.update(chunk);
    size += chunk.length;
  }
  if (size !== file.size) throw new Error(`a file of ${file.size} bytes was read as ${size}`);
  return hash.digest('hex');
}

/** Where the superblock has numbers, and how many bytes each of them takes. */
const superblockFields = [
  ...[4, 8, 12, 16].map((at) => [at, 4] as const),
  ...[20, 22, 24, 26].map((at) => [at, 2] as const),
  ...[32, 40, 48, 56, 64, 72, 80, 88].map((at) => [at, 8] as const),
];

/** Changes that keep the magic and mostly hit what the reader goes by: the superblock, and the tables at the end. */
function varyFields(input: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(input);
  if (bytes.length < 96) return bytes;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    if (random.chance(0.25)) {
      const [at, size] = random.pickFrom(superblockFields) ?? [4, 4];
      writeField(bytes, at, size, random);
    } else {
      const tables = Math.min(Number(bytes.readBigUInt64LE(64)), bytes.length - 8);
      const start = random.chance(0.9) ? tables : 96;
      const at = start + random.below(Math.max(1, bytes.length - start - 8));
      writeField(bytes, at, random.pick([1, 2, 2, 4, 4, 8]), random);
    }
  }
  return bytes;
}

function writeField(bytes: Buffer, at: number, size: 1 | 2 | 4 | 8, random: Random): void {
  const field = Buffer.alloc(8);
  bytes.copy(field, 0, at, at + size);
  const before = field.readBigUInt64LE();
  const after = random.pick([
    before + BigInt(random.below(17) - 8),
    before ^ (1n << BigInt(random.below(8 * size))),
    BigInt(random.below(bytes.length)),
    BigInt(random.below(64)),
    2n ** BigInt(random.below(8 * size)) - 1n,
  ]);
  field.writeBigUInt64LE(BigInt.asUintN(64, after));
  field.copy(bytes, at, 0, size);
}
