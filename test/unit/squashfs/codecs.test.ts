import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import {
  type Compression,
  encodingId,
  loadDecoder,
  loadEncoder,
} from '../../../src/core/squashfs/compression';
import { DamagedBlock, type Decode } from '../../../src/core/squashfs/compressors/compressor';
import { decodeLz4 } from '../../../src/core/squashfs/compressors/lz4';
import type { Compressor } from '../../../src/core/squashfs/format';
import { callsOf } from './machine-code';
import { codecDirectory, fileAt, numbers, sampleFile, withReader } from './sample';
import { readXzHeader, xzCheckCrc32 } from './xz-header';

const blockSize = 131072;
const encoderFor = (compression: Compression) => loadEncoder(compression, codecDirectory);
const decoderFor = (compressor: Compressor) => loadDecoder(compressor, codecDirectory, 'reading a test');

/** Bytes without a pattern, the same on every run. */
function noise(length: number): Buffer {
  const chunks: Buffer[] = [];
  for (let index = 0; index * 32 < length; index++)
    chunks.push(createHash('sha256').update(`${index}`).digest());
  return Buffer.concat(chunks).subarray(0, length);
}

const blocks = new Map([
  ['text', Buffer.concat(Array<Buffer>(14).fill(numbers)).subarray(0, 100_000)],
  ['a whole block', Buffer.concat([noise(blockSize / 2), Buffer.alloc(blockSize / 2, 'abc')])],
  ['zeros', Buffer.alloc(8192)],
  ['one repeated byte, not a multiple of four', Buffer.alloc(1001, 'x')],
  ['the largest block', Buffer.alloc(1 << 20, 'largest ')],
]);

const compressions: Compression[] = [
  { compressor: 'xz' },
  { compressor: 'xz', filters: ['x86', 'powerpc', 'ia64', 'arm', 'armthumb', 'sparc', 'arm64'] },
  { compressor: 'gzip', level: 9 },
  { compressor: 'gzip', level: 1 },
  { compressor: 'zstd', level: 15 },
  { compressor: 'zstd', level: 22 },
];

for (const compression of compressions) {
  const name = Object.values(compression).flat().join(' ');
  describe(name, () => {
    for (const [description, block] of blocks) {
      it(`gives ${description} back as it was`, async () => {
        const [encode, decode] = [await encoderFor(compression), await decoderFor(compression.compressor)];
        const before = Buffer.from(block);
        const compressed = encode(block, Math.max(block.length, blockSize));
        assert.ok(compressed && compressed.length < block.length);
        assert.deepEqual(block, before, 'the block itself was changed');
        assert.deepEqual(Buffer.from(decode(compressed, block.length)), block);
        assert.deepEqual(Buffer.from(decode(compressed, 1 << 20)), block);
      });
    }

    it('leaves what gets no smaller to be stored', async () => {
      const encode = await encoderFor(compression);
      assert.equal(encode(noise(5000), blockSize), undefined);
      assert.equal(encode(noise(blockSize), blockSize), undefined);
      assert.equal(encode(Buffer.from('a'), blockSize), undefined);
      assert.equal(encode(Buffer.alloc(0), blockSize), undefined);
    });

    it('answers with bytes of their own', async () => {
      const [encode, decode] = [await encoderFor(compression), await decoderFor(compression.compressor)];
      const first = encode(numbers, blockSize);
      assert.ok(first);
      const copy = Buffer.from(first);
      const decoded = decode(first, blockSize);
      encode(Buffer.alloc(50_000, 'other'), blockSize);
      assert.deepEqual(Buffer.from(first), copy);
      assert.deepEqual(Buffer.from(decoded), numbers);
    });
  });
}

