import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { sourceManifestText, withFields } from '../../../src/core/checkout/manifests/source-manifest';
import { readVerityManifest } from '../../../src/core/checkout/manifests/verity-manifest';
import { addApp } from '../../../src/core/use-cases/add-app';
import { installApp } from '../../../src/core/use-cases/install-app';
import { removeApp } from '../../../src/core/use-cases/remove-app';
import type { BuildReport } from '../../../src/core/use-cases/report';
import { updateApp, type UpdateKind } from '../../../src/core/use-cases/update-app';
import { fitsHashFile } from '../../../src/core/verity/write-tree';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { noise } from '../squashfs/memory-tree';
import { Workshop } from './workshop';

const v1 = makeImage([
  makeLayer([
    { path: 'bin', kind: 'directory' },
    { path: 'bin/app', kind: 'file', content: 'app 1\n', mode: 0o755 },
    { path: 'data', kind: 'file', content: noise(300_000) },
  ]),
]);
const v2 = derive(v1, [{ path: 'bin/app', kind: 'file', content: noise(30_000, 'app'), mode: 0o755 }]);
const shop = derive(v1, [{ path: 'shop', kind: 'file', content: noise(30_000, 'shop') }]);

const [base, overlay] = ['root.squashfs', 'root.ovl.squashfs'];
const filesOf = (volume: string) => [`web/${volume}.hash`, `web/_dm/${volume}.json`];

