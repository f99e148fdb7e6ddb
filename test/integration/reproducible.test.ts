import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkoutFiles } from '../device-view/checkout-files';
import { publish } from '../device-view/publish';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { randomImages } from '../device-view/random-images';
import type { Entry } from '../image-maker/entry';
import { derive, makeImage, type Image } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { isLongForm } from '../long-form';
import { startDockerRegistry } from './docker-registry';

/** The builds, one after the other; each adds to what the ones before have made. */
const builds = [
  ['app', 'add', 'web', '--from', 'localhost/web:v1'],
  ['app', 'add', 'extension', '--base', 'web', '--from', 'localhost/web:extension'],
  ['app', 'update', 'web', '--patch', '--from', 'localhost/web:v2'],
  ['app', 'update', 'web', '--newbase', '--from', 'localhost/web:v2'],
] as const;

describe('the same builds in two folders give the same files', { concurrency: 2 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'reproducible-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const formatOptions of ['-comp xz', '-comp gzip', '-comp zstd']) {
    it(`of many large files, ${formatOptions}`, () => buildTwice(largeImages(), formatOptions));
  }
  for (const seed of isLongForm ? [1, 2, 3] : [1]) {
    it(`of the random images of seed ${seed}`, () => {
      const { v1, v2, extension } = randomImages(seed);
      return buildTwice({ v1: v1.image, v2: v2.image, extension: extension.image }, '-comp xz -b 64K');
    });
  }

  async function buildTwice(images: Readonly<Record<string, Image>>, formatOptions: string): Promise<void> {
    const place = await mkdtemp(path.join(folder, 'builds-'));
    const layout = path.join(place, 'layout');
    await writeOciLayout(layout, images);
    const one = await open(path.join(place, 'one'), { TZ: 'America/Los_Angeles', LC_ALL: 'C' });
    const other = await open(path.join(place, 'other', 'one'), { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' });
    for (const build of builds) {
      const options = ['--source', `archive:${layout}`];
      if (build[1] === 'add') options.push(`--format-options=${formatOptions}`);
      await one.run(...build, ...options, '--workers', '1');
      await other.forget();
      await other.run(...build, ...options, '--workers', '8');
      assert.deepEqual(await builtFiles(other), await builtFiles(one), build.join(' '));
    }
  }

  it('when files of an app are lost and installed again', async () => {
    const registry = await startDockerRegistry();
    try {
      const place = await mkdtemp(path.join(folder, 'lost-'));
      const { v1, v2 } = randomImages(4);
      const builder = await open(place);
      await publish(v1.image, place, `${registry.host}/web:latest`);
      await builder.run('app', 'add', 'web', '--from', `${registry.host}/web:latest`);
      await publish(v2.image, place, `${registry.host}/web:latest`);
      await builder.run('app', 'update', 'web', '--patch');
      const built = await builtFiles(builder);
      for (const file of ['root.squashfs', 'root.ovl.squashfs', 'run.json', 'lxc.container.conf']) {
        await rm(path.join(builder.checkout, 'web', file));
      }
      await builder.forget();
      await builder.run('app', 'install', 'web');
      assert.deepEqual(await builtFiles(builder), built);
    } finally {
      await registry.stop();
    }
  });
});

interface Builder {
  readonly checkout: string;
  run(...args: readonly string[]): Promise<string>;
  /** Drops what it remembers of earlier builds, which must not show in later ones. */
  forget(): Promise<void>;
}

/** An empty checkout in a folder, and whoever works in it. */
async function open(folder: string, environment: NodeJS.ProcessEnv = {}): Promise<Builder> {
  const checkout = path.join(folder, 'checkout');
  await mkdir(checkout, { recursive: true });
  const pvx = new Pvx(path.join(folder, 'home'), environment);
  await pvx.run(checkout, 'init');
  return {
    checkout,
    run: (...args) => pvx.run(checkout, ...args),
    forget: () => rm(pvx.cache, { recursive: true, force: true }),
  };
}

/** All files but the one that names a folder of its user (`ObjectsDir`). */
async function builtFiles({ checkout }: Builder): Promise<ReadonlyMap<string, string>> {
  const files = new Map(await checkoutFiles(checkout));
  files.delete('.pvr/config');
  return files;
}

/** Enough to keep eight workers busy: files of many blocks, the same ones again, and a thousand that share fragments. */
function largeImages(): Readonly<Record<string, Image>> {
  const random = new Random(1);
  const blob = (path: string, length: number): Entry => ({
    path,
    kind: 'file',
    content: random.bytes(length),
  });
  const text = (path: string, length: number, what: string): Entry => ({
    path,
    kind: 'file',
    content: Array.from({ length: length / 32 }, (_, at) => `${what}, line ${at * 7919}`.padEnd(31)).join(
      '\n',
    ),
  });
  const v1 = makeImage([
    makeLayer([
      ...Array.from({ length: 6 }, (_, at) => text(`text-${at}`, 2 ** 20, `text ${at % 4}`)),
      ...Array.from({ length: 4 }, (_, at) => blob(`blob-${at}`, 300_000 + 4 * at)),
      ...Array.from({ length: 1000 }, (_, at) => blob(`small-${at}`, 4 * random.below(2000))),
    ]),
  ]);
  const v2 = derive(v1, [
    ...Array.from({ length: 3 }, (_, at) => text(`text-${at}`, 2 ** 20 + 32 * at, `new text ${at}`)),
    ...Array.from({ length: 300 }, (_, at) => blob(`small-${3 * at}`, 4 * random.below(2000))),
    { path: 'blob-1', kind: 'whiteout' },
  ]);
  return {
    v1,
    v2,
    extension: derive(v1, [text('extension', 2 ** 19, 'of the extension'), blob('more', 200_000)]),
  };
}
