import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { dockerArchive } from '../image-maker/docker-archive';
import { makeImage } from '../image-maker/image';
import { makeLayer, sha256 } from '../image-maker/layer';
import { configDocument, writeOciLayout } from '../image-maker/oci-layout';
import { layoutFiles, withContent } from '../fuzz/image-files';
import { serve } from '../unit/image/http-server';
import { serveLayout, type Intercept } from '../unit/image/layout-registry';

const run = promisify(execFile);

const noise = (name: string, of: number) =>
  ({ path: name, kind: 'file', content: new Random(of).bytes(300_000) }) as const;
const v1 = makeImage([makeLayer([noise('bin/app', 1)])]);
const newLayer = makeLayer([noise('bin/app', 2), noise('lib/new', 3)]);
const v2 = { ...v1, layers: [...v1.layers, newLayer] };

/**
 * One fault each: the build says in one line what it was doing, what it found and what to do; it leaves the checkout and
 * the caches as they were; and without the fault it works.
 */
describe('a build that fails says why, and leaves nothing behind', { concurrency: 4 }, () => {
  let folder: string;
  let layout: string;
  let tags: ReadonlyMap<string, string>;
  let old: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'failing-'));
    layout = path.join(folder, 'layout');
    tags = await writeOciLayout(layout, { v1, v2 });
    old = path.join(folder, 'old');
    await mkdir(old);
    const registry = await serveLayout(layout, tags);
    const pvx = new Pvx(path.join(folder, 'home'));
    await pvx.run(old, 'init');
    await pvx.run(old, 'app', 'add', 'web', '--from', `${registry.host}/app:v1`);
    await registry.close();
  });
  after(() => rm(folder, { recursive: true }));

  /** A copy of the checkout, and a registry that answers as it should while `intercept` lets it. */
  async function place(intercept?: Intercept) {
    const own = await mkdtemp(path.join(folder, 'place-'));
    const registry = await serveLayout(layout, tags, intercept);
    const [checkout, home] = [path.join(own, 'checkout'), path.join(own, 'home')];
    await cp(old, checkout, { recursive: true });
    return {
      checkout,
      home,
      build: ['app', 'update', 'web', '--newbase', '--from', `${registry.host}/app:v2`, '--source', 'remote'],
      registry,
    };
  }

  interface Attempt {
    readonly checkout: string;
    readonly pvx: Pvx;
    readonly build: readonly string[];
  }

  async function requireFailure({ checkout, pvx, build }: Attempt, message: RegExp): Promise<void> {
    const before = await checkoutState(checkout);
    const failure = await pvx.run(checkout, ...build).then(
      () => assert.fail('it did not fail'),
      (error: unknown) => error as { code: number; stderr: string },
    );
    assert.match(failure.stderr, message);
    // After progress and warnings, one line of three parts, and no trace.
    assert.match(failure.stderr, /^((warning: |[A-Z])[^\n]+\n)*pvx: [^\n]+: [^\n]+\. [A-Z][^\n]+\.\n$/);
    assert.equal(failure.code, 1);
    assert.deepEqual(await checkoutState(checkout), before);
    assert.deepEqual(await partsOfDownloads(pvx), []);
  }

  async function requireSuccess({ checkout, pvx, build }: Attempt): Promise<void> {
    await pvx.run(checkout, ...build);
    const manifest = await readFile(path.join(checkout, 'web', 'src.json'), 'utf8');
    assert.ok(manifest.includes(tags.get('v2') ?? 'nothing'));
    const { stdout } = await run(
      'unsquashfs',
      ['-cat', path.join(checkout, 'web', 'root.squashfs'), 'lib/new'],
      {
        encoding: 'buffer',
        maxBuffer: Infinity,
      },
    );
    assert.ok(stdout.equals(new Random(3).bytes(300_000)));
    assert.deepEqual(await partsOfDownloads(pvx), []);
  }

  describe('in a registry', { concurrency: 4 }, () => {
    const answer =
      (status: number, of: RegExp, headers: Readonly<Record<string, string>> = {}) =>
      (url: string, response: ServerResponse): boolean => {
        if (!of.test(url)) return false;
        response.writeHead(status, headers).end();
        return true;
      };
    const blobs = /\/blobs\//;
    /** The layer that is new, changed on its way. */
    const layer =
      (change: (content: Buffer, response: ServerResponse) => void) =>
      (url: string, response: ServerResponse): boolean => {
        const content = gzipSync(newLayer.tar);
        if (!url.endsWith(sha256(content))) return false;
        change(content, response);
        return true;
      };
    const faults: Readonly<
      Record<string, readonly [(url: string, response: ServerResponse) => boolean, RegExp]>
    > = {
      'that answers 401': [
        answer(401, /./, { 'www-authenticate': 'Basic realm="x"' }),
        /does not let you read .*\(401\).*docker login/,
      ],
      'that answers 403': [answer(403, /manifests/), /does not let you read .*\(403\).*docker login/],
      'that answers 403 to a layer': [answer(403, blobs), /downloading sha256:.*\(403\)/],
      'that answers 404': [answer(404, /manifests/), /does not have .*:v2 \(404\).*Check the name/],
      'that answers 404 to a layer': [answer(404, blobs), /downloading sha256:.*does not have .*\(404\)/],
      'that answers 429': [answer(429, /./, { 'retry-after': '3600' }), /too many \(429\).*Try again later/],
      'that answers 500': [answer(500, /./), /answered 500\. Try again later/],
      'that answers 503': [answer(503, /manifests/), /answered 503\. Try again later/],
      'that answers 502 to a layer': [
        answer(502, blobs),
        /downloading sha256:.*answered 502\. Try again later/,
      ],
      'whose network is lost in the middle of a layer': [
        layer((content, response) => {
          response.writeHead(200, { 'content-length': content.length });
          response.write(content.subarray(0, content.length / 2), () => response.destroy());
        }),
        /downloading sha256:.*connection .* broke.*Try again/,
      ],
      'that sends another layer': [
        layer((content, response) => response.end(new Random(9).bytes(content.length))),
        /sha256:.*/,
      ],
      'that sends a layer with a wrong byte': [
        layer((content, response) => {
          const wrong = Buffer.from(content);
          wrong.writeUInt8(wrong.readUInt8(1000) ^ 1, 1000);
          response.end(wrong);
        }),
        /sha256:.*/,
      ],
      'that sends a layer cut short': [
        layer((content, response) => response.end(content.subarray(0, 5000))),
        /sha256:.*/,
      ],
      'that sends a layer with more behind it': [
        layer((content, response) => response.end(Buffer.concat([content, Buffer.alloc(5000)]))),
        /sha256:.*/,
      ],
    };
    for (const [what, [fault, message]] of Object.entries(faults)) {
      it(what, async () => {
        let isBroken = true;
        const { checkout, home, build, registry } = await place(
          ({ url = '' }, response) => isBroken && url !== '/v2/' && fault(url, response),
        );
        const attempt = { checkout, build, pvx: new Pvx(home) };
        await requireFailure(attempt, message);
        isBroken = false;
        await requireSuccess(attempt);
        await registry.close();
      });
    }

    it('that is not there', async () => {
      const { checkout, home, build, registry } = await place();
      await registry.close();
      await requireFailure({ checkout, build, pvx: new Pvx(home) }, /127\.0\.0\.1:\d+/);
    });
  });

  describe('in an image', () => {
    /** What a build of damaged layers may say: each is what its digest promises, and still no layer. */
    const damages: Readonly<Record<string, readonly [(gzip: Buffer) => Buffer, RegExp]>> = {
      'whose layer is cut short': [
        (gzip) => gzip.subarray(0, gzip.length / 2),
        /reading the layer sha256:.*gzip data is damaged/,
      ],
      'whose layer is damaged': [
        (gzip) => Buffer.from(gzip).fill(0xff, 1000, 1100),
        /reading (a|the) layer .*damaged/,
      ],
      'whose layer is another': [
        () => gzipSync(makeLayer([noise('x', 8)]).tar),
        /reading the layer sha256:.*instead/,
      ],
      'whose layer is no archive': [() => gzipSync(Buffer.from('no archive')), /reading .*layer.*/],
    };
    for (const [what, [damage, message]] of Object.entries(damages)) {
      it(what, async () => {
        const { checkout, home, build, registry } = await place();
        const damaged = path.join(path.dirname(home), 'damaged');
        await writeWithNewLayer(damaged, damage(gzipSync(newLayer.tar)));
        const pvx = new Pvx(home);
        const fromDamaged = [
          'app',
          'update',
          'web',
          '--newbase',
          '--from',
          `${registry.host}/app:v2`,
          '--source',
          `archive:${damaged}`,
        ];
        await requireFailure({ checkout, pvx, build: fromDamaged }, message);
        await requireSuccess({ checkout, pvx, build });
        await registry.close();
      });
    }
  });

  it('when docker goes away in the middle of a layer', async () => {
    const { checkout, home, build, registry } = await place();
    const saved = dockerArchive([{ image: v2, names: ['app:v2'] }]);
    const id = sha256(Buffer.from(JSON.stringify(configDocument(v2))));
    const docker = await serve(({ url = '' }, response) => {
      if (url.includes('/get')) {
        response.write(saved.subarray(0, saved.length / 2), () => response.destroy());
      } else {
        const inspected = {
          Id: id,
          RepoTags: ['app:v2'],
          RepoDigests: [],
          Created: v2.created,
          Os: 'linux',
          Architecture: 'arm64',
        };
        const layers = v2.layers.map(({ diffId }) => diffId);
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ ...inspected, Config: v2.config, RootFS: { Type: 'layers', Layers: layers } }),
        );
      }
    });
    const pvx = new Pvx(home, { DOCKER_HOST: `tcp://${docker.host}` });
    await requireFailure(
      { checkout, pvx, build: [...build, '--source', 'local'] },
      /docker.*ended the connection/,
    );
    await docker.close();
    await requireFailure(
      { checkout, pvx, build: [...build, '--source', 'local'] },
      /no docker daemon answers/,
    );
    await requireSuccess({ checkout, pvx, build });
    await registry.close();
  });

  describe('on a disk', { concurrency: 1 }, () => {
    /** Puts a file system of its own, with what is there already, in the place of a folder. */
    async function mounted(target: string, options: string): Promise<void> {
      const kept = `${target}-kept`;
      await mkdir(target, { recursive: true });
      await cp(target, kept, { recursive: true });
      await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target]);
      await cp(kept, target, { recursive: true });
      await rm(kept, { recursive: true });
      after(() => run('umount', ['--lazy', target]));
    }
    const remount = (target: string, options: string) => run('mount', ['-o', `remount,${options}`, target]);

    it('that is full where the checkout lies', async () => {
      const { checkout, home, build, registry } = await place();
      await mounted(checkout, 'size=800k');
      const attempt = { checkout, build, pvx: new Pvx(home) };
      await requireFailure(attempt, /ENOSPC|no space/i);
      await remount(checkout, 'size=10m');
      await requireSuccess(attempt);
      await registry.close();
    });

    it('that is full where the caches lie', async () => {
      const { checkout, home, build, registry } = await place();
      const pvx = new Pvx(home);
      await mounted(pvx.cache, 'size=400k');
      await requireFailure({ checkout, pvx, build }, /the cache folder .*ENOSPC.*PVX_CACHE_DIR/);
      await remount(pvx.cache, 'size=10m');
      await requireSuccess({ checkout, pvx, build });
      await registry.close();
    });

    it('that is read-only where the checkout lies', async () => {
      const { checkout, home, build, registry } = await place();
      await mounted(checkout, 'size=10m');
      await remount(checkout, 'ro');
      const attempt = { checkout, build, pvx: new Pvx(home) };
      await requireFailure(attempt, /EROFS|read-only/i);
      await remount(checkout, 'rw');
      await requireSuccess(attempt);
      await registry.close();
    });

    it('that is read-only where the caches lie', async () => {
      const { checkout, home, build, registry } = await place();
      const pvx = new Pvx(home);
      await mounted(pvx.cache, 'size=10m');
      await remount(pvx.cache, 'ro');
      await requireFailure({ checkout, pvx, build }, /the cache folder .*EROFS.*PVX_CACHE_DIR/);
      await remount(pvx.cache, 'rw');
      await requireSuccess({ checkout, pvx, build });
      await registry.close();
    });
  });
});

/** What is left of downloads that were not finished. */
async function partsOfDownloads({ cache }: Pvx): Promise<readonly string[]> {
  return readdir(path.join(cache, 'partial')).catch(() => []);
}

/** An OCI layout with v2, whose digests are those of another last layer. */
async function writeWithNewLayer(layout: string, gzip: Buffer): Promise<void> {
  const files = await layoutFiles({ v2 });
  const last = sha256(gzipSync(newLayer.tar)).replace(/^sha256:/, path.join('blobs', 'sha256', path.sep));
  for (const [name, content] of withContent(files, last, gzip)) {
    await mkdir(path.dirname(path.join(layout, name)), { recursive: true });
    await writeFile(path.join(layout, name), content);
  }
}