describe('an app whose volumes dm-verity verifies', () => {
  let workshop: Workshop;
  let sources: string;
  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2, shop });
    await add('web', 'v1');
    await enable('web', { [base]: true });
  });
  afterEach(() => workshop.close());

  const inCheckout = (file: string) => path.join(workshop.checkout, file);
  const bytes = (file: string) => readFile(inCheckout(file)).catch(() => undefined);

  function add(app: string, tag: string, more: { base?: string } = {}): Promise<BuildReport> {
    const request = { app, reference: `localhost:1/web:${tag}`, sources, ...more };
    return addApp(workshop.checkout, request, workshop.environment, workshop.job());
  }

  function update(
    kind: UpdateKind,
    tag: string,
    more: { app?: string; isPreview?: boolean; signal?: AbortSignal } = {},
  ): Promise<BuildReport> {
    const { app = 'web', isPreview = false, signal } = more;
    const request = { app, kind, sources, reference: `localhost:1/web:${tag}`, isPreview };
    return updateApp(workshop.checkout, request, workshop.environment, workshop.job(signal));
  }

  const install = (app = 'web') =>
    installApp(workshop.checkout, { app }, workshop.environment, workshop.job());

  /** As a person does it: a word in src.json, and the app installed. */
  async function enable(app: string, volumes: Readonly<Record<string, boolean>>): Promise<BuildReport> {
    const dm_enabled = new Map(Object.entries(volumes));
    const manifest = withFields(await workshop.manifest(app), { dm_enabled });
    await writeFile(inCheckout(`${app}/src.json`), sourceManifestText(manifest));
    return install(app);
  }

  const manifestOf = async (volume: string, app = 'web') => {
    const file = `${app}/_dm/${volume}.json`;
    return readVerityManifest((await workshop.text(file)) ?? '', volume, file);
  };

  /** Reads every byte, as a device would by and by; and looks for whatever else isn't as it should be. */
  async function requireVerified(app: string, ...volumes: readonly string[]): Promise<void> {
    for (const volume of volumes) {
      const { dataDevice, hashDevice, rootHash, salt, uuid } = await manifestOf(volume, app);
      assert.equal(dataDevice, volume);
      assert.ok(rootHash && salt && uuid);
      const [data, hashes] = [dataDevice, hashDevice].map((file) => inCheckout(`${app}/${file}`));
      assert.ok(
        await fitsHashFile(
          data ?? '',
          hashes ?? '',
          Buffer.from(rootHash, 'hex'),
          { salt, uuid },
          new AbortController().signal,
        ),
        `${app}/${volume}`,
      );
    }
    const { apps } = await readCheckout(workshop.checkout);
    const found = apps.find(({ name }) => name === app);
    assert.deepEqual(found?.contradictions, []);
    assert.deepEqual(
      found.files.filter(({ tracking }) => tracking === 'untracked'),
      [],
    );
    const names = found.files.map((file) => file.path);
    assert.deepEqual(
      names.filter((name) => name.startsWith('_dm/')).sort(),
      volumes.map((volume) => `_dm/${volume}.json`).sort(),
    );
    assert.deepEqual(
      names.filter((name) => name.endsWith('.hash')).sort(),
      volumes.map((volume) => `${volume}.hash`).sort(),
    );
  }

  const mounted = async (app = 'web') => {
    const run = JSON.parse((await workshop.text(`${app}/run.json`)) ?? '') as Record<string, unknown>;
    return [run['root-volume'], ...(run['volumes'] as string[])];
  };

  it('is set up by installing it', async () => {
    assert.deepEqual(await mounted(), [`dm:${base}`]);
    await requireVerified('web', base);
    assert.equal((await install()).outcome, 'unchanged');
  });

  it('stays verified when only run.json says so, until src.json denies it', async () => {
    const manifest = withFields(await workshop.manifest('web'), { dm_enabled: undefined });
    await writeFile(inCheckout('web/src.json'), sourceManifestText(manifest));
    await install();
    assert.deepEqual(await mounted(), [`dm:${base}`]);
    await update('patch', 'v2');
    assert.deepEqual(await mounted(), [`dm:${base}`, `dm:${overlay}`]);
    await requireVerified('web', base, overlay);
    await enable('web', { [base]: false, [overlay]: false });
    assert.deepEqual(await mounted(), [base, overlay]);
  });

  it('is made anew when its run.json is broken', async () => {
    await writeFile(inCheckout('web/run.json'), '{');
    await install();
    assert.deepEqual(await mounted(), [`dm:${base}`]);
  });

  it('has its patch verified too, and leaves the tree of the base alone', async () => {
    const before = await stat(inCheckout(`web/${base}.hash`));
    const report = await update('patch', 'v2');
    assert.deepEqual(await mounted(), [`dm:${base}`, `dm:${overlay}`]);
    await requireVerified('web', base, overlay);
    assert.deepEqual(
      report.changedFiles.filter((file) => /_dm|hash$/.test(file)),
      filesOf(overlay),
    );
    assert.equal((await stat(inCheckout(`web/${base}.hash`))).mtimeMs, before.mtimeMs);

    const first = await bytes(`web/${overlay}.hash`);
    await update('patch', 'shop');
    await requireVerified('web', base, overlay);
    assert.notDeepEqual(await bytes(`web/${overlay}.hash`), first);
  });

  it('loses what verified its overlay with a new base, which gets a tree of its own', async () => {
    await update('patch', 'v2');
    const report = await update('new-base', 'v2');
    assert.deepEqual(await mounted(), [`dm:${base}`]);
    await requireVerified('web', base);
    for (const file of [...filesOf(base), ...filesOf(overlay)]) assert.ok(report.changedFiles.includes(file));
    const added = Object.keys(JSON.parse((await workshop.text('.pvr/new')) ?? '{}') as object);
    assert.deepEqual(
      added.filter((file) => file.includes('ovl')),
      [],
    );
  });

  it('passes it on to an app that extends it, which follows its new bases', async () => {
    await add('shop', 'shop', { base: 'web' });
    assert.deepEqual(await mounted('shop'), [`dm:${overlay}`]);
    await requireVerified('shop', overlay);
    const before = await bytes(`shop/${overlay}.hash`);
    await update('new-base', 'v2');
    await requireVerified('web', base);
    await requireVerified('shop', overlay);
    assert.notDeepEqual(await bytes(`shop/${overlay}.hash`), before);
  });

  it('has the same trees whichever way it came to an image', async () => {
    await update('patch', 'v2');
    await update('new-base', 'shop');
    await update('new-base', 'v2');
    const roundabout = await Promise.all(filesOf(base).map(bytes));
    await removeApp(workshop.checkout, { app: 'web', dependants: 'refuse' }, workshop.job());
    await add('web', 'v2');
    await enable('web', { [base]: true });
    assert.deepEqual(await Promise.all(filesOf(base).map(bytes)), roundabout);
  });

  it('keeps salt, uuid and what else pvr has in its manifests', async () => {
    const pvrs = {
      note: 'mine',
      salt: 'c0ffee',
      uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
      hash_device: `${base}.hash`,
    };
    await writeFile(inCheckout(`web/_dm/${base}.json`), JSON.stringify(pvrs));
    await update('new-base', 'v2');
    const written = JSON.parse((await workshop.text(`web/_dm/${base}.json`)) ?? '') as object;
    assert.deepEqual(written, { ...written, ...pvrs, type: 'dm-verity', data_device: base });
    await requireVerified('web', base);
  });

  it('keeps the trees of its other volumes, and makes the ones that are missing', async () => {
    await writeFile(inCheckout('web/model.squashfs'), 'm'.repeat(3 * 4096));
    const manifest = withFields(await workshop.manifest('web'), {
      args: new Map([['PV_EXTRA_VOLUMES', 'model.squashfs']]),
    });
    await writeFile(inCheckout('web/src.json'), sourceManifestText(manifest));
    await enable('web', { [base]: true, 'model.squashfs': true });
    assert.deepEqual(await mounted(), [`dm:${base}`, 'dm:model.squashfs']);
    await requireVerified('web', base, 'model.squashfs');
    const before = await bytes('web/model.squashfs.hash');
    await update('new-base', 'v2');
    assert.deepEqual(await bytes('web/model.squashfs.hash'), before);

    await writeFile(inCheckout('web/model.squashfs'), 'odd');
    await rm(inCheckout('web/model.squashfs.hash'));
    await assert.rejects(update('new-base', 'v1'), /web\/model\.squashfs.*blocks of 4096 bytes/s);
  });

  it('has a damaged tree mended by installing it, and only that one', async () => {
    await update('patch', 'v2');
    const sound = await bytes(`web/${overlay}.hash`);
    assert.ok(sound);
    for (const damaged of [Buffer.from(sound), Buffer.from(sound.subarray(0, -4096))]) {
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
      await writeFile(inCheckout(`web/${overlay}.hash`), damaged);
      const { changedFiles, download } = await install();
      assert.deepEqual(changedFiles, [`web/${overlay}.hash`]);
      assert.equal(download, sound.length);
      assert.deepEqual(await bytes(`web/${overlay}.hash`), sound);
    }
    await rm(inCheckout(`web/_dm/${overlay}.json`));
    await install();
    await requireVerified('web', base, overlay);
  });

  it('has the tree of its base mended by a patch, too: pvr leaves a stale one', async () => {
    const sound = await bytes(`web/${base}.hash`);
    assert.ok(sound);
    const stale = Buffer.from(sound);
    stale.writeUInt8(stale.readUInt8(4096) ^ 1, 4096);
    await writeFile(inCheckout(`web/${base}.hash`), stale);
    await update('patch', 'v2');
    await requireVerified('web', base, overlay);
    assert.deepEqual(await bytes(`web/${base}.hash`), sound);
  });

  it('stays as it was in a preview, and when a build is stopped', async () => {
    const files = () => Promise.all([...filesOf(base), ...filesOf(overlay), 'web/run.json'].map(bytes));
    const before = await files();
    const report = await update('patch', 'v2', { isPreview: true });
    assert.ok(report.changedFiles.includes(`web/${overlay}.hash`));
    await assert.rejects(update('patch', 'v2', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    assert.deepEqual(await files(), before);
  });

  it('never writes over a file that a manifest calls its tree, but is none', async () => {
    const manifest = JSON.stringify({ hash_device: 'src.json', root_hash: '0'.repeat(64) });
    await writeFile(inCheckout(`web/_dm/${base}.json`), manifest);
    await writeFile(inCheckout('web/_dm/gone.squashfs.json'), manifest);
    await update('new-base', 'v2');
    assert.equal((await workshop.manifest('web')).fields.docker_tag, 'v2');
    await requireVerified('web', base);

    const outside = JSON.stringify({ hash_device: '../outside.hash' });
    await writeFile(inCheckout(`web/_dm/${base}.json`), outside);
    await assert.rejects(update('new-base', 'v1'), /not a plain path/);
    assert.equal(await bytes('outside.hash'), undefined);
  });

  it('is not patched alone under an app that extends it: a device refuses that, which is said before and after', async () => {
    await add('xshop', 'shop', { base: 'web' });
    for (const app of ['web', 'xshop']) {
      const file = inCheckout(`${app}/run.json`);
      const run = JSON.parse((await readFile(file)).toString('utf8')) as object;
      await writeFile(file, JSON.stringify({ ...run, group: 'app' }));
    }
    await workshop.commit();
    workshop.warnings.length = 0;
    const { restart } = await update('patch', 'v2');
    assert.equal(restart.effect, 'refused');
    assert.deepEqual(
      workshop.warnings.map((warning) => warning.startsWith('a device refuses the revision with this patch')),
      [true],
    );
    await workshop.commit();
    const rebuilt = await update('new-base', 'v2');
    assert.equal(rebuilt.restart.effect, 'container');
    assert.match(rebuilt.restart.reason, /web and xshop restart$/);
  });
});
