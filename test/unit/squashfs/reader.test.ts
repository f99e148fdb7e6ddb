import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { nodeAt } from '../../../src/core/rootfs/tree';
import { readUnwritableFilters, xz } from '../../../src/core/squashfs/compressors/xz';
import { contentOf, fileAt, listing, numbers, sampleFile, samples, withChanged, withReader } from './sample';

const capability = '\x01\x00\x00\x02\x00\x20' + '\0'.repeat(14);

const expectedListing = [
  'd755 0:0 /',
  'd755 0:0 /etc user.comment=of a folder',
  '-644 0:0 /etc/empty (0)',
  'd755 0:0 /etc/empty.d',
  '-644 1000:2000 /etc/motd (6)',
  '-644 0:0 /"etc/\xff\xfe" (15)',
  'd755 0:0 /links',
  '-644 1000:2000 /links/hard (6)',
  'l777 0:0 /links/soft -> ../etc/motd trusted.kind=\x00\xff',
  'd1777 0:0 /special',
  'b644 0:0 /special/block (259:70000) trusted.kind=\x00\xff',
  'c644 0:0 /special/char (4:65) trusted.kind=\x00\xff',
  'p644 0:0 /special/fifo trusted.kind=\x00\xff',
  's755 0:0 /special/socket trusted.kind=\x00\xff',
  'd755 0:0 /usr',
  'd755 0:0 /usr/bin',
  '-644 0:0 /usr/bin/holes (20003)',
  `-4755 0:0 /usr/bin/numbers (8893) security.capability=${capability}`,
  '-644 0:0 /usr/bin/two-blocks (8192) user.comment=of a file user.long=691',
  '-644 0:0 /usr/bin/zeros (300) user.long=691',
];

for (const sample of samples) {
  describe(`SquashfsReader on ${sample}`, () => {
    it('reads every kind of inode with its attributes', async () => {
      const root = await withReader(sampleFile(sample), (reader) => reader.readTree(silentJob()));
      const lines = listing(root).filter((line) => !line.includes('/many'));
      assert.deepEqual(lines, expectedListing);
      assert.equal(nodeAt(root, 'usr/bin/holes')?.attributes.mtime, 1_700_000_000);
    });

    it('reads folders of several runs of entries', async () => {
      const root = await withReader(sampleFile(sample), (reader) => reader.readTree(silentJob()));
      const many = nodeAt(root, 'many');
      assert.equal(many?.kind, 'directory');
      assert.deepEqual(
        new Set(many.children.keys()),
        new Set(Array.from({ length: 260 }, (_, index) => `file-${index + 1}`)),
      );
    });

    it('reads the same tree folder by folder', async () => {
      await withReader(sampleFile(sample), async (reader) => {
        const lazy = await reader.lazyTree();
        assert.deepEqual(listing(lazy), listing(await reader.readTree(silentJob())));
        assert.equal(nodeAt(lazy, 'etc/motd'), nodeAt(lazy, 'links/hard'));
      });
    });

    it('gives names of one inode the same node', async () => {
      const root = await withReader(sampleFile(sample), (reader) => reader.readTree(silentJob()));
      assert.equal(nodeAt(root, 'etc/motd'), nodeAt(root, 'links/hard'));
      assert.notEqual(nodeAt(root, 'many/file-1'), nodeAt(root, 'many/file-2'));
    });

    it('reads values that are kept elsewhere', async () => {
      const root = await withReader(sampleFile(sample), (reader) => reader.readTree(silentJob()));
      const value = (name: string) => nodeAt(root, name)?.attributes.xattrs.get('user.long')?.toString();
      const expected = Array.from({ length: 200 }, (_, index) => index + 1).join('\n');
      assert.equal(value('usr/bin/two-blocks'), expected);
      assert.equal(value('usr/bin/zeros'), expected);
    });

    it('reads blocks, tails in fragments and holes', async () => {
      await withReader(sampleFile(sample), async (reader) => {
        const root = await reader.readTree(silentJob());
        const content = (name: string) => contentOf(reader, nodeAt(root, name));
        assert.deepEqual(await content('etc/empty'), Buffer.alloc(0));
        assert.deepEqual(await content('etc/motd'), Buffer.from('hello\n'));
        assert.deepEqual(await content('usr/bin/numbers'), numbers);
        assert.deepEqual(await content('usr/bin/two-blocks'), numbers.subarray(0, 8192));
        assert.deepEqual(await content('usr/bin/holes'), Buffer.from('\0'.repeat(20000) + 'end'));
        for (const index of [1, 137, 260]) {
          assert.deepEqual(await content(`many/file-${index}`), Buffer.from(String(index)));
        }
      });
    });

    it('reads any range of a file', async () => {
      await withReader(sampleFile(sample), async (reader) => {
        const file = fileAt(await reader.readTree(silentJob()), 'usr/bin/numbers');
        const borders = [0, 1, 4095, 4096, 4097, 8192, 8193, file.size - 1, file.size, file.size + 100];
        for (const start of borders) {
          for (const end of borders) {
            const range = await contentOf(reader, file, { start, end });
            assert.deepEqual(range, numbers.subarray(start, Math.max(start, end)), `${start} to ${end}`);
          }
        }
      });
    });
  });
}

