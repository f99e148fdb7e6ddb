import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { checkoutFiles } from '../device-view/checkout-files';
import { rootLayers, withMounted } from '../device-view/device';
import { listFolder } from '../device-view/folder-listing';
import type { Listing } from '../device-view/listing';
import { publish } from '../device-view/publish';
import { Pvx } from '../device-view/pvx';
import { requireDeviceView, requireSame } from '../device-view/view';
import type { Entry } from '../image-maker/entry';
import { derive, makeImage, type Image } from '../image-maker/image';
import { layerFromTar } from '../image-maker/layer';
import { startDockerRegistry, type DockerRegistry } from './docker-registry';

const run = promisify(execFile);

/** What a later version changes: each of pvr's blind spots, and things that pvr gets right. */
const changes: readonly Entry[] = [
  { path: 'bin/nginx', kind: 'file', mode: 0o4755, content: 'the new server\n' },
  { path: 'etc/nginx/conf.d/default.conf', kind: 'file', content: 'server { listen 81; }\n' },
  { path: 'lib', kind: 'directory' },
  { path: 'lib/libx.so', kind: 'symlink', target: '/usr/lib/libx.so.1' },
  { path: 'root/.key', kind: 'file', mode: 0o400, content: 'secret\n' },
  { path: 'run/pipe', kind: 'fifo' },
  { path: 'usr/share/nginx/html', kind: 'whiteout' },
  { path: 'var/lib/app', kind: 'directory', mode: 0o700, uid: 101, gid: 101 },
  { path: 'var/lib/app/new', kind: 'file', uid: 101, gid: 101, content: 'new\n' },
];

const overlayFiles = ['web/root.ovl.squashfs', 'web/root.ovl.squashfs.docker-digest'];

