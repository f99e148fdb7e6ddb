import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BlobCache } from '../../../src/core/image/blob-cache';
import { fetchLayers } from '../../../src/core/image/fetch-layers';
import { createImageFinder, type ImageFinderOptions } from '../../../src/core/image/find-image';
import type { Image as FoundImage, Source } from '../../../src/core/image/image';
import type { Job } from '../../../src/core/job';
import { Secret } from '../../../src/core/net/secret';
import { Problem } from '../../../src/core/problem';
import { derive, type Image, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { temporaryFolder } from '../checkout/temporary-folder';
import { serve } from './http-server';
import { type Intercept, serveLayout } from './layout-registry';
import { watchedJob } from './watched-job';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

const noise = (name: string, size: number) =>
  ({ path: name, kind: 'file', content: randomBytes(size) }) as const;

const app = derive(makeImage([makeLayer([noise('one', 300_000)]), makeLayer([noise('two', 200_000)])]), [
  noise('three', 100_000),
]);
const forAmd64: Image = {
  ...makeImage(app.layers.slice(0, 1)),
  platform: { os: 'linux', architecture: 'amd64' },
};
const appLayers = app.layers.map(({ tar }) => tar);

const remote: Source = { kind: 'remote' };

describe('createImageFinder', () => {
  const layout = path.join(temporaryFolder(), 'layout');
  let tags: ReadonlyMap<string, string> = new Map();
  /** Of the app's manifest, and of what that names. */
  const digests = { app: '', config: '', layers: [''] };

  before(async () => {
    tags = await writeOciLayout(layout, { multi: [forAmd64, app], single: app });
    digests.app = tags.get('single') ?? '';
    const manifest = JSON.parse(await readFile(blobFile(digests.app), 'utf8')) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    digests.config = manifest.config.digest;
    digests.layers = manifest.layers.map(({ digest }) => digest);
  });

  const blobFile = (digest: string) => path.join(layout, 'blobs', ...digest.split(':'));

  async function registry(intercept?: Intercept) {
    const server = await serveLayout(layout, tags, intercept);
    after(() => server.close());
    return server;
  }

  async function serveDocker(answer: Parameters<typeof serve>[0]) {
    const server = await serve(answer);
    after(() => server.close());
    return server;
  }

  const dockerAt = (address: string) => ({
    env: { DOCKER_HOST: address },
    homeDirectory: temporaryFolder(),
    platform: process.platform,
  });

  function newFinder(options: Partial<ImageFinderOptions> = {}) {
    const finder = createImageFinder({
      environment: dockerAt('unix:///none'),
      cache: new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30),
      codecs: path.resolve('dist'),
      retry: { attempts: 3, firstPauseMs: 1 },
      ...options,
    });
    after(() => finder.close());
    return finder;
  }

  const request = (
    reference: string,
    platforms: readonly string[] = ['linux/arm64'],
    sources: readonly Source[] = [remote],
  ) => ({
    reference,
    platforms,
    sources,
  });

  const readLayers = (image: FoundImage, job: Job = watchedJob()) =>
    Promise.all(image.layers.map((layer) => buffer(layer.open(job))));

  describe('in a registry', () => {
    it('finds the image for a platform, and downloads all of it once', async () => {
      const { host, requests } = await registry();
      const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
      const job = watchedJob();
      const image = await newFinder({ cache }).find(request(`${host}/team/app:multi`), job);
      assert.equal(image.name, `${host}/team/app`);
      assert.equal(image.tag, 'multi');
      assert.equal(image.digest, `${host}/team/app@${digests.app}`);
      assert.equal(image.source, 'remote');
      assert.equal(image.matchedPlatform, 'linux/arm64');
      assert.deepEqual(requests, [
        'HEAD /v2/team/app/manifests/multi',
        `GET /v2/team/app/manifests/${tags.get('multi') ?? ''}`,
        `GET /v2/team/app/manifests/${digests.app}`,
        `GET /v2/team/app/blobs/${digests.config}`,
      ]);
      assert.deepEqual(await readLayers(image), appLayers);
      await image[Symbol.asyncDispose]();
      const all = requests.length;
      assert.equal(all, 7);

      const again = await newFinder({ cache }).find(request(`${host}/team/app:multi`), job);
      assert.deepEqual(await readLayers(again), appLayers);
      assert.deepEqual(requests.slice(all), ['HEAD /v2/team/app/manifests/multi']);

      const pinned = await newFinder({ cache }).find(request(image.digest), job);
      assert.deepEqual([pinned.tag, pinned.digest], [undefined, image.digest]);
      assert.deepEqual(await readLayers(pinned), appLayers);
      assert.equal(requests.length, all + 1);
      assert.deepEqual(job.warnings, []);
    });

    it('takes what the tag gives where nothing is found by digest', async () => {
      const { host } = await registry((request, response) => {
        if (!(request.url ?? '').includes('/manifests/sha256:')) return false;
        response.writeHead(404).end();
        return true;
      });
      const finder = newFinder();
      // Without an index, whose entries can be asked for by digest alone.
      const image = await finder.find(request(`${host}/app:single`), watchedJob());
      assert.equal(image.digest, `${host}/app@${digests.app}`);
      assert.deepEqual(await readLayers(image), appLayers);
      const pinned = request(`${host}/app:single@${digests.app}`);
      await assert.rejects(newFinder().find(pinned, watchedJob()), problem(/does not have .*\(404\)/));
    });

    it('does not ask to push an image again when what answers is no registry', async () => {
      const { host } = await registry((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
        return true;
      });
      await assert.rejects(
        newFinder().find(request(`${host}/app:single`), watchedJob()),
        problem(/it is not JSON\. Check that the host is a container registry, and that no proxy answers/),
      );
    });

    it('shares layers between images, by whatever name or compression they come', async () => {
      const other = path.join(temporaryFolder(), 'layout');
      const otherTags = await writeOciLayout(other, { v1: app }, { compression: 'none' });
      const [one, two] = [await registry(), await serveLayout(other, otherTags)];
      after(() => two.close());
      const finder = newFinder();
      await readLayers(await finder.find(request(`${one.host}/app:single`), watchedJob()));
      assert.deepEqual(
        await readLayers(await finder.find(request(`${two.host}/app:v1`), watchedJob())),
        appLayers,
      );
      assert.deepEqual(
        two.requests.filter((each) => each.includes('/blobs/')),
        [],
      );
    });

    it('asks with a HEAD for the current digest, and again only for what is new', async () => {
      const { host, requests } = await registry();
      const finder = newFinder();
      const check = () => finder.currentDigest(request(`${host}/app:multi`), watchedJob());
      assert.equal(await check(), `${host}/app@${digests.app}`);
      assert.deepEqual(requests, [
        'HEAD /v2/app/manifests/multi',
        `GET /v2/app/manifests/${tags.get('multi') ?? ''}`,
      ]);
      assert.equal(await check(), `${host}/app@${digests.app}`);
      assert.deepEqual(requests.slice(2), ['HEAD /v2/app/manifests/multi']);
      assert.equal(
        await finder.currentDigest(request(`${host}/app:multi`, ['linux/amd64']), watchedJob()),
        (await finder.find(request(`${host}/app:multi`, ['linux/amd64']), watchedJob())).digest,
      );
    });

    it('tells the digest of an image only for a platform that it has', async () => {
      const { host } = await registry();
      const finder = newFinder();
      for (const [tag, found] of [
        ['multi', /does not come for linux\/riscv64, only for linux\/amd64, linux\/arm64/],
        ['single', /was built for linux\/arm64, and linux\/riscv64 is wanted/],
      ] as const) {
        const wanted = request(`${host}/app:${tag}`, ['linux/riscv64']);
        await assert.rejects(finder.currentDigest(wanted, watchedJob()), problem(found));
        await assert.rejects(finder.find(wanted, watchedJob()), problem(found));
      }
      await assert.rejects(
        finder.find(request(`${host}/app:multi`, []), watchedJob()),
        problem(/several platforms \(linux\/amd64, linux\/arm64\)/),
      );
      const single = await finder.find(request(`${host}/app:single`, []), watchedJob());
      assert.equal(single.matchedPlatform, undefined);
      assert.deepEqual(single.platform, { os: 'linux', architecture: 'arm64', variant: '' });
    });

    it('tells the progress over all layers, which come at once', async () => {
      const { host } = await registry();
      const job = watchedJob();
      const image = await newFinder().find(request(`${host}/app:single`), job);
      await fetchLayers(image.layers, job);
      const total = image.layers.reduce((sum, { size }) => sum + size, 0);
      assert.ok(total > 600_000 && total < 610_000);
      assert.ok(job.reports.every((report) => report.phase === 'download' && report.total === total));
      assert.equal(job.reports.at(-1)?.done, total);
      assert.deepEqual(await readLayers(image), appLayers);
      const later = watchedJob();
      await fetchLayers(image.layers, later);
      assert.deepEqual(later.reports, []);
    });

    it('goes on where a connection broke', async () => {
      const [large = ''] = digests.layers;
      const ranges: (string | undefined)[] = [];
      const { host } = await registry((asked, response) => {
        if (!asked.url?.endsWith(large)) return false;
        ranges.push(asked.headers.range);
        if (ranges.length > 1) return false;
        response.setHeader('content-length', 300_500);
        void readFile(blobFile(large)).then((content) =>
          response.write(content.subarray(0, 150_000), () => setTimeout(() => response.destroy(), 20)),
        );
        return true;
      });
      const image = await newFinder().find(request(`${host}/app:single`), watchedJob());
      assert.deepEqual(await readLayers(image), appLayers);
      assert.deepEqual(ranges, [undefined, 'bytes=150000-']);
    });

    it('goes on where a body without a length ended too early', async () => {
      const [large = ''] = digests.layers;
      const ranges: (string | undefined)[] = [];
      const { host } = await registry((asked, response) => {
        if (!asked.url?.endsWith(large)) return false;
        ranges.push(asked.headers.range);
        if (ranges.length > 1) return false;
        // As a proxy that speaks HTTP/1.0 does: nothing but the end of the connection tells the end of the body.
        response.removeHeader('transfer-encoding');
        void readFile(blobFile(large)).then((content) => {
          response.write(content.subarray(0, 150_000));
          response.end();
        });
        return true;
      });
      const image = await newFinder().find(request(`${host}/app:single`), watchedJob());
      assert.deepEqual(await readLayers(image), appLayers);
      assert.deepEqual(ranges, [undefined, 'bytes=150000-']);
    });

    it('tells that it tries again after a long silence', async () => {
      const [large = ''] = digests.layers;
      let isSilent = true;
      const { host } = await registry((asked, response) => {
        if (!isSilent || !asked.url?.endsWith(large)) return false;
        isSilent = false;
        response.setHeader('content-length', 300_500);
        void readFile(blobFile(large)).then((content) => response.write(content.subarray(0, 150_000)));
        return true;
      });
      const job = watchedJob();
      const finder = newFinder({ timeouts: { body: 100 } });
      const image = await finder.find(request(`${host}/app:single`), job);
      await fetchLayers(image.layers, job);
      assert.deepEqual(job.warnings, [`${host} has fallen silent; trying again in 1 s.`]);
    });

    for (const [what, change, found] of [
      [
        'with another digest',
        (content: Buffer) => Buffer.from(content).fill('x', 100, 200),
        /has the digest .* instead of/,
      ],
      ['that is cut', (content: Buffer) => content.subarray(0, 1000), /only 1000 of \d+ bytes came/],
      [
        'that is too long',
        (content: Buffer) => Buffer.concat([content, content]),
        /more than the expected \d+ bytes/,
      ],
    ] as const) {
      it(`keeps no layer ${what}`, async () => {
        const [layer = ''] = digests.layers;
        let isGood = false;
        const { host } = await registry((asked, response) => {
          if (isGood || !asked.url?.endsWith(layer)) return false;
          void readFile(blobFile(layer)).then((content) => response.end(change(content)));
          return true;
        });
        const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
        const finder = newFinder({ cache });
        const image = await finder.find(request(`${host}/app:single`), watchedJob());
        await assert.rejects(fetchLayers(image.layers, watchedJob()), problem(found));
        assert.deepEqual(readdirSync(path.join(cache.directory, 'partial')), []);
        isGood = true;
        assert.deepEqual(await readLayers(image), appLayers);
      });
    }

    it('stops with the job, and leaves no partial file', async () => {
      const [layer = ''] = digests.layers;
      const { host } = await registry((asked, response) => {
        if (!asked.url?.endsWith(layer)) return false;
        response.setHeader('content-length', 300_500);
        void readFile(blobFile(layer)).then((content) => response.write(content.subarray(0, 150_000)));
        return true;
      });
      const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
      const job = watchedJob();
      const image = await newFinder({ cache }).find(request(`${host}/app:single`), job);
      const fetching = fetchLayers(image.layers, job);
      const partial = path.join(cache.directory, 'partial');
      while (job.reports.length === 0) await delay(5);
      job.abort();
      await assert.rejects(fetching, { name: 'AbortError' });
      assert.deepEqual(readdirSync(partial), []);
    });

    it('downloads a layer again that the cache has lost or damaged', async () => {
      const { host, requests } = await registry();
      const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
      const [layer = ''] = digests.layers;
      const file = path.join(cache.directory, 'blobs', ...layer.split(':'));
      const downloads = () => requests.filter((each) => each.endsWith(layer)).length;
      const image = await newFinder({ cache }).find(request(`${host}/app:single`), watchedJob());
      assert.deepEqual(await readLayers(image), appLayers);
      rmSync(file);
      assert.deepEqual(await readLayers(image), appLayers);
      assert.equal(downloads(), 2);
      writeFileSync(file, 'damaged');
      const other = newFinder({ cache: new BlobCache(cache.directory, 2 ** 30) });
      assert.deepEqual(await readLayers(await other.find(request(image.digest), watchedJob())), appLayers);
      assert.equal(downloads(), 3);
    });

    it('keeps blobs of an open image from being evicted', async () => {
      const { host, requests } = await registry();
      const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 1000);
      const image = await newFinder({ cache }).find(request(`${host}/app:single`), watchedJob());
      await fetchLayers(image.layers, watchedJob());
      const isHeld = (digest: string) =>
        existsSync(path.join(cache.directory, 'blobs', ...digest.split(':')));
      assert.ok(digests.layers.every(isHeld));
      assert.deepEqual(await readLayers(image), appLayers);
      assert.equal(requests.filter((each) => digests.layers.some((layer) => each.endsWith(layer))).length, 3);
      await image[Symbol.asyncDispose]();
    });

    it('shows the registry the credentials that it was given', async () => {
      const { host } = await registry((asked, response) => {
        if (asked.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`)
          return false;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
        return true;
      });
      const password = new Secret('secret');
      const credentials = [() => Promise.resolve({ kind: 'basic', username: 'me', password } as const)];
      const image = await newFinder({ credentials }).find(request(`${host}/app:single`), watchedJob());
      assert.deepEqual(await readLayers(image), appLayers);
      await assert.rejects(
        newFinder().find(request(`${host}/app:single`), watchedJob()),
        problem(/does not let you read/),
      );
    });
  });

  describe('with several sources', () => {
    const archive = (): Source => ({ kind: 'archive', path: layout });
    const missing: Source = { kind: 'archive', path: '/no/such/archive' };
    const local: Source = { kind: 'local' };

    it('takes the first that has the image, and passes on what the others said', async () => {
      const { host } = await registry();
      const job = watchedJob();
      const image = await newFinder().find(
        request(`${host}/app:single`, [], [missing, local, remote, archive()]),
        job,
      );
      assert.equal(image.source, 'remote');
      assert.deepEqual(job.warnings.length, 2);
      assert.match(job.warnings[0] ?? '', /^Not from \/no\/such\/archive: .*there is no such file/);
      assert.match(job.warnings[1] ?? '', /^Not from docker: .*no docker daemon answers/);
    });

    it('takes one that has the platform', async () => {
      const { host } = await registry();
      const job = watchedJob();
      const wanted = request(`${host}/app:multi`, ['linux/amd64'], [remote, archive()]);
      assert.equal((await newFinder().find(wanted, job)).source, 'remote');
      const other = request(`${host}/app:none`, ['linux/arm64'], [remote, { kind: 'archive', path: layout }]);
      await assert.rejects(newFinder().find(other, job));
      const single = path.join(temporaryFolder(), 'layout');
      await writeOciLayout(single, { multi: { ...app, platform: { os: 'linux', architecture: 'riscv64' } } });
      const third = request(
        `${host}/app:multi`,
        ['linux/riscv64'],
        [remote, { kind: 'archive', path: single }],
      );
      const image = await newFinder().find(third, job);
      assert.deepEqual([image.source, image.matchedPlatform], ['archive', 'linux/riscv64']);
      assert.equal(await newFinder().currentDigest(third, job), image.digest);
      assert.match(job.warnings.at(-1) ?? '', /^Not from the registry: .*does not come for linux\/riscv64/);
    });

    it('tells what each of them said when all fail', async () => {
      const { host } = await registry();
      const { host: docker } = await serveDocker((_, response) => response.writeHead(404).end());
      const wanted = request(`${host}/app:none`, [], [remote, local, missing]);
      const job = watchedJob();
      const finder = newFinder({ environment: dockerAt(`tcp://${docker}`) });
      const found = new RegExp(
        [
          `^looking for the image ${host}/app:none: `,
          'the registry: .* does not have .*app:none \\(404\\).*; ',
          'docker: docker does not have the image .*app:none; ',
          '/no/such/archive: there is no such file.*\\. ',
          'Check the name and the tag\\. Or: Build or pull it with docker, .*\\. Or: Check the path',
        ].join(''),
      );
      await assert.rejects(finder.find(wanted, job), problem(found));
      await assert.rejects(finder.currentDigest(wanted, job), problem(found));
      assert.deepEqual(job.warnings, []);
    });

    it('has no more than a clause for a docker that does not run, after the registry', async () => {
      const { host } = await registry();
      const wanted = request(`${host}/app:none`, [], [remote, local]);
      await assert.rejects(
        newFinder().find(wanted, watchedJob()),
        problem(
          /^reading the manifest of \S+: \S+ does not have .* \(404\): manifest unknown; and no docker answers\. Check the name and the tag\.$/,
        ),
      );
      const unreachable = request('127.0.0.1:1/app:none', [], [remote, local]);
      await assert.rejects(
        newFinder().find(unreachable, watchedJob()),
        problem(
          /: 127\.0\.0\.1:1 refused the connection; and no docker answers\. Check that the registry runs/,
        ),
      );
    });

    it('leaves it at what the registry said when that was more than that it has no such image', async () => {
      const { host } = await registry((_, response) => {
        response.writeHead(403).end();
        return true;
      });
      const { host: docker } = await serveDocker((_, response) => response.writeHead(404).end());
      for (const environment of [dockerAt('unix:///none'), dockerAt(`tcp://${docker}`)]) {
        await assert.rejects(
          newFinder({ environment }).find(request(`${host}/app:v1`, [], [remote, local]), watchedJob()),
          problem(
            /^reading the manifest of \S+: \S+ does not let you read \S+ \(403\)\. Check the name; .* as a user who may read it\.$/,
          ),
        );
      }
    });

    it('tells in full of a docker that is asked first', async () => {
      const { host } = await registry();
      await assert.rejects(
        newFinder().find(request(`${host}/app:none`, [], [local, remote]), watchedJob()),
        problem(
          /docker: no docker daemon answers at .*; the registry: .* \(404\): manifest unknown\. Start docker, .* Or: Check/,
        ),
      );
    });

    it('lets a single one speak for itself', async () => {
      await assert.rejects(
        newFinder().find(request('app:v1', [], [missing]), watchedJob()),
        problem(/^reading the image archive \/no\/such\/archive: there is no such file\./),
      );
      await assert.rejects(
        newFinder().find(request('app:v1', [], []), watchedJob()),
        problem(/no source is given/),
      );
    });

    it('does not try the next one when the job is stopped, or when something breaks that should not', async () => {
      const job = watchedJob();
      job.abort();
      await assert.rejects(newFinder().find(request('app:v1', [], [archive(), archive()]), job), {
        name: 'AbortError',
      });
      const credentials = [() => Promise.reject(new TypeError('a defect'))];
      const { host } = await registry((_, response) => {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
        return true;
      });
      await assert.rejects(
        newFinder({ credentials }).find(request(`${host}/app:single`, [], [remote, archive()]), watchedJob()),
        { message: 'a defect' },
      );
    });

    it('understands the request before it asks anyone', async () => {
      for (const [reference, platform, found] of [
        ['App', 'linux/arm64', /reading the image reference "App"/],
        ['app', 'linux', /reading the platform "linux"/],
      ] as const) {
        await assert.rejects(newFinder().find(request(reference, [platform]), watchedJob()), problem(found));
      }
    });
  });
});