describe('SquashfsReader', () => {
  it('says what a file is, and how to write one like it', async () => {
    await withReader(sampleFile('xz'), ({ superblock, format }) => {
      assert.deepEqual(format, { compression: { compressor: 'xz' }, blockSize: 4096 });
      assert.equal(superblock.compressor, 'xz');
      assert.equal(superblock.blockSize, 4096);
      assert.equal(superblock.mkfsTime, 1_700_000_001);
      assert.equal(superblock.inodeCount, 280);
      return Promise.resolve();
    });
    const formatOf = (sample: 'gzip' | 'zstd' | 'lz4') =>
      withReader(sampleFile(sample), ({ format }) => Promise.resolve(format.compression));
    assert.deepEqual(await formatOf('gzip'), { compressor: 'gzip', level: 9 });
    assert.deepEqual(await formatOf('zstd'), { compressor: 'zstd', level: 15 });
    assert.deepEqual(await formatOf('lz4'), { compressor: 'xz' });
  });

  it('says with which filters of xz a file was packed', async () => {
    const packingOf = (file: string) =>
      withReader(file, ({ format, unwritableFilters }) =>
        Promise.resolve({ ...format.compression, unwritableFilters }),
      );
    assert.deepEqual(await packingOf(sampleFile('xz')), { compressor: 'xz', unwritableFilters: [] });
    assert.deepEqual(await packingOf(path.resolve('test/fixtures/squashfs/sample-x86.squashfs')), {
      compressor: 'xz',
      filters: ['x86'],
      unwritableFilters: [],
    });
    const options = Buffer.from('00000100e8000000', 'hex');
    assert.deepEqual(xz.readOptions(options), { compressor: 'xz', filters: ['arm', 'sparc', 'arm64'] });
    assert.deepEqual(readUnwritableFilters(options), ['riscv']);
    assert.deepEqual(xz.readOptions(options.subarray(0, 4)), { compressor: 'xz' });
    assert.deepEqual(readUnwritableFilters(options.subarray(0, 4)), []);
  });

  for (const sample of samples) {
    it(`yields bytes that are the caller's to change: ${sample}`, async () => {
      await withReader(sampleFile(sample), async (reader) => {
        const root = await reader.readTree(silentJob());
        for (const [name, content] of [
          ['etc/motd', Buffer.from('hello\n')],
          ['usr/bin/numbers', numbers],
        ] as const) {
          for await (const chunk of reader.read(fileAt(root, name), silentJob())) chunk.fill(0);
          assert.deepEqual(await contentOf(reader, nodeAt(root, name)), content);
        }
      });
    });
  }

  it('needs no fragment table for the tree, nor a fragment for whole blocks', async () => {
    const dropFragmentTable = (bytes: Buffer) => {
      bytes.writeBigUInt64LE(BigInt(bytes.length - 1), 80);
      return bytes;
    };
    await withChanged('stored', dropFragmentTable, async (reader) => {
      const root = await reader.readTree(silentJob());
      assert.deepEqual(
        await contentOf(reader, nodeAt(root, 'usr/bin/two-blocks')),
        numbers.subarray(0, 8192),
      );
      await assert.rejects(
        contentOf(reader, nodeAt(root, 'etc/motd')),
        /its fragment table of 1 entries reaches past/,
      );
    });
  });

  it('stops when it is told to', async () => {
    await withReader(sampleFile('stored'), async (reader) => {
      const root = await reader.readTree(silentJob());
      const stopped = { ...silentJob(), signal: AbortSignal.abort() };
      const reading = reader.read(fileAt(root, 'etc/motd'), stopped);
      await assert.rejects(reading.next(), { name: 'AbortError' });
      await assert.rejects(reader.readTree(stopped), { name: 'AbortError' });
    });
  });
});