/** In `added`, pvr has added web, base and hello, which extends base; in `patched`, it has patched web, too. */
describe('checkouts that the real pvr has made', () => {
  let registry: DockerRegistry;
  let folder: string;
  let checkout: string;
  let pvx: Pvx;

  before(async () => {
    registry = await startDockerRegistry();
  });
  after(() => registry.stop());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pvr-checkout-'));
    checkout = path.join(folder, 'checkout');
    pvx = new Pvx(path.join(folder, 'home'));
    await mkdir(checkout);
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function open(fixture: 'added' | 'patched'): Promise<void> {
    const archive = path.resolve('test', 'fixtures', 'checkouts', `${fixture}.tar.gz`);
    await run('tar', ['-xzf', archive, '-C', checkout]);
  }

  const read = (file: string): Promise<string> => readFile(path.join(checkout, file), 'utf8');

  async function readJson(file: string): Promise<Record<string, unknown>> {
    return JSON.parse(await read(file)) as Record<string, unknown>;
  }

  async function edit(file: string, change: (text: string) => string): Promise<void> {
    await writeFile(path.join(checkout, file), change(await read(file)));
  }

  /** The image of a base: its files as one layer. */
  async function imageOf(app: string): Promise<Image> {
    const tar = path.join(folder, 'base.tar');
    await withMounted([path.join(checkout, app, 'root.squashfs')], (root) =>
      run('tar', ['--numeric-owner', '-C', root, '-cf', tar, '.']),
    );
    return makeImage([layerFromTar(await readFile(tar))], {
      config: { Entrypoint: ['/bin/nginx'], Env: ['PATH=/bin'] },
    });
  }

  async function publishNext(app: string, reference: string): Promise<Listing> {
    return publish(derive(await imageOf(app), changes), folder, reference);
  }

  /** What pvr would leave out of the next commit, and files that `.pvr/new` gets wrong. */
  async function requireTracked(added: readonly string[]): Promise<void> {
    const files = await checkoutFiles(checkout);
    const inNew = await readJson('.pvr/new').catch(() => ({}));
    assert.deepEqual(
      inNew,
      Object.fromEntries(added.map((file) => [file, { ForceObject: false, Sha: files.get(file) }])),
      '.pvr/new',
    );
    const tracked = new Set([...Object.keys(await readJson('.pvr/json')), ...added]);
    const untracked = [...files.keys()].filter((file) => !file.startsWith('.pvr/') && !tracked.has(file));
    assert.deepEqual(untracked, []);
  }

  it('patches an app', async () => {
    await open('added');
    const state = await read('.pvr/json');
    const reference = `${registry.host}/web:2`;
    const next = await publishNext('web', reference);
    await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', reference, '--source', 'remote');
    await requireDeviceView(checkout, 'web', next, 'after the patch');
    await requireTracked(overlayFiles);
    assert.equal(await read('.pvr/json'), state);
  });

  it('changes in the files that describe an app only what the image says', async () => {
    await open('added');
    await edit('web/src.json', (text) =>
      text
        .replace('"docker_name"', '"pv_build_origin": "yocto",\n  "docker_name"')
        .replace('"docker_source": "local"', '"docker_source": "remote"'),
    );
    const source = await readJson('web/src.json');
    const run = await readJson('web/run.json');
    const conf = await read('web/lxc.container.conf');
    const reference = `${registry.host}/web:2`;
    await publishNext('web', reference);

    await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', reference);

    const digest = await read('web/root.ovl.squashfs.docker-digest');
    assert.match(digest, new RegExp(`^${registry.host}/web@sha256:[0-9a-f]{64}$`));
    const updated = await readJson('web/src.json');
    assert.deepEqual(updated, {
      ...source,
      docker_name: `${registry.host}/web`,
      docker_tag: '2',
      docker_ovl_digest: digest,
      docker_config: { Entrypoint: ['/bin/nginx'], Env: ['PATH=/bin'] },
    });
    assert.deepEqual(
      Object.keys(updated).filter((key) => key in source),
      Object.keys(source),
    );
    assert.doesNotMatch(await read('web/src.json'), /null/);
    assert.deepEqual(await readJson('web/run.json'), { ...run, volumes: ['root.ovl.squashfs'] });
    assert.equal(
      await read('web/lxc.container.conf'),
      conf
        .replace('overlayfs:', 'overlayfs:/volumes/web/root.ovl.squashfs:')
        .replace('lxc.init.cmd = /bin/nginx "nginx""-g""daemon off;"', 'lxc.init.cmd = /bin/nginx'),
    );
  });

  it('patches an app that pvr has patched, and mends what pvr got wrong', async () => {
    await open('patched');
    const reference = `${registry.host}/web:2`;
    const next = await publishNext('web', reference);
    await pvx.run(checkout, 'app', 'update', 'web', '--from', reference, '--source', 'remote');
    await requireDeviceView(checkout, 'web', next, 'after the second patch');
    // pvr has left that to its user.
    await requireTracked(overlayFiles);
  });

  it('gives a patched app a new base', async () => {
    await open('patched');
    const reference = `${registry.host}/web:2`;
    const next = await publishNext('web', reference);
    await pvx.run(checkout, 'app', 'update', 'web', '--newbase', '--from', reference, '--source', 'remote');
    assert.deepEqual(await rootLayers(checkout, 'web'), [path.join(checkout, 'web', 'root.squashfs')]);
    await requireDeviceView(checkout, 'web', next, 'after the new base');
    await requireTracked([]);
    const { docker_digest: digest, docker_ovl_digest: overlayDigest } = await readJson('web/src.json');
    assert.equal(digest, await read('web/root.squashfs.docker-digest'));
    assert.equal(overlayDigest, undefined);
    const files = [...(await checkoutFiles(checkout)).keys()].filter((file) => file.startsWith('web/'));
    assert.deepEqual(files, [
      'web/lxc.container.conf',
      'web/root.squashfs',
      'web/root.squashfs.docker-digest',
      'web/run.json',
      'web/src.json',
    ]);
  });

  it('extends a base', async () => {
    await open('added');
    const reference = `${registry.host}/extension:1`;
    const extension = await publishNext('base', reference);
    await pvx.run(
      checkout,
      'app',
      'add',
      'more',
      '--base',
      'base',
      '--from',
      reference,
      '--source',
      'remote',
    );
    await requireDeviceView(checkout, 'more', extension, 'after it was added');
    await requireTracked([
      'more/lxc.container.conf',
      'more/root.ovl.squashfs',
      'more/root.ovl.squashfs.docker-digest',
      'more/run.json',
      'more/src.json',
    ]);
    assert.equal(
      (await readJson('more/src.json'))['docker_digest'],
      await read('base/root.squashfs.docker-digest'),
    );
  });

  it('patches an extension app', async () => {
    await open('added');
    const reference = `${registry.host}/hello:2`;
    const next = await publishNext('base', reference);
    await pvx.run(checkout, 'app', 'update', 'hello', '--from', reference, '--source', 'remote');
    await requireDeviceView(checkout, 'hello', next, 'after the update');
    await requireTracked([]);
  });

  it("takes an extension app along to its base's new base, though its own image is nowhere to be had", async () => {
    await open('added');
    const helloBefore = await withMounted(await rootLayers(checkout, 'hello'), listFolder);
    const reference = `${registry.host}/web:2`;
    const next = await publishNext('base', reference);
    await pvx.run(checkout, 'app', 'update', 'base', '--newbase', '--from', reference, '--source', 'remote');
    const base = await withMounted([path.join(checkout, 'base', 'root.squashfs')], listFolder);
    requireSame(base, next, 'the new base');
    await requireDeviceView(checkout, 'hello', helloBefore, 'on the new base');
    await requireTracked([]);
    const digest = await read('base/root.squashfs.docker-digest');
    assert.equal((await readJson('base/src.json'))['docker_digest'], digest);
    assert.equal((await readJson('hello/src.json'))['docker_digest'], digest);
  });

  it('refuses a new base of an extension app, and leaves it as it is', async () => {
    await open('added');
    const before = await checkoutFiles(checkout);
    await assert.rejects(pvx.run(checkout, 'app', 'update', 'hello', '--newbase'), {
      code: 1,
      stderr: /hello has none: it extends base.*pvx app update base --newbase/s,
    });
    assert.deepEqual(await checkoutFiles(checkout), before);
  });
});
