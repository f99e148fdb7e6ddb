import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { BlobCache, type CachedBlob } from '../../../src/core/image/blob-cache';
import { fetchDocument, maxDocumentBytes } from '../../../src/core/image/blob-cache/document';
import { findLayer, rememberLayer } from '../../../src/core/image/blob-cache/known-layers';
import { defaultCacheDirectory, defaultCacheLimit } from '../../../src/core/image/blob-cache/settings';
import { digestOf, hexOf } from '../../../src/core/image/digest';
import { silentJob, type Job } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { temporaryFolder } from '../checkout/temporary-folder';
import { watchedJob } from './watched-job';

const job = silentJob();
const plenty = 2 ** 30;
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

function newCache(limit = plenty): BlobCache {
  return new BlobCache(path.join(temporaryFolder(), 'cache'), limit);
}

const expected = (content: Buffer) => ({ digest: digestOf(content), size: content.length });

async function* piecesOf(...pieces: readonly Buffer[]) {
  for (const piece of pieces) {
    await new Promise(setImmediate);
    yield piece;
  }
}

const keep = (cache: BlobCache, text: string) => cache.store(piecesOf(Buffer.from(text)), job.signal);
const read = (cache: BlobCache, blob: CachedBlob) => buffer(cache.read(blob));
const fileOf = (cache: BlobCache, { digest }: CachedBlob) =>
  path.join(cache.directory, 'blobs', 'sha256', hexOf(digest));
const partials = (cache: BlobCache) => readdirSync(path.join(cache.directory, 'partial'));

/** As if it had last been used so long ago. */
function age(file: string, hours: number): void {
  const then = new Date(Date.now() - hours * 60 * 60 * 1000);
  utimesSync(file, then, then);
}

