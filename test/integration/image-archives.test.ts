import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';
import { createGzip } from 'node:zlib';
import { silentJob } from '../../src/core/job';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { startDockerDaemon } from './docker-daemon';
import { run } from './docker-registry';
import { newFinder, readLayers } from './image-finder';

const job = silentJob();

const base = makeImage([makeLayer([{ path: 'etc', kind: 'directory' }])]);
const app = derive(base, [{ path: 'etc/app', kind: 'file', content: randomBytes(3_000_000) }]);
const forAmd64 = { ...base, platform: { os: 'linux', architecture: 'amd64' } };
/** A name longer than a header can hold, the same layer twice, and an empty one. */
const twice = derive(derive(app, [{ path: 'x'.repeat(200), kind: 'file', content: 'x' }]), []);
const odd = { ...twice, layers: [...twice.layers, ...twice.layers.slice(1, 2)] };

describe('archives of other tools', () => {
  let folder = '';
  const at = (name: string) => path.join(folder, name);

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'image-archives-'));
    await writeOciLayout(at('layout'), { multi: [forAmd64, app], app, odd });
  });
  after(() => rm(folder, { recursive: true }));

  const copy = (from: string, to: string, ...options: string[]) =>
    run('skopeo', ['copy', '--insecure-policy', ...options, from, to]);

  async function requireImage(
    archive: string,
    layers: readonly { readonly tar: Buffer }[],
    reference = 'app:v1',
  ) {
    const platforms = ['linux/arm64'];
    const finder = newFinder(folder);
    const image = await finder.find(
      { reference, sources: [{ kind: 'archive', path: archive }], platforms },
      job,
    );
    assert.deepEqual(
      await readLayers(image),
      layers.map(({ tar }) => tar),
    );
    assert.equal(image.matchedPlatform, 'linux/arm64');
    await image[Symbol.asyncDispose]();
    await finder.close();
    return image;
  }

  it('are read as skopeo writes them for docker', async () => {
    await copy(`oci:${at('layout')}:app`, `docker-archive:${at('docker.tar')}:example.org/app:v1`);
    await requireImage(at('docker.tar'), app.layers, 'example.org/app:v1');
    await copy(`oci:${at('layout')}:odd`, `docker-archive:${at('odd.tar')}:odd:v1`);
    await requireImage(at('odd.tar'), odd.layers, 'odd:v1');
  });

  it('are read as skopeo writes OCI layouts', async () => {
    await copy(`oci:${at('layout')}:app`, `oci:${at('copy')}:v1`);
    const fromFolder = await requireImage(at('copy'), app.layers);
    await copy(`oci:${at('layout')}:app`, `oci-archive:${at('oci.tar')}:v1`);
    const fromTar = await requireImage(at('oci.tar'), app.layers);
    assert.match(fromTar.digest, /^app@sha256:/);
    assert.equal(fromTar.digest, fromFolder.digest);
    for (const [name, compress] of [
      [
        'oci.tar.gz',
        () => pipeline(createReadStream(at('oci.tar')), createGzip(), createWriteStream(at('oci.tar.gz'))),
      ],
      ['oci.tar.zst', () => run('zstd', ['-q', at('oci.tar')])],
      ['9.tar.xz', () => run('sh', ['-c', `xz -9 < ${at('oci.tar')} > ${at('9.tar.xz')}`])],
      // Several blocks, as of archives larger than this one.
      [
        'threads.tar.xz',
        () => run('sh', ['-c', `xz -T0 --block-size=4096 < ${at('oci.tar')} > ${at('threads.tar.xz')}`]),
      ],
      ['oci.tar.bz2', () => run('bzip2', ['--keep', at('oci.tar')])],
      // As pbzip2 does: a stream for each part.
      [
        'parallel.tar.bz2',
        () => run('sh', ['-c', `split -b 4096 --filter=bzip2 ${at('oci.tar')} > ${at('parallel.tar.bz2')}`]),
      ],
    ] as const) {
      await compress();
      assert.equal((await requireImage(at(name), app.layers)).digest, fromTar.digest);
    }
  });

  it('are read with all their platforms', async () => {
    await copy(`oci:${at('layout')}:multi`, `oci-archive:${at('multi.tar')}:v1`, '--all');
    await requireImage(at('multi.tar'), app.layers);
  });

  it('are read as docker itself saves them', async () => {
    await copy(`oci:${at('layout')}:app`, `docker-archive:${at('one.tar')}:app:v1`);
    await copy(`oci:${at('layout')}:odd`, `docker-archive:${at('two.tar')}:odd:v1`);
    const daemon = await startDockerDaemon();
    try {
      await daemon.load(await readFile(at('one.tar')));
      await daemon.load(await readFile(at('two.tar')));
      await daemon.tag('app:v1', 'mirror.example/app', 'latest');
      const names = ['app:v1', 'odd:v1', 'mirror.example/app:latest'];
      await save(daemon.host, names, at('saved.tar'));
    } finally {
      await daemon.stop();
    }
    const one = await requireImage(at('saved.tar'), app.layers);
    const mirrored = await requireImage(at('saved.tar'), app.layers, 'mirror.example/app');
    assert.equal(mirrored.digest, one.digest);
    await requireImage(at('saved.tar'), odd.layers, 'odd:v1');
  });

  it('are read as umoci changes them', async () => {
    await copy(`oci:${at('layout')}:app`, `oci:${at('umoci')}:v1`);
    await run('umoci', ['config', '--image', `${at('umoci')}:v1`, '--config.env', 'LANG=C']);
    const { config } = await requireImage(at('umoci'), app.layers);
    assert.deepEqual(config.config['Env'], ['LANG=C']);
  });
});

/** `docker save` of several images at once. */
async function save(host: string, names: readonly string[], file: string): Promise<void> {
  const query = names.map((name) => `names=${encodeURIComponent(name)}`).join('&');
  const asked = request({ socketPath: host.replace('unix://', ''), path: `/images/get?${query}` });
  asked.end();
  await new Promise<void>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      pipeline(response, createWriteStream(file)).then(resolve, reject);
    });
  });
}
