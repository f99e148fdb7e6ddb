import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeOciLayout, type OciLayoutOptions } from '../image-maker/oci-layout';
import type { Listing } from './listing';
import { listModel } from './model';
import { asOnDevice } from './pvr-additions';
import { Pvx } from './pvx';
import { Random } from './random';
import { randomImages, type RandomImages } from './random-images';
import { pushImage } from './registry-images';
import { listImage } from './umoci';
import { requireDeviceView, requireSame } from './view';

/**
 * Random images go to a registry and from there, by the command line, through every kind of build; after each of them the
 * device's view of every app must be its image. The same seed does the same again.
 *
 * @param registry the host of one to push to.
 */
export async function playScenario(seed: number, registry: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), `seed-${seed}-`));
  try {
    const images = randomImages(seed);
    const expected = await unpack(folder, images, seed);
    await build(folder, `${registry}/seed-${seed}`, images, expected, seed);
  } finally {
    await rm(folder, { recursive: true });
  }
}

type ByImage<T> = Readonly<Record<keyof RandomImages, T>>;

/** What devices must show, by umoci; what was put into the images is known as well, and must be the same. */
async function unpack(folder: string, images: RandomImages, seed: number): Promise<ByImage<Listing>> {
  const layout = path.join(folder, 'to-unpack');
  // umoci 0.4.7 can't read zstd.
  await writeLayout(layout, images, { compression: 'none' });
  const listing = async (name: keyof RandomImages): Promise<Listing> => {
    const unpacked = await listImage(layout, name);
    requireSame(unpacked, listModel(images[name].tree), `seed ${seed}: what umoci unpacks of ${name}`);
    return asOnDevice(unpacked);
  };
  return { v1: await listing('v1'), v2: await listing('v2'), extension: await listing('extension') };
}

async function writeLayout(
  layout: string,
  { v1, v2, extension }: RandomImages,
  options: OciLayoutOptions,
): Promise<void> {
  await writeOciLayout(layout, { v1: v1.image, v2: v2.image, extension: extension.image }, options);
}

async function build(
  folder: string,
  repository: string,
  images: RandomImages,
  expected: ByImage<Listing>,
  seed: number,
): Promise<void> {
  const { manifests, formatOptions, workers } = randomSettings(seed);
  const layout = path.join(folder, 'to-push');
  // Docker's manifests have no word for zstd.
  await writeLayout(layout, images, manifests === 'docker' ? { compression: 'gzip' } : {});
  const push = (name: keyof RandomImages, tag: string): Promise<void> =>
    pushImage(layout, name, `${repository}:${tag}`, manifests);

  const checkout = path.join(folder, 'checkout');
  await mkdir(checkout);
  const pvx = new Pvx(path.join(folder, 'home'));
  const run = (...args: readonly string[]): Promise<string> => pvx.run(checkout, ...args);
  const runBuild = (...args: readonly string[]): Promise<string> =>
    run('app', ...args, '--workers', String(workers));
  const requireViews = async (apps: ByApp<keyof RandomImages>, build: string): Promise<void> => {
    for (const [app, image] of Object.entries(apps)) {
      const when = `after ${build} of seed ${seed} (alone: SEED=${seed} npm test -- --only device-view)`;
      await requireDeviceView(checkout, app, expected[image], when);
    }
  };

  await run('init');
  await push('v1', 'latest');
  await runBuild('add', 'web', '--from', `${repository}:latest`, `--format-options=${formatOptions}`);
  await requireViews({ web: 'v1' }, 'add');

  await push('extension', 'extension');
  await runBuild('add', 'extension', '--base', 'web', '--from', `${repository}:extension`);
  await requireViews({ web: 'v1', extension: 'extension' }, 'add --base');

  await push('v2', 'latest');
  await runBuild('update', 'web', '--patch');
  await requireViews({ web: 'v2', extension: 'extension' }, 'update --patch');

  await runBuild('update', 'web', '--newbase');
  await requireViews({ web: 'v2', extension: 'extension' }, 'update --newbase');
}

type ByApp<T> = Readonly<Record<string, T>>;

interface Settings {
  readonly manifests: 'oci' | 'docker';
  readonly formatOptions: string;
  readonly workers: number;
}

function randomSettings(seed: number): Settings {
  const random = new Random(-seed);
  return {
    manifests: random.pick(['oci', 'oci', 'docker']),
    formatOptions: random.pick([
      '-comp xz',
      '-comp xz -b 4096',
      '-comp xz -b 1M',
      '-comp gzip',
      '-comp gzip -Xcompression-level 1 -b 64K',
      '-comp zstd',
      '-comp zstd -Xcompression-level 3 -b 256K',
    ]),
    workers: random.pick([1, 2, 3]),
  };
}