describe('a blob cache', () => {
  it('downloads a blob once, and gives its bytes as often as they are wanted', async () => {
    const cache = newCache();
    const content = Buffer.from('content');
    let downloads = 0;
    const download = () => {
      downloads += 1;
      return piecesOf(content.subarray(0, 3), content.subarray(3));
    };
    const blob = await cache.fetch(expected(content), download, job);
    assert.deepEqual(blob, expected(content));
    assert.deepEqual(await read(cache, blob), content);
    assert.deepEqual(await read(cache, await cache.fetch(expected(content), download, job)), content);
    assert.equal(downloads, 1);
    assert.deepEqual(await new BlobCache(cache.directory, plenty).find(expected(content), job.signal), blob);
    assert.equal(await cache.find(expected(Buffer.from('other')), job.signal), undefined);
  });

  it('shares a download among all that want the blob, until the last of them is stopped', async () => {
    const cache = newCache();
    const content = Buffer.alloc(1000, 'x');
    const signals: AbortSignal[] = [];
    const download = async function* ({ signal }: Job) {
      yield content.subarray(0, 500);
      signals.push(signal);
      await once(signal, 'abort');
      throw signal.reason;
    };
    const [one, other] = [watchedJob(), watchedJob()];
    const results = [one, other].map((each) => cache.fetch(expected(content), download, each));
    while (signals.length === 0) await new Promise(setImmediate);
    one.abort();
    await assert.rejects(Promise.resolve(results[0]), { name: 'AbortError' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false],
    );
    other.abort();
    await assert.rejects(Promise.resolve(results[1]), { name: 'AbortError' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
    assert.deepEqual(partials(cache), []);
    assert.deepEqual(
      await read(cache, await cache.fetch(expected(content), () => piecesOf(content), job)),
      content,
    );
  });

  it('keeps nothing of a download that fails or brings the wrong bytes', async () => {
    const cache = newCache();
    const content = Buffer.from('the right content');
    const broken = async function* () {
      yield content.subarray(0, 5);
      await new Promise(setImmediate);
      throw new Error('broken');
    };
    await assert.rejects(cache.fetch(expected(content), broken, job), /^Error: broken$/);
    for (const [wrong, found] of [
      [Buffer.from('the wrong content'), /has the digest .* instead of/],
      [content.subarray(1), /only 16 of 17 bytes/],
      [Buffer.concat([content, content]), /more than the expected 17 bytes/],
    ] as const) {
      await assert.rejects(
        cache.fetch(expected(content), () => piecesOf(wrong), job),
        problem(found),
      );
    }
    assert.deepEqual(partials(cache), []);
    assert.deepEqual(readdirSync(cache.directory).sort(), ['CACHEDIR.TAG', 'partial']);
  });

  it('finds out that a file was damaged, and downloads it again', async () => {
    const content = Buffer.from('precious content');
    const { directory } = newCache();
    for (const damage of [
      (file: string) => writeFileSync(file, 'precious c0ntent'),
      (file: string) => truncateSync(file, 3),
      (file: string) => truncateSync(file, 100),
    ]) {
      const blob = await new BlobCache(directory, plenty).fetch(
        expected(content),
        () => piecesOf(content),
        job,
      );
      // What this process has checked already it trusts; another one looks anew.
      const cache = new BlobCache(directory, plenty);
      damage(fileOf(cache, blob));
      assert.equal(await cache.find({ digest: blob.digest, size: undefined }, job.signal), undefined);
      assert.ok(!existsSync(fileOf(cache, blob)));
    }
  });

  it('removes the least recently used blobs when it is full, but none that is young or held', async () => {
    const cache = newCache(1000);
    const blobs = [];
    for (const [text, hours] of [
      ['oldest', 5],
      ['held', 4],
      ['old', 3],
      ['used again', 2],
      ['young', 0.5],
    ] as const) {
      const blob = await cache.store(piecesOf(Buffer.alloc(200, text)), job.signal);
      age(fileOf(cache, blob), hours);
      blobs.push(blob);
    }
    const [oldest, held, old, usedAgain, young] = blobs;
    assert.ok(oldest && held && old && usedAgain && young);
    const release = cache.hold(held.digest);
    assert.ok(await cache.find(usedAgain, job.signal));
    const newest = await cache.store(piecesOf(Buffer.alloc(500, 'newest')), job.signal);

    const isThere = (blob: CachedBlob) => existsSync(fileOf(cache, blob));
    assert.deepEqual([oldest, held, old, usedAgain, young, newest].map(isThere), [
      false,
      true,
      false,
      true,
      true,
      true,
    ]);
    release();
    release();
    await cache.store(piecesOf(Buffer.alloc(100, 'one more')), job.signal);
    assert.ok(!isThere(held));
    assert.ok(isThere(young));
  });

  it('starts with tidying up what was left behind', async () => {
    const { directory } = newCache();
    const partial = path.join(directory, 'partial');
    await mkdir(partial, { recursive: true });
    for (const name of ['abandoned', 'running']) await writeFile(path.join(partial, name), 'part');
    age(path.join(partial, 'abandoned'), 30);
    const cache = new BlobCache(directory, plenty);
    await keep(cache, 'something');
    assert.deepEqual(partials(cache), ['running']);
    assert.match(
      readFileSync(path.join(directory, 'CACHEDIR.TAG'), 'utf8'),
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
  });

  it('can be used by several processes at once, also beyond its limit', async () => {
    for (const limit of [plenty, 400_000]) {
      const { directory } = newCache();
      const child = path.join(import.meta.dirname, 'children', 'fill-cache.ts');
      const processes = [1, 2, 3].map(() =>
        spawn(process.execPath, ['--import', 'tsx', child, directory, String(limit), '12'], {
          stdio: 'inherit',
        }),
      );
      const codes = await Promise.all(processes.map(async (each) => (await once(each, 'exit'))[0] as number));
      assert.deepEqual(codes, [0, 0, 0]);
      const cache = new BlobCache(directory, plenty);
      assert.deepEqual(partials(cache), []);
      // All are young, so none was evicted whatever the limit.
      assert.equal(readdirSync(path.join(directory, 'blobs', 'sha256')).length, 12);
    }
  });

  it('says which folder can not be used', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    const cache = new BlobCache(path.join(folder, 'file', 'cache'), plenty);
    await assert.rejects(
      keep(cache, 'something'),
      problem(/the cache folder .*file.cache can't be used .* PVX_CACHE_DIR/),
    );
  });

  it('says so when a blob vanishes that nobody held', async () => {
    const cache = newCache();
    const gone = { digest: digestOf(Buffer.from('never here')), size: 10 };
    await assert.rejects(read(cache, gone), problem(/can't be used \(ENOENT/));
  });
});

describe('a document in a cache', () => {
  it('is asked for once', async () => {
    const cache = newCache();
    const content = Buffer.from('{}');
    let downloads = 0;
    const download = () => {
      downloads += 1;
      return Promise.resolve(content);
    };
    const get = () => fetchDocument(cache, expected(content), download, job);
    assert.deepEqual([await get(), await get()], [content, content]);
    assert.equal(downloads, 1);
  });

  it('may fail to come', async () => {
    const failing = () => Promise.reject(new Problem({ doing: 'asking', found: 'nothing', remedy: 'Wait' }));
    await assert.rejects(
      fetchDocument(newCache(), expected(Buffer.from('{}')), failing, job),
      problem(/^asking: nothing/),
    );
  });

  it('is not read when it is as large as a layer', async () => {
    const cache = newCache();
    const blob = await cache.store(piecesOf(Buffer.alloc(maxDocumentBytes + 1)), job.signal);
    const never = () => Promise.reject(new Error('it is there'));
    await assert.rejects(
      fetchDocument(cache, blob, never, job),
      problem(/4194305 bytes, and 4194304 is the limit/),
    );
  });
});

describe('layers in a cache', () => {
  it('are found uncompressed, and compressed once they have been read', async () => {
    const cache = newCache();
    const layer = await keep(cache, 'an uncompressed layer');
    assert.deepEqual(await findLayer(cache, layer.digest, job.signal), layer);

    const diffId = digestOf(Buffer.from('another layer'));
    assert.equal(await findLayer(cache, diffId, job.signal), undefined);
    const compressed = await keep(cache, 'another layer, compressed');
    await rememberLayer(cache, diffId, compressed);
    const other = new BlobCache(cache.directory, plenty);
    assert.deepEqual(await findLayer(other, diffId, job.signal), compressed);

    writeFileSync(path.join(cache.directory, 'layers', 'sha256', hexOf(diffId)), '../../etc/passwd');
    assert.equal(await findLayer(other, diffId, job.signal), undefined);
  });
});

describe('the settings of the cache', () => {
  const environment = (env: Record<string, string>) => ({
    env,
    homeDirectory: '/home/me',
    platform: process.platform,
  });

  it('come from the environment', () => {
    assert.equal(
      defaultCacheDirectory(environment({ PVX_CACHE_DIR: '/big/disk' })),
      path.resolve('/big/disk'),
    );
    for (const [text, bytes] of [
      [undefined, 5 * 2 ** 30],
      ['1000', 1000],
      ['800M', 800 * 2 ** 20],
      ['1.5 GiB', 1.5 * 2 ** 30],
      ['2tb', 2 * 2 ** 40],
    ] as const) {
      assert.equal(
        defaultCacheLimit(environment(text === undefined ? {} : { PVX_CACHE_LIMIT: text })),
        bytes,
      );
    }
    assert.throws(
      () => defaultCacheLimit(environment({ PVX_CACHE_LIMIT: 'lots' })),
      problem(/"lots" is not a size/),
    );
  });

  it('lie where each system has its caches', () => {
    for (const [platform, env, folder] of [
      ['linux', {}, '/home/me/.cache/pantavisor-checkouts'],
      ['linux', { XDG_CACHE_HOME: '/caches' }, '/caches/pantavisor-checkouts'],
      // To be ignored, says the specification.
      ['linux', { XDG_CACHE_HOME: 'caches' }, '/home/me/.cache/pantavisor-checkouts'],
      ['darwin', { XDG_CACHE_HOME: '/caches' }, '/home/me/Library/Caches/pantavisor-checkouts'],
      ['win32', {}, '/home/me/AppData/Local/pantavisor-checkouts/Cache'],
      ['win32', { LOCALAPPDATA: '/local' }, '/local/pantavisor-checkouts/Cache'],
    ] as const) {
      const found = defaultCacheDirectory({ env, homeDirectory: '/home/me', platform });
      assert.equal(found, path.resolve(folder), platform);
    }
  });

  it('never lie below the current folder', () => {
    const isRefusal = problem(/no absolute path.*by its absolute path in PVX_CACHE_DIR/s);
    for (const directory of ['relative', './relative', '~/cache'])
      assert.throws(() => defaultCacheDirectory(environment({ PVX_CACHE_DIR: directory })), isRefusal);
    const homeless = { env: {}, homeDirectory: 'me', platform: 'linux' } as const;
    assert.throws(() => defaultCacheDirectory(homeless), isRefusal);
  });
});
