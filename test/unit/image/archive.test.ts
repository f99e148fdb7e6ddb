import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BlobCache } from '../../../src/core/image/blob-cache';
import { createImageFinder } from '../../../src/core/image/find-image';
import type { Image as FoundImage } from '../../../src/core/image/image';
import { Problem } from '../../../src/core/problem';
import { compress } from '../../image-maker/compression';
import { dockerArchive, dockerArchiveEntries } from '../../image-maker/docker-archive';
import type { Entry } from '../../image-maker/entry';
import { derive, type Image, makeImage } from '../../image-maker/image';
import { makeLayer, sha256 } from '../../image-maker/layer';
import { writeOciLayout } from '../../image-maker/oci-layout';
import { tarArchive } from '../../image-maker/tar-archive';
import { temporaryFolder } from '../checkout/temporary-folder';
import { watchedJob, type WatchedJob } from './watched-job';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);
/** What compresses; the tests of what is missing are left out. */
const programs = (['zstd', 'xz', 'bzip2'] as const).filter(
  (program) => spawnSync(program, { input: 'x', stdio: ['pipe', 'ignore', 'ignore'] }).status === 0,
);

const base = makeImage([
  makeLayer([
    { path: 'etc', kind: 'directory' },
    { path: 'etc/base', kind: 'file', content: 'base '.repeat(1000) },
  ]),
]);
const app = derive(base, [{ path: 'etc/app', kind: 'file', content: 'app' }], { compression: 'gzip' });
const appForAmd64: Image = { ...base, platform: { os: 'linux', architecture: 'amd64' } };

const appLayers = app.layers.map(({ tar }) => tar);

interface Asked {
  readonly reference?: string;
  readonly platforms?: readonly string[];
  readonly job?: WatchedJob;
  readonly cache?: BlobCache;
}

function find(
  archive: string,
  { reference = 'app:v1', platforms = [], job = watchedJob(), cache }: Asked = {},
) {
  return finderWith(cache).find({ reference, sources: [{ kind: 'archive', path: archive }], platforms }, job);
}

function finderWith(cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30)) {
  const environment = { env: {}, homeDirectory: temporaryFolder(), platform: process.platform };
  return createImageFinder({ environment, cache, codecs: path.resolve('dist') });
}

const readLayers = (image: FoundImage) =>
  Promise.all(image.layers.map((layer) => buffer(layer.open(watchedJob()))));

/** Opens it, checks that it is `app`, and closes it. */
async function requireApp(
  archive: string,
  asked: Asked = {},
): Promise<Omit<FoundImage, 'layers' | typeof Symbol.asyncDispose>> {
  const image = await find(archive, asked);
  try {
    assert.deepEqual(await readLayers(image), appLayers);
    const { name, tag, digest, source, platform, matchedPlatform, config } = image;
    return { name, tag, digest, source, platform, matchedPlatform, config };
  } finally {
    await image[Symbol.asyncDispose]();
  }
}

/** An OCI image layout with the app for two platforms as v1, and other images. */
async function layout(
  options: Parameters<typeof writeOciLayout>[2] = {},
): Promise<{ folder: string; v1: string }> {
  const folder = path.join(temporaryFolder(), 'layout');
  const digests = await writeOciLayout(folder, { v1: [appForAmd64, app], 'other:v2': base }, options);
  return { folder, v1: digests.get('v1') ?? '' };
}

async function packed(folder: string): Promise<Buffer> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const entries = names.map(({ parentPath, name }): Entry => {
    const file = path.join(parentPath, name);
    const inside = path.relative(folder, file).replaceAll(path.sep, '/');
    return { path: inside, kind: 'file', content: readFileSync(file) };
  });
  return tarArchive(entries, { prefix: './' });
}

async function written(bytes: Buffer, name = 'archive.tar'): Promise<string> {
  const file = path.join(temporaryFolder(), name);
  await writeFile(file, bytes);
  return file;
}