describe('decoders', () => {
  const decoders: Compressor[] = ['xz', 'gzip', 'zstd', 'lz4'];
  /** `numbers` by each; lz4's are literals alone, since nothing here compresses with it. */
  const compressed = async (compressor: Compressor): Promise<Uint8Array> => {
    if (compressor === 'lz4') {
      const size = numbers.length - 15;
      const length = [...Array<number>(Math.floor(size / 255)).fill(255), size % 255];
      return Buffer.concat([Buffer.from([0xf0, ...length]), numbers]);
    }
    const compression: Compression =
      compressor === 'zstd'
        ? { compressor, level: 15 }
        : compressor === 'gzip'
          ? { compressor, level: 9 }
          : { compressor: 'xz' };
    const bytes = (await encoderFor(compression))(numbers, blockSize);
    assert.ok(bytes);
    return bytes;
  };
  const refused = (decode: Decode, block: Uint8Array, maxSize: number, what: string) =>
    assert.throws(() => decode(block, maxSize), DamagedBlock, what);

  for (const compressor of decoders) {
    it(`never give more than asked for: ${compressor}`, async () => {
      const [decode, block] = [await decoderFor(compressor), await compressed(compressor)];
      assert.equal(decode(block, numbers.length).length, numbers.length);
      for (const maxSize of [numbers.length - 1, 100, 1]) refused(decode, block, maxSize, `${maxSize}`);
    });

    it(`refuse a block that was cut short: ${compressor}`, async () => {
      const [decode, block] = [await decoderFor(compressor), await compressed(compressor)];
      for (const length of [0, 1, 4, block.length >> 1, block.length - 1]) {
        refused(decode, block.subarray(0, length), blockSize, `${length} bytes`);
      }
    });

    it(`refuse what is no compressed block: ${compressor}`, async () => {
      const decode = await decoderFor(compressor);
      refused(decode, Buffer.alloc(100, 0xff), blockSize, 'ones');
      refused(decode, noise(5000), 4096, 'noise');
      const sound = await compressed(compressor);
      assert.deepEqual(Buffer.from(decode(sound, blockSize)), numbers, 'the decoder goes on after that');
    });
  }

  it('say what to do about lzo and lzma', async () => {
    await assert.rejects(
      decoderFor('lzo'),
      /reading a test: it is compressed with lzo, .* Rebuild it with xz/,
    );
    await assert.rejects(
      decoderFor('lzma'),
      /reading a test: it is compressed with lzma, .* Rebuild it with xz/,
    );
  });

  it('say so when liblzma.wasm is not where it should be', async () => {
    await assert.rejects(
      loadDecoder('xz', 'no-such-folder', 'reading a test'),
      /loading the xz compressor .*ENOENT/,
    );
  });
});

describe('xz', () => {
  const compressed = async (size: number) => {
    const bytes = (await encoderFor({ compressor: 'xz' }))(numbers, size);
    assert.ok(bytes);
    return bytes;
  };

  it('checks with CRC32, the only check the kernel has', async () => {
    assert.equal(readXzHeader(await compressed(blockSize)).check, xzCheckCrc32);
  });

  it('has the block size as dictionary, since the kernel mounts no larger one', async () => {
    for (const size of [4096, 131072, 1 << 20]) {
      assert.equal(readXzHeader(await compressed(size)).dictionarySize, size);
    }
  });

  it('gives the same bytes as long as its encoding has the same name', async () => {
    const sha256 = createHash('sha256')
      .update(await compressed(blockSize))
      .digest('hex');
    const name = encodingId({ compression: { compressor: 'xz' }, blockSize });
    assert.deepEqual(
      { name, sha256 },
      {
        name: '["liblzma@5.8.4 text: pb 0, nice 48; binary: pb 2, nice 32",{"compressor":"xz"},131072]',
        sha256: 'e5eb5e8fa523316403103ce282825e003509991c57b6850e24cf29126cedd3aa',
      },
    );
  });
});

