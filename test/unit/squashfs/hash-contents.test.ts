import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, rename } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { type Directory, type RegularFile, walk } from '../../../src/core/rootfs/tree';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { hashContents } from '../../../src/core/squashfs/hash-contents';
import type { BlockContent } from '../../../src/core/squashfs/reader';
import {
  codecDirectory,
  contentOf,
  fileAt,
  numbers,
  sampleFile,
  samples,
  withChanged,
  withReader,
} from './sample';

const regularFiles = (root: Directory<BlockContent>): RegularFile<BlockContent>[] =>
  [...walk(root)].map(([, node]) => node).filter((node) => node.kind === 'file');

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('hashContents', () => {
  const pool = new CodecPool({ directory: codecDirectory, workers: 2 });
  after(() => pool.close());

  for (const sample of samples) {
    it(`hashes what the reader reads: ${sample}`, async () => {
      await withReader(sampleFile(sample), async (reader) => {
        const files = regularFiles(await reader.readTree(silentJob()));
        const hashes = await hashContents(reader, files, pool, silentJob());
        assert.equal(hashes.size, new Set(files).size);
        for (const file of files) assert.equal(hashes.get(file), sha256(await contentOf(reader, file)));
      });
    });
  }

  it('hashes the files it is asked for', async () => {
    await withReader(sampleFile('xz'), async (reader) => {
      const root = await reader.readTree(silentJob());
      const file = fileAt(root, 'usr/bin/numbers');
      const expected = new Map([[file, sha256(numbers)]]);
      assert.deepEqual(await hashContents(reader, [file], pool, silentJob()), expected);
      assert.deepEqual(await hashContents(reader, [], pool, silentJob()), new Map());
    });
  });

  it('reports the bytes it has done, up to all of them', async () => {
    await withReader(sampleFile('xz'), async (reader) => {
      const files = [...new Set(regularFiles(await reader.readTree(silentJob())))];
      const reports: [string, number, number | undefined][] = [];
      const job = {
        ...silentJob(),
        progress: (...report: [string, number, number | undefined]) => void reports.push(report),
      };
      await hashContents(reader, files, pool, job);
      const total = files.reduce((sum, { size }) => sum + size, 0);
      assert.deepEqual(reports.at(-1), ['compare', total, total]);
    });
  });

  it('stops when it is told to', async () => {
    await withReader(sampleFile('xz'), async (reader) => {
      const files = regularFiles(await reader.readTree(silentJob()));
      const controller = new AbortController();
      const job = { ...silentJob(), signal: controller.signal };
      const hashing = hashContents(reader, files, pool, job);
      controller.abort();
      await assert.rejects(hashing, { name: 'AbortError' });
      await assert.rejects(hashContents(reader, files, pool, job), { name: 'AbortError' });
    });
  });

  it('says so when the file is no longer there', { skip: process.platform === 'win32' }, async () => {
    const unchanged = (bytes: Buffer) => bytes;
    await withChanged('xz', unchanged, async (reader, file) => {
      const files = regularFiles(await reader.readTree(silentJob()));
      await rename(file, `${file}.moved`);
      await assert.rejects(hashContents(reader, files, pool, silentJob()), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.match(error.message, /reading .*changed\.squashfs: ENOENT/);
        return true;
      });
    });
  });

  it('refuses another file in its place, even one with the same bytes: who knows', async () => {
    const unchanged = (bytes: Buffer) => bytes;
    await withChanged('xz', unchanged, async (reader, file) => {
      const files = regularFiles(await reader.readTree(silentJob()));
      await reader.requireSame();
      await copyFile(file, `${file}.other`);
      await rename(`${file}.other`, file);
      await assert.rejects(hashContents(reader, files, pool, silentJob()), /changed or replaced while/);
      await assert.rejects(reader.requireSame(), /changed or replaced while/);
    });
  });

  it('says which file is damaged, and where', async () => {
    const overwriteFirstBlocks = (bytes: Buffer) => bytes.fill(0xaa, 97, 300);
    await withChanged('xz', overwriteFirstBlocks, async (reader, file) => {
      const files = regularFiles(await reader.readTree(silentJob()));
      await assert.rejects(hashContents(reader, files, pool, silentJob()), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.doing, `reading ${file}`);
        assert.match(error.found, /the block at byte \d+ can't be decompressed: /);
        return true;
      });
    });
  });
});