describe('an OCI image layout', () => {
  const platforms = ['linux/arm/v7', 'linux/arm64/v8'];

  it('gives an image from a folder', async () => {
    const { folder, v1 } = await layout();
    const { digest, ...image } = await requireApp(folder, { platforms });
    const index = JSON.parse(readFileSync(path.join(folder, 'blobs', ...v1.split(':')), 'utf8')) as {
      manifests: { digest: string }[];
    };
    assert.equal(digest, `app@${index.manifests[1]?.digest ?? ''}`);
    assert.deepEqual(image, {
      name: 'app',
      tag: 'v1',
      source: 'archive',
      platform: { os: 'linux', architecture: 'arm64', variant: '' },
      matchedPlatform: 'linux/arm64/v8',
      config: { created: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000, config: { Cmd: ['/bin/sh'] } },
    });
    assert.equal(
      await finderWith().currentDigest(
        { reference: 'app:v1', sources: [{ kind: 'archive', path: folder }], platforms },
        watchedJob(),
      ),
      digest,
    );
  });

  it('gives the same from a tar archive, and leaves the cache alone', async () => {
    const { folder } = await layout();
    const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
    const tar = await written(await packed(folder));
    assert.deepEqual(await requireApp(tar, { platforms, cache }), await requireApp(folder, { platforms }));
    assert.ok(!existsSync(cache.directory));
  });

  for (const name of ['gzip', 'zstd', 'xz', 'bzip2'] as const) {
    it(
      `gives the same from an archive compressed with ${name}, which is unpacked once`,
      { skip: name !== 'gzip' && !programs.includes(name) },
      async () => {
        const { folder } = await layout();
        const file = await written(compress(await packed(folder), name));
        const finder = finderWith();
        const request = {
          reference: 'app:v1',
          sources: [{ kind: 'archive', path: file }] as const,
          platforms,
        };
        const first = watchedJob();
        const image = await finder.find(request, first);
        assert.deepEqual(await readLayers(image), appLayers);
        assert.equal(first.reports.at(-1)?.done, (await readFile(file)).length);

        const again = watchedJob();
        const same = await finder.find(request, again);
        assert.equal(same.digest, image.digest);
        assert.deepEqual(again.reports, []);
        await Promise.all([image[Symbol.asyncDispose](), same[Symbol.asyncDispose]()]);

        await writeFile(file, 'another file');
        await assert.rejects(finder.find(request, watchedJob()), problem(/it is not a tar archive/));
      },
    );
  }

  it('is unpacked again when the cache has lost a part', async () => {
    const { folder } = await layout();
    const file = await written(gzipSync(await packed(folder)));
    const cache = new BlobCache(path.join(temporaryFolder(), 'cache'), 2 ** 30);
    const finder = finderWith(cache);
    const request = { reference: 'app:v1', sources: [{ kind: 'archive', path: file }] as const, platforms };
    await (await finder.find(request, watchedJob()))[Symbol.asyncDispose]();
    rmSync(path.join(cache.directory, 'blobs'), { recursive: true });
    const image = await finder.find(request, watchedJob());
    assert.deepEqual(await readLayers(image), appLayers);
    await image[Symbol.asyncDispose]();
  });

  for (const [what, options] of [
    ["docker's media types", { mediaTypes: 'docker' }],
    ['layers that are not compressed', { compression: 'none' }],
    ...programs.map((compression) => [`layers compressed with ${compression}`, { compression }] as const),
  ] as const) {
    it(`may have ${what}`, async () => {
      const { folder } = await layout(options);
      await requireApp(folder, { platforms });
    });
  }

  it('gives the image of a digest, of an index or a manifest', async () => {
    const { folder, v1 } = await layout();
    const byIndex = await requireApp(folder, { reference: `reg.example/app@${v1}`, platforms });
    assert.equal(byIndex.tag, undefined);
    const byManifest = await requireApp(folder, { reference: byIndex.digest, platforms });
    assert.deepEqual(byManifest, byIndex);
  });

  it('says that it does not hold the image of a digest, and what it holds', async () => {
    const { folder } = await layout();
    const missing = `app@${sha256(Buffer.from('missing'))}`;
    await assert.rejects(
      find(folder, { reference: missing }),
      problem(/several images, none of them app@sha256:\w+: v1, other:v2\. Name one of these images\.$/),
    );
    const single = path.join(temporaryFolder(), 'layout');
    await writeOciLayout(single, { v1: app });
    await assert.rejects(
      find(single, { reference: missing }),
      problem(/it holds one image, which is not app@sha256:\w+: v1\. Name this image\.$/),
    );
    const { folder: damaged, v1 } = await layout();
    await rm(path.join(damaged, 'blobs', ...v1.split(':')));
    await assert.rejects(
      find(damaged, { reference: `app@${v1}` }),
      problem(/its index\.json lists sha256:\w+, and it does not hold that\. Make the archive again/),
    );
  });

  it('is asked for the platform, and never gives another', async () => {
    const { folder } = await layout();
    await assert.rejects(find(folder), problem(/several platforms \(linux\/amd64, linux\/arm64\)/));
    await assert.rejects(
      find(folder, { platforms: ['linux/riscv64'] }),
      problem(/does not come for linux\/riscv64, only for linux\/amd64, linux\/arm64/),
    );
    await assert.rejects(
      find(folder, { reference: 'other:v2', platforms: ['linux/amd64'] }),
      problem(/was built for linux\/arm64, and linux\/amd64 is wanted/),
    );
  });

  it('counts only the platforms that it holds', async () => {
    const { folder, v1 } = await layout();
    const index = JSON.parse(readFileSync(path.join(folder, 'blobs', ...v1.split(':')), 'utf8')) as {
      manifests: { digest: string }[];
    };
    const [amd64 = '', arm64 = ''] = index.manifests.map(({ digest }) => digest);
    await rm(path.join(folder, 'blobs', ...amd64.split(':')));
    await requireApp(folder);
    await assert.rejects(
      find(folder, { platforms: ['linux/amd64'] }),
      problem(/does not come for linux\/amd64, only for linux\/arm64/),
    );
    await rm(path.join(folder, 'blobs', ...arm64.split(':')));
    await assert.rejects(find(folder), problem(/none of the images that its index lists is there/));
  });

  it('is to be made again when its index is cut off', async () => {
    const { folder } = await layout();
    await writeFile(path.join(folder, 'index.json'), '{"schemaVersion":2,');
    await assert.rejects(find(folder), problem(/it is not JSON\. Make the archive again/));
  });

  it('may list the platforms without an index of their own', async () => {
    const { folder } = await layout();
    const names = path.join(folder, 'index.json');
    const { manifests } = JSON.parse(await readFile(names, 'utf8')) as {
      manifests: { digest: string; annotations?: object }[];
    };
    const nested = JSON.parse(
      await readFile(path.join(folder, 'blobs', ...(manifests[0]?.digest ?? '').split(':')), 'utf8'),
    ) as object;
    await writeFile(names, JSON.stringify(nested));
    await requireApp(folder, { platforms });
  });

  describe('finds an image by its name', () => {
    const named = async (names: readonly object[]) => {
      const { folder } = await layout();
      const file = path.join(folder, 'index.json');
      const index = JSON.parse(await readFile(file, 'utf8')) as { manifests: object[] };
      await writeFile(
        file,
        JSON.stringify({
          ...index,
          manifests: index.manifests.map((manifest, at) => ({ ...manifest, annotations: names[at] })),
        }),
      );
      return folder;
    };
    const refName = 'org.opencontainers.image.ref.name';
    const containerd = 'io.containerd.image.name';

    for (const [what, names] of [
      ['a tag', [{ [refName]: 'v1' }, { [refName]: 'v2' }]],
      ['a whole reference', [{ [refName]: 'docker.io/library/app:v1' }, { [refName]: 'reg.example/app:v1' }]],
      [
        "containerd's name, which counts more than the tag",
        [
          { [containerd]: 'docker.io/library/app:v1', [refName]: 'v1' },
          { [containerd]: 'docker.io/library/other:v1', [refName]: 'v1' },
        ],
      ],
    ] as const) {
      it(`by ${what}`, async () => {
        await requireApp(await named(names), { platforms });
      });
    }

    it('by a tag alone, written as the archive lists it', async () => {
      const folder = await named([{ [refName]: 'app' }, { [refName]: 'other' }]);
      await requireApp(folder, { platforms, reference: 'app' });
    });

    it('or says which names there are', async () => {
      const folder = await named([{ [refName]: 'one:v1' }, { [refName]: 'two:v1' }]);
      await assert.rejects(
        find(folder, { platforms }),
        problem(/it holds several images, none of them app:v1: one:v1, two:v1\. Name one of these/),
      );
    });

    it('or takes the only one, and says so', async () => {
      const folder = path.join(temporaryFolder(), 'layout');
      await writeOciLayout(folder, { 'one:v7': app });
      const job = watchedJob();
      await requireApp(folder, { job });
      assert.deepEqual(job.warnings, [`${folder} calls its only image one:v7; it is taken for app:v1.`]);
    });
  });

  it('believes an index that puts right what a config says, but not in silence', async () => {
    const folder = path.join(temporaryFolder(), 'layout');
    const digests = await writeOciLayout(folder, { v1: [app, appForAmd64] });
    const file = path.join(folder, 'blobs', ...(digests.get('v1') ?? '').split(':'));
    const index = readFileSync(file, 'utf8').replace('"arm64"', '"riscv64"');
    const digest = sha256(Buffer.from(index));
    writeFileSync(path.join(folder, 'blobs', ...digest.split(':')), index);
    const job = watchedJob();
    const image = await requireApp(folder, { reference: `app@${digest}`, platforms: ['linux/riscv64'], job });
    assert.equal(image.matchedPlatform, 'linux/riscv64');
    assert.match(
      job.warnings[0] ?? '',
      /offers this image for linux\/riscv64, and the image itself says linux\/arm64/,
    );
  });

  describe('that lies', () => {
    const changed = async (
      change: (blobs: string, manifest: { config: Blob; layers: Blob[] }) => Promise<void>,
    ) => {
      const folder = path.join(temporaryFolder(), 'layout');
      const digests = await writeOciLayout(folder, { v1: app });
      const blobs = path.join(folder, 'blobs', 'sha256');
      const manifest = path.join(folder, 'blobs', ...(digests.get('v1') ?? '').split(':'));
      await change(blobs, JSON.parse(await readFile(manifest, 'utf8')) as { config: Blob; layers: Blob[] });
      return folder;
    };
    interface Blob {
      readonly digest: string;
      readonly size: number;
    }
    const fileOf = (blobs: string, blob: Blob | undefined) => path.join(blobs, (blob?.digest ?? '').slice(7));

    it('about a config is found out', async () => {
      const folder = await changed(async (blobs, { config }) => {
        const text = await readFile(fileOf(blobs, config), 'utf8');
        await writeFile(fileOf(blobs, config), text.replace('/bin/sh', '/bin/hs'));
      });
      await assert.rejects(
        find(folder),
        problem(/^reading sha256:.* the content has the digest .* instead of/),
      );
    });

    it('about a layer is found out when that is read', async () => {
      const folder = await changed((blobs, { layers }) =>
        writeFile(fileOf(blobs, layers[1]), gzipSync(base.layers[0]?.tar ?? '')),
      );
      const image = await find(folder);
      await assert.rejects(
        readLayers(image),
        problem(/^reading the layer sha256:.* the content has the digest/),
      );
    });

    it('about the number of layers is found out', async () => {
      const folder = await changed(async (blobs, { config }) => {
        const text = await readFile(fileOf(blobs, config), 'utf8');
        const digest = sha256(Buffer.from(text.replace(/"diff_ids":\["[^"]*",/, '"diff_ids":[')));
        await writeFile(
          path.join(blobs, digest.slice(7)),
          text.replace(/"diff_ids":\["[^"]*",/, '"diff_ids":['),
        );
        const [name = ''] = await manifestsIn(blobs);
        const manifest = (await readFile(path.join(blobs, name), 'utf8'))
          .replace(config.digest, digest)
          .replace(`"size":${config.size}`, `"size":${text.length - 74}`);
        const manifestDigest = sha256(Buffer.from(manifest));
        await writeFile(path.join(blobs, manifestDigest.slice(7)), manifest);
        await writeFile(
          path.join(blobs, '..', '..', 'index.json'),
          JSON.stringify({
            schemaVersion: 2,
            manifests: [
              {
                mediaType: 'application/vnd.oci.image.manifest.v1+json',
                digest: manifestDigest,
                size: manifest.length,
              },
            ],
          }),
        );
      });
      await assert.rejects(find(folder), problem(/its manifest has 2 layers and its config 1/));
    });

    it('about what it holds is found out', async () => {
      const folder = await changed((blobs, { layers }) => rm(fileOf(blobs, layers[0])));
      const image = await find(folder);
      await assert.rejects(readLayers(image), problem(/it does not hold "blobs\/sha256\//));
    });
  });
});

async function manifestsIn(blobs: string): Promise<string[]> {
  const names = await readdir(blobs);
  return names.filter((name) => readFileSync(path.join(blobs, name)).includes('"layers":['));
}

describe('an archive of docker save', () => {
  const archive = (...names: readonly string[]) => dockerArchive([{ image: app, names }]);

  it('gives an image, known by its ID', async () => {
    const file = await written(archive('app:v1'));
    const { digest, ...image } = await requireApp(file, { platforms: ['arm64'] });
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.ok(archive('app:v1').includes(`${digest.slice(7)}.json`));
    assert.deepEqual(image, {
      name: 'app',
      tag: 'v1',
      source: 'archive',
      platform: { os: 'linux', architecture: 'arm64', variant: '' },
      matchedPlatform: 'arm64',
      config: { created: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000, config: { Cmd: ['/bin/sh'] } },
    });
  });

  it('may be compressed', async () => {
    await requireApp(await written(gzipSync(archive('app:v1'))));
  });

  it('may have layers that are links to those of other images, names in GNU style and a prefix', async () => {
    const images = [
      { image: base, names: ['base:v1'] },
      { image: app, names: ['docker.io/library/app:v1', 'app:latest'] },
    ];
    for (const options of [{}, { prefix: './' }, { dialect: 'gnu' }] as const) {
      const file = await written(dockerArchive(images, options));
      await requireApp(file);
      await requireApp(file, { reference: 'app' });
    }
  });

  it('may have compressed layers and any order', async () => {
    const entries = dockerArchiveEntries([{ image: app, names: ['app:v1'] }]).map((entry) =>
      entry.kind === 'file' && entry.path.endsWith('layer.tar')
        ? { ...entry, content: gzipSync(entry.content) }
        : entry,
    );
    await requireApp(await written(tarArchive(entries.reverse())));
  });

  it('gives one of several images only by its name', async () => {
    const images = [
      { image: base, names: ['base:v1'] },
      { image: app, names: [] },
    ];
    const file = await written(dockerArchive(images));
    await assert.rejects(
      find(file),
      problem(/several images, none of them app:v1: base:v1, one without a name/),
    );
    const nameless = await written(dockerArchive(images.map(({ image }) => ({ image, names: [] }))));
    await assert.rejects(find(nameless), problem(/holds 2 images, and does not say which is app:v1/));
    await assert.rejects(find(await written(dockerArchive([]))), problem(/it holds no image/));
  });

  it('never gives another platform', async () => {
    const file = await written(archive('app:v1'));
    await assert.rejects(
      find(file, { platforms: ['linux/amd64', 'linux/386'] }),
      problem(/was built for linux\/arm64, and linux\/amd64 or linux\/386 is wanted/),
    );
  });

  it('can not be asked for a digest', async () => {
    const reference = `app@${sha256(Buffer.from('x'))}`;
    await assert.rejects(
      find(await written(archive('app:v1')), { reference }),
      problem(/has no digest to find app@/),
    );
  });

  it('stays readable when another file takes its place', async () => {
    const file = await written(archive('app:v1'));
    const image = await find(file);
    await writeFile(`${file}.new`, 'something else');
    await rename(`${file}.new`, file);
    assert.deepEqual(await readLayers(image), appLayers);
    await image[Symbol.asyncDispose]();
  });

  describe('that lies', () => {
    const entries = dockerArchiveEntries([{ image: app, names: ['app:v1'] }]);
    const change = (edit: (entry: Entry & { kind: 'file' }) => Entry) =>
      written(tarArchive(entries.map((entry) => (entry.kind === 'file' ? edit(entry) : entry))));

    it('about its config is found out', async () => {
      const file = await change((entry) =>
        /^[0-9a-f]{64}\.json$/.test(entry.path)
          ? { ...entry, content: entry.content.toString().replace('/bin/sh', '/bin/hs') }
          : entry,
      );
      await assert.rejects(
        find(file),
        problem(/the config that is named [0-9a-f]{64} has the digest sha256:/),
      );
    });

    it('about a layer is found out', async () => {
      const file = await change((entry) =>
        entry.path.endsWith('layer.tar') ? { ...entry, content: base.layers[0]?.tar ?? '' } : entry,
      );
      await assert.rejects(readLayers(await find(file)), problem(/the content has the digest/));
    });

    for (const [what, from, to, found] of [
      ['a layer that is not there', 'layer.tar"]', 'layer.tax"]', /does not hold ".*layer\.tax"/],
      [
        'a layer outside of it',
        /"[^"]*layer\.tar"\]/,
        '"../../../etc/passwd"]',
        /does not hold "..\/..\/..\/etc\/passwd"/,
      ],
      [
        'a config outside of it',
        /"Config":"[^"]*"/,
        '"Config":"/etc/passwd"',
        /does not hold "\/etc\/passwd"/,
      ],
      [
        'fewer layers than its config',
        /"Layers":\["[^"]*",/,
        '"Layers":[',
        /lists 1 layers for app:v1, and the image has 2/,
      ],
      ['a list that is none', /^\[.*/, '{}', /reading manifest\.json in .*expected array/],
      ['a list without an end', /\]$/, '', /reading manifest\.json in .*it is not JSON/],
    ] as const) {
      it(`about ${what} is found out`, async () => {
        const file = await change((entry) =>
          entry.path === 'manifest.json'
            ? { ...entry, content: entry.content.toString().replace(from, to) }
            : entry,
        );
        await assert.rejects(find(file), problem(found));
      });
    }

    it('about sizes is found out', async () => {
      const large = Buffer.alloc(5 * 1024 * 1024, ' ');
      const file = await change((entry) =>
        entry.path === 'manifest.json' ? { ...entry, content: large } : entry,
      );
      await assert.rejects(
        find(file),
        problem(/"manifest\.json" in it has 5242880 bytes, and 4194304 is the limit/),
      );
    });
  });
});

describe('what is no image archive', () => {
  const rejected = async (bytes: Buffer, found: RegExp) => {
    const file = await written(bytes);
    await assert.rejects(find(file), problem(found));
    // The same when it comes as a stream.
    if (bytes.length > 0) await assert.rejects(find(await written(gzipSync(bytes))), problem(found));
  };
  const file = (name: string, content = ''): Entry => ({ path: name, kind: 'file', content });

  it('is refused with what it lacks', async () => {
    const missing = path.join(temporaryFolder(), 'missing.tar');
    await assert.rejects(find(missing), problem(/missing\.tar: there is no such file\. Check the path/));
    await assert.rejects(
      find(`${missing},remote,local`),
      problem(/there is no such file\. Write the archive last, .* is its path, ",local" too\.$/),
    );
    await assert.rejects(
      find(temporaryFolder()),
      problem(/neither index\.json \(OCI\) nor manifest\.json \(docker\)/),
    );
    if (process.platform === 'linux') {
      // Anything that can't be read twice; a pipe would never even open.
      await assert.rejects(find('/dev/null'), problem(/it is neither a file nor a folder\. Save the image/));
    }
    await rejected(Buffer.alloc(0), /neither index\.json/);
    await rejected(tarArchive([file('some/file')]), /neither index\.json/);
    await rejected(tarArchive([file('repositories', '{}')]), /docker before 1\.10/);
    await rejected(Buffer.from('not a tar archive'), /it is not a tar archive/);
    await rejected(Buffer.alloc(4096, 'not a tar archive'), /it is not a tar archive/);
    const xz = Buffer.from('fd377a585a0000000000', 'hex');
    await assert.rejects(
      find(await written(xz)),
      problem(/^unpacking the image archive .*: its xz data .*Download or make the image again/),
    );
  });

  it('is refused when it is cut or has impossible headers', async () => {
    const whole = dockerArchive([{ image: app, names: ['app:v1'] }]);
    await rejected(whole.subarray(0, 3000), /it ends early/);
    await rejected(whole.subarray(0, 5000), /it ends early/);
    await assert.rejects(
      find(await written(gzipSync(whole).subarray(0, -20))),
      problem(/gzip data is damaged/),
    );
    const endless: Entry = { path: 'layer.tar', kind: 'file', content: 'x' };
    const huge = tarArchive([endless]);
    huge.write('77777777777\0', 124, 'latin1');
    huge.fill(' ', 148, 156);
    const sum = huge.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    huge.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    await rejected(huge, /it ends early/);
  });

  it('is refused when its names or links lead out of it', async () => {
    await rejected(tarArchive([file('../../evil')]), /a file whose name leads out of it/);
    await rejected(
      tarArchive([{ path: 'index.json', kind: 'symlink', target: '../../../etc/passwd' }]),
      /a link that leads out of it/,
    );
    await rejected(
      tarArchive([{ path: 'index.json', kind: 'symlink', target: 'index.json' }]),
      /neither index\.json/,
    );
    await rejected(
      tarArchive([
        { path: 'manifest.json', kind: 'hardlink', target: 'index.json' },
        { path: 'index.json', kind: 'hardlink', target: 'manifest.json' },
      ]),
      /neither index\.json/,
    );
  });

  it('is not looked for outside of a folder', async () => {
    const folder = temporaryFolder();
    await mkdir(path.join(folder, 'layout'));
    await writeFile(path.join(folder, 'secret'), '[]');
    await writeFile(
      path.join(folder, 'layout', 'manifest.json'),
      JSON.stringify([{ Config: '../secret', RepoTags: ['app:v1'], Layers: [] }]),
    );
    await assert.rejects(find(path.join(folder, 'layout')), problem(/does not hold "..\/secret"/));
  });

  it('is given up with the job', async () => {
    const job = watchedJob();
    const { folder } = await layout();
    const compressed = await written(gzipSync(await packed(folder)));
    job.abort();
    await assert.rejects(find(compressed, { job }), { name: 'AbortError' });
  });
});

describe('an archive of docker save with oddities that docker load takes', () => {
  const entries = dockerArchiveEntries([{ image: app, names: ['app:v1'] }]);

  it('may have an index.json that lists nothing, as docker 25.0 writes it', async () => {
    for (const manifests of [null, []]) {
      const content = JSON.stringify({ schemaVersion: 2, manifests });
      await requireApp(
        await written(tarArchive([...entries, { path: 'index.json', kind: 'file', content }])),
      );
    }
  });

  it('may have names without a tag, which mean latest', async () => {
    const images = [
      { image: base, names: ['test_image_2'] },
      { image: app, names: ['test_image_1'] },
    ];
    await requireApp(await written(dockerArchive(images)), { reference: 'test_image_1' });
  });

  it('may write its names with ./', async () => {
    const dotted = entries.map((entry) =>
      entry.path === 'manifest.json' && entry.kind === 'file'
        ? { ...entry, content: entry.content.toString().replace(/"([0-9a-f]{64})/g, '"./$1') }
        : entry,
    );
    await requireApp(await written(tarArchive(dotted)));
  });
});

describe('an index whose entries name no platform', () => {
  it('is chosen from by what the images themselves say', async () => {
    const { folder } = await layout();
    const file = path.join(folder, 'index.json');
    const blobs = path.join(folder, 'blobs', 'sha256');
    const top = JSON.parse(await readFile(file, 'utf8')) as { manifests: { digest: string }[] };
    const index = JSON.parse(
      await readFile(path.join(blobs, top.manifests[0]?.digest.slice(7) ?? ''), 'utf8'),
    ) as { manifests: object[] };
    const manifests = index.manifests.map((entry) => ({ ...entry, platform: {} }));
    await writeFile(file, JSON.stringify({ schemaVersion: 2, manifests }));
    const { digest } = await requireApp(folder, { platforms: ['linux/arm64'] });
    assert.match(digest, /^app@sha256:/);
    await assert.rejects(
      find(folder, { platforms: ['linux/riscv64'] }),
      problem(/does not come for linux\/riscv64, only for .*linux\/amd64/),
    );
  });
});