describe('xz with filters', () => {
  const filterIds = { x86: 4, powerpc: 5, ia64: 6, arm: 7, armthumb: 8, sparc: 9, arm64: 0x0a } as const;
  const filters = Object.keys(filterIds) as (keyof typeof filterIds)[];

  for (const filter of filters) {
    it(`packs machine code smaller, with a header that the kernel takes: ${filter}`, async () => {
      const code = callsOf(filter, blockSize);
      const plain = (await encoderFor({ compressor: 'xz' }))(code, blockSize);
      const filtered = (await encoderFor({ compressor: 'xz', filters: [filter] }))(code, blockSize);
      assert.ok(plain && filtered && filtered.length < plain.length);
      const header = { check: xzCheckCrc32, dictionarySize: blockSize };
      assert.deepEqual(readXzHeader(filtered), { ...header, filter: filterIds[filter] });
      assert.deepEqual(readXzHeader(plain), header);
      assert.deepEqual(Buffer.from((await decoderFor('xz'))(filtered, blockSize)), code);
    });
  }

  it('keeps the smallest of all, and of equal ones the one without a filter', async () => {
    const encode = await encoderFor({ compressor: 'xz', filters });
    for (const filter of filters) {
      const code = callsOf(filter, blockSize);
      const alone = await Promise.all(
        filters.map(async (one) => (await encoderFor({ compressor: 'xz', filters: [one] }))(code, blockSize)),
      );
      const smallest = Math.min(...alone.map((bytes) => bytes?.length ?? Infinity));
      assert.equal(encode(code, blockSize)?.length, smallest);
    }
    const plain = await encoderFor({ compressor: 'xz' });
    for (const block of blocks.values()) {
      const expected = plain(block, 1 << 20);
      assert.ok(expected);
      const bytes = (await encoderFor({ compressor: 'xz', filters: ['x86'] }))(block, 1 << 20);
      if (bytes?.length === expected.length) assert.deepEqual(Buffer.from(bytes), Buffer.from(expected));
    }
  });

  it('leaves no trace in the bytes of the next block', async () => {
    const plain = await encoderFor({ compressor: 'xz' });
    const before = plain(numbers, blockSize);
    (await encoderFor({ compressor: 'xz', filters: ['ia64'] }))(callsOf('ia64', blockSize), blockSize);
    assert.deepEqual(plain(numbers, blockSize), before);
  });
});

describe('gzip', () => {
  it('gives the bytes that mksquashfs gives, on every machine', async () => {
    await withReader(sampleFile('gzip'), async (reader) => {
      const root = await reader.readTree(silentJob());
      const { start, blockSizes } = fileAt(root, 'usr/bin/numbers').content;
      const size = blockSizes[0] ?? 0;
      const theirs = (await readFile(sampleFile('gzip'))).subarray(start, start + size);
      const ours = (await encoderFor({ compressor: 'gzip', level: 9 }))(numbers.subarray(0, 4096), 4096);
      assert.deepEqual(ours && Buffer.from(ours), theirs);
    });
  });
});

describe('lz4', () => {
  const decode = (...bytes: number[]) => Buffer.from(decodeLz4(Uint8Array.from(bytes), 64)).toString();
  const text = (value: string) => [...Buffer.from(value)];

  it('repeats what a match itself writes', () => {
    assert.equal(decode(0x10, ...text('a'), 1, 0, 0x10, ...text('!')), 'aaaaa!');
    assert.equal(decode(0x3b, ...text('abc'), 3, 0, 0x10, ...text('!')), 'abcabcabcabcabcabc!');
    assert.equal(decode(0x2f, ...text('ab'), 2, 0, 1, 0x10, ...text('!')), 'ab'.repeat(11) + '!');
  });

  it('refuses matches from before the start, and from nowhere', () => {
    assert.throws(() => decode(0x10, ...text('a'), 2, 0, 0x10, ...text('!')), /refers to before its start/);
    assert.throws(() => decode(0x10, ...text('a'), 0, 0, 0x10, ...text('!')), /refers to before its start/);
  });

  it('refuses to end anywhere but behind literals', () => {
    assert.throws(() => decode(), /ends before its last literals/);
    assert.throws(() => decode(0xf0), /ends within a length/);
    assert.throws(() => decode(0x40, ...text('abc')), /ends within literals/);
    assert.throws(() => decode(0x10, ...text('a'), 1), /ends within an offset/);
    assert.throws(() => decode(0x10, ...text('a'), 1, 0), /ends before its last literals/);
  });

  it('refuses lengths that add up to more than a block', () => {
    assert.throws(
      () => decode(0x1f, ...text('a'), 1, 0, ...Array<number>(1000).fill(255), 0, 0x10, 0),
      /more than a block/,
    );
    assert.throws(() => decode(0xf0, 100, ...Array<number>(115).fill(0)), /more than a block/);
  });
});
