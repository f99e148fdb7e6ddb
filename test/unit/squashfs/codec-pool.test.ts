import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Problem } from '../../../src/core/problem';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { loadDecoder } from '../../../src/core/squashfs/compression';
import { codecDirectory, numbers } from './sample';

const xz = { compressor: 'xz' } as const;
const blockSize = 131072;

describe('CodecPool.compress', () => {
  const pool = new CodecPool({ directory: codecDirectory, workers: 2 });
  after(() => pool.close());

  it('answers each with its own, whoever is done first', async () => {
    const decode = await loadDecoder('xz', codecDirectory, 'testing');
    const blocks = Array.from({ length: 20 }, (_, index) =>
      Buffer.alloc(1000 * (20 - index), `block ${index} `),
    );
    const compressed = await Promise.all(blocks.map((block) => pool.compress(block, xz, blockSize)));
    for (const [index, block] of blocks.entries()) {
      const bytes = compressed[index];
      assert.ok(bytes);
      assert.deepEqual(Buffer.from(decode(bytes, block.length)), block);
    }
  });

  it('leaves the block to its owner, and sends no more than it', async () => {
    const large = Buffer.alloc(1 << 20, 'large ');
    const view = large.subarray(1000, 5000);
    const compressed = await pool.compress(view, xz, blockSize);
    assert.ok(compressed && compressed.length < 200);
    assert.equal(large.length, 1 << 20);
    assert.equal(view.toString('latin1', 0, 6), large.toString('latin1', 1000, 1006));
  });

  it('answers undefined for what is to be stored', async () => {
    assert.equal(await pool.compress(randomBytes(10_000), xz, blockSize), undefined);
  });

  it('compresses with whatever each block asks for', async () => {
    const both = [xz, { compressor: 'gzip', level: 9 }, { compressor: 'zstd', level: 15 }] as const;
    for (const compression of both) {
      const decode = await loadDecoder(compression.compressor, codecDirectory, 'testing');
      const bytes = await pool.compress(numbers, compression, blockSize);
      assert.ok(bytes);
      assert.deepEqual(Buffer.from(decode(bytes, blockSize)), numbers);
    }
  });

  it('goes on after a task that failed', async () => {
    await assert.rejects(
      pool.compress(numbers, { compressor: 'gzip', level: 77 }, blockSize),
      /gzip level 77/,
    );
    assert.ok(await pool.compress(numbers, xz, blockSize));
  });

  it('gives the same bytes with one worker as with several', async () => {
    const alone = new CodecPool({ directory: codecDirectory, workers: 1 });
    const digest = async (some: CodecPool) => {
      const hash = createHash('sha256');
      for (let index = 0; index < 5; index++) {
        hash.update((await some.compress(Buffer.alloc(5000, `${index}`), xz, blockSize)) ?? '');
      }
      return hash.digest('hex');
    };
    try {
      assert.equal(await digest(alone), await digest(pool));
    } finally {
      await alone.close();
    }
  });
});

describe('CodecPool.hashFile', () => {
  const pool = new CodecPool({ directory: codecDirectory, workers: 1 });
  const { signal } = new AbortController();
  let directory: string;
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'hash-file-'));
  });
  after(async () => {
    await pool.close();
    await rm(directory, { recursive: true });
  });

  for (const size of [0, 1, 1 << 20, (1 << 20) + 1, 5_000_000]) {
    it(`hashes ${size} bytes`, async () => {
      const bytes = randomBytes(size);
      const file = path.join(directory, `${size}`);
      await writeFile(file, bytes);
      assert.equal(await pool.hashFile(file, signal), createHash('sha256').update(bytes).digest('hex'));
    });
  }

  it('says which file cannot be read', async () => {
    const missing = path.join(directory, 'missing');
    await assert.rejects(pool.hashFile(missing, signal), (error) => {
      assert.ok(error instanceof Problem);
      assert.match(error.message, /reading .*missing/);
      return true;
    });
  });

  it('lets many files wait under one signal, and Node warns of no leak', async () => {
    const small = await emptyFile(path.join(directory, 'small'));
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    try {
      const { signal: shared } = new AbortController();
      await Promise.all(Array.from({ length: 20 }, () => pool.hashFile(small, shared)));
      await setImmediate();
    } finally {
      process.off('warning', onWarning);
    }
    assert.deepEqual(warnings, []);
  });

  it('stops its thread with the job, which is free for the next then', { timeout: 60_000 }, async () => {
    const endless = path.join(directory, 'endless');
    await truncate(await emptyFile(endless), 2 ** 40);
    const stop = new AbortController();
    const hashing = pool.hashFile(endless, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(hashing, /enough/);
    const small = await emptyFile(path.join(directory, 'small'));
    assert.equal(await pool.hashFile(small, signal), createHash('sha256').digest('hex'));
    await assert.rejects(pool.hashFile(small, stop.signal), /enough/);
  });
});

async function emptyFile(file: string): Promise<string> {
  await writeFile(file, '');
  return file;
}

describe('CodecPool', () => {
  it('takes its folder relative to the current one, too', async () => {
    const pool = new CodecPool({ directory: path.relative('', codecDirectory), workers: 1 });
    try {
      assert.ok(await pool.compress(numbers, xz, blockSize));
    } finally {
      await pool.close();
    }
  });

  it('fails what is not done when it is closed, and takes no more', async () => {
    const pool = new CodecPool({ directory: codecDirectory, workers: 1 });
    const work = Array.from({ length: 5 }, () => pool.compress(numbers, xz, blockSize));
    const outcomes = Promise.allSettled(work);
    await pool.close();
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Problem);
      assert.match(outcome.reason.found, /stopped before its end/);
    }
    await assert.rejects(pool.compress(numbers, xz, blockSize), /after close/);
    await pool.close();
  });

  const broken = new Map([
    ['cannot be loaded', undefined],
    ['throws', 'throw new Error("no way")'],
    ['exits', 'process.exit(3)'],
    [
      'exits with a task at hand',
      'require("node:worker_threads").parentPort.on("message", () => process.exit(0))',
    ],
  ]);
  for (const [how, script] of broken) {
    it(`fails the tasks of a thread that ${how}, and waits for none`, { timeout: 60_000 }, async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'codec-pool-'));
      const pool = new CodecPool({ directory, workers: 2 });
      try {
        if (script !== undefined) await writeFile(path.join(directory, 'codec-worker.js'), script);
        const work = Array.from({ length: 5 }, () => pool.compress(numbers, xz, blockSize));
        for (const outcome of await Promise.allSettled(work)) {
          assert.ok(outcome.status === 'rejected' && outcome.reason instanceof Problem);
          assert.match(outcome.reason.found, /the thread stopped: /);
        }
      } finally {
        await pool.close();
        await rm(directory, { recursive: true });
      }
    });
  }

  it('keeps the process alive while there is work, and no longer', () => {
    const script = path.resolve('test/unit/squashfs/short-process.ts');
    const { stdout, status, signal } = spawnSync(
      process.execPath,
      ['--import', 'tsx', script, codecDirectory],
      { encoding: 'utf8', timeout: 30_000 },
    );
    assert.deepEqual({ stdout, status, signal }, { stdout: 'true,true,true\n', status: 0, signal: null });
  });
});
