import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../src/core/image/digest';
import { createLayer } from '../../../src/core/image/layer';
import { decompressed } from '../../../src/core/image/layer-compression';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { watchedJob } from './watched-job';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);
const codecs = path.resolve('dist');
const canZstd = spawnSync('zstd', ['--version']).status === 0;

/** test/fixtures/compressed/make.sh made them. */
const fixture = (name: string) => readFileSync(path.resolve('test/fixtures/compressed', name));

/** Text that compresses, and noise that does not. */
const content = Buffer.concat([
  Buffer.alloc(700_000, 'the same again and again '),
  Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919 * (at % 251)) & 0xff)),
]);

function zstd(bytes: Buffer, ...options: string[]): Buffer {
  const { status, stdout } = spawnSync('zstd', ['--stdout', '--quiet', ...options], {
    input: bytes,
    maxBuffer: Infinity,
  });
  assert.equal(status, 0);
  return stdout;
}

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + size);
  }
}

const unpack = (stored: Buffer, pieceSize = 10_000) =>
  buffer(decompressed(inPieces(stored, pieceSize), codecs, 'reading a layer'));

describe('a compressed stream', () => {
  it('may not be compressed at all, or be empty', async () => {
    assert.deepEqual(await unpack(content), content);
    assert.deepEqual(await unpack(Buffer.alloc(0)), Buffer.alloc(0));
    assert.deepEqual(await unpack(Buffer.from('ab')), Buffer.from('ab'));
  });

  it('may be gzip of one member or several, however it comes in pieces', async () => {
    const packed = gzipSync(content);
    for (const size of [1 << 20, 10_000, 501]) assert.deepEqual(await unpack(packed, size), content);
    assert.deepEqual(await unpack(gzipSync('short'), 1), Buffer.from('short'));
    assert.deepEqual(
      await unpack(Buffer.concat([packed, gzipSync('more')])),
      Buffer.concat([content, Buffer.from('more')]),
    );
  });

  it('may be zstd of one frame or several, with frames to be skipped', { skip: !canZstd }, async () => {
    const packed = zstd(content);
    for (const size of [1 << 20, 10_000, 501]) assert.deepEqual(await unpack(packed, size), content);
    // What zstd:chunked puts between the frames (containers/storage, pkg/chunked).
    const skipped = Buffer.from('502a4d180400000068692121', 'hex');
    assert.deepEqual(
      await unpack(
        Buffer.concat([skipped, packed, skipped, zstd(Buffer.from('more'), '--no-check'), skipped]),
      ),
      Buffer.concat([content, Buffer.from('more')]),
    );
    assert.deepEqual(await unpack(zstd(content, '-19', '--long=27')), content);
  });

  it('fails with what is wrong', async () => {
    const packed = gzipSync(content);
    await assert.rejects(
      unpack(packed.subarray(0, -10)),
      problem(/^reading a layer: its gzip data is damaged .*end of file/),
    );
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, packed.length - 100, packed.length - 50);
    await assert.rejects(unpack(damaged), problem(/its gzip data is damaged/));
  });

  it('may be xz or bzip2', async () => {
    for (const name of ['text.xz', 'text.bz2'])
      assert.deepEqual(await unpack(fixture(name)), Buffer.alloc(2_000_000, 'the same again and again\n'));
  });

  it('fails with what is wrong with xz and bzip2', async () => {
    await assert.rejects(
      unpack(fixture('text.xz').subarray(0, -10)),
      problem(/^reading a layer: its xz data ends early\. Download or make the image again/),
    );
    await assert.rejects(
      unpack(fixture('text.bz2').subarray(0, -10)),
      problem(/^reading a layer: its bzip2 data ends early\. Download or make the image again/),
    );
    await assert.rejects(
      unpack(fixture('more-large.xz')),
      problem(/needs more memory .* than what xz -9 makes\. Compress it again, with xz -9 at most\.$/),
    );
  });

  it('fails with what is wrong with zstd', { skip: !canZstd }, async () => {
    const packed = zstd(content);
    await assert.rejects(unpack(packed.subarray(0, -10)), problem(/its zstd data ends early/));
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 1000, 1050);
    await assert.rejects(unpack(damaged), problem(/zstd data/));
    await assert.rejects(unpack(Buffer.concat([packed, Buffer.from('garbage')])), problem(/no zstd frame/));
    await assert.rejects(
      unpack(zstd(content, '--ultra', '-22', '--long=31')),
      problem(/needs \d+ bytes of memory to unpack it/),
    );
  });

  it('is read only as far as somebody wants', async () => {
    let wanted = 0;
    let isClosed = false;
    const source = async function* () {
      try {
        for (;;) {
          wanted += 1;
          yield Buffer.alloc(1000, 'x');
          await new Promise(setImmediate);
        }
      } finally {
        isClosed = true;
      }
    };
    for await (const chunk of decompressed(source(), codecs, 'reading')) if (chunk.length > 0) break;
    assert.ok(wanted < 5);
    assert.ok(isClosed);
  });
});

describe('a layer', () => {
  const layerOf = (stored: Buffer, confirm?: () => Promise<void>) => {
    let brought = 0;
    const layer = createLayer(
      {
        diffId: digestOf(content),
        size: stored.length,
        bring: () => {
          brought += 1;
          return Promise.resolve({ read: () => inPieces(stored, 10_000), ...(confirm && { confirm }) });
        },
      },
      codecs,
    );
    return { layer, brought: () => brought };
  };

  it('is brought when it is fetched or read, and confirmed when it was read to its end', async () => {
    let confirmed = 0;
    const { layer, brought } = layerOf(gzipSync(content), () => {
      confirmed += 1;
      return Promise.resolve();
    });
    await layer.fetch(silentJob());
    assert.deepEqual([brought(), confirmed], [1, 0]);
    assert.deepEqual(await buffer(layer.open(silentJob())), content);
    assert.deepEqual([brought(), confirmed], [2, 1]);
    for await (const chunk of layer.open(silentJob())) if (chunk.length > 0) break;
    assert.equal(confirmed, 1);
  });

  it('fails when its content is another than its image says', async () => {
    const confirm = () => Promise.reject(new Error('it is not that layer'));
    const { layer } = layerOf(gzipSync(Buffer.concat([content, Buffer.from('!')])), confirm);
    await assert.rejects(
      buffer(layer.open(silentJob())),
      problem(/^reading the layer sha256:.*: the content has the digest/),
    );
  });

  it('stops with the job', async () => {
    const job = watchedJob();
    const { layer } = layerOf(content);
    const read = async () => {
      for await (const chunk of layer.open(job)) if (chunk.length > 0) job.abort();
    };
    await assert.rejects(read(), { name: 'AbortError' });
  });
});
