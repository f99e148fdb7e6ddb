import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { applyVerity, convertToVerity } from '../../../src/core/use-cases/verity';
import { fitsHashFile } from '../../../src/core/verity/write-tree';
import { RevisionCheckout } from './revisions';

const run = '{"name":"web","root-volume":"root.squashfs","volumes":["data.squashfs"]}';
const source = '{\n  "#spec": "service-manifest-src@1",\n  "template": "builtin-lxc-docker"\n }';

async function committed(more: Readonly<Record<string, string>> = {}) {
  const checkout = new RevisionCheckout({
    'web/run.json': run,
    'web/src.json': source,
    'web/root.squashfs': 'r'.repeat(8192),
    'web/data.squashfs': 'd'.repeat(4096),
    ...more,
  });
  await checkout.add();
  await checkout.commit();
  return checkout;
}

function convert(checkout: RevisionCheckout, volume = 'root.squashfs', app = 'web') {
  return convertToVerity(checkout.folder, { app, volume }, silentJob());
}

function apply(checkout: RevisionCheckout, path?: string) {
  return applyVerity(checkout.folder, path, silentJob());
}

async function fits(checkout: RevisionCheckout, volume: string): Promise<boolean> {
  const manifest = JSON.parse(checkout.read(`web/_dm/${volume}.json`) ?? '') as Record<string, string>;
  const hex = (text = '') => Buffer.from(text.replaceAll('-', ''), 'hex');
  return fitsHashFile(
    checkout.path(`web/${volume}`),
    checkout.path(`web/${manifest['hash_device'] ?? ''}`),
    hex(manifest['root_hash']),
    { salt: hex(manifest['salt']), uuid: hex(manifest['uuid']) },
    new AbortController().signal,
  );
}

describe('converting a volume to dm-verity', () => {
  it('makes the files that pvr makes, and tracks them', async () => {
    const checkout = await committed();
    await convert(checkout);
    assert.equal(
      checkout.read('web/run.json'),
      '{"name":"web","root-volume":"dm:root.squashfs","volumes":["data.squashfs"]}',
    );
    assert.equal(
      checkout.read('web/src.json'),
      source.replace('docker"\n', 'docker",\n  "dm_enabled": {\n   "root.squashfs": true\n  }\n'),
    );
    assert.ok(await fits(checkout, 'root.squashfs'));
    assert.match(
      checkout.read('web/_dm/root.squashfs.json') ?? '',
      /^\{"data_device":"root\.squashfs","hash_device":"root\.squashfs\.hash","root_hash":"[0-9a-f]{64}","salt":"[0-9a-f]{64}","type":"dm-verity","uuid":"[0-9a-f-]{36}"\}$/,
    );
    const added = JSON.parse(checkout.read('.pvr/new') ?? '') as Record<string, { Sha: string }>;
    assert.deepEqual(Object.keys(added), ['web/_dm/root.squashfs.json', 'web/root.squashfs.hash']);
    const manifest = checkout.read('web/_dm/root.squashfs.json') ?? '';
    assert.equal(
      added['web/_dm/root.squashfs.json']?.Sha,
      createHash('sha256').update(manifest).digest('hex'),
    );
    assert.deepEqual((await convert(checkout)).changedFiles, []);
  });

  it('finds the volume where pvr looks for it', async () => {
    const checkout = await committed();
    await convert(checkout, 'data.squashfs');
    assert.match(checkout.read('web/run.json') ?? '', /"root-volume":"root\.squashfs","volumes":\["dm:data/);
    const bsp = await committed({ 'bsp/run.json': '{"modules":"m"}', 'bsp/m': 'm'.repeat(4096) });
    await convert(bsp, 'm', 'bsp');
    assert.equal(bsp.read('bsp/run.json'), '{"modules":"dm:m"}');
    assert.equal(bsp.read('bsp/src.json'), undefined);
    assert.ok(bsp.read('bsp/m.hash'));
  });

  it('changes nothing where there is no such volume or app', async () => {
    const checkout = await committed({ 'web/stray.squashfs': 's'.repeat(4096) });
    await assert.rejects(convert(checkout, 'stray.squashfs'), /web\/run\.json mounts no stray\.squashfs/);
    await assert.rejects(convert(checkout, 'root.squashfs', 'wbe'), /there is no wbe\/run\.json/);
    const lacking = await committed({ 'web/run.json': run.replace('data', 'gone') });
    await assert.rejects(convert(lacking, 'gone.squashfs'), /web\/gone\.squashfs does not exist/);
    for (const one of [checkout, lacking]) assert.deepEqual(await one.status(), []);
  });
});

describe('applying dm-verity', () => {
  it('makes trees anew that do not fit, with their salts and uuids, and leaves the others', async () => {
    const checkout = await committed();
    await convert(checkout);
    await convert(checkout, 'data.squashfs');
    await checkout.commit();
    const before = checkout.read('web/_dm/root.squashfs.json') ?? '';
    assert.deepEqual((await apply(checkout)).changedFiles, []);
    checkout.overwrite('web/root.squashfs', 'n'.repeat(8192));
    assert.equal(await fits(checkout, 'root.squashfs'), false);
    const { volumes, changedFiles } = await apply(checkout, 'web');
    assert.deepEqual(volumes, ['web/data.squashfs', 'web/root.squashfs']);
    assert.deepEqual([...changedFiles].sort(), ['web/_dm/root.squashfs.json', 'web/root.squashfs.hash']);
    assert.ok(await fits(checkout, 'root.squashfs'));
    const without = (text: string) => text.replace(/"root_hash":"[^"]+"/, '');
    assert.equal(without(checkout.read('web/_dm/root.squashfs.json') ?? ''), without(before));
  });

  it('takes whole names, and stops at a volume that is missing', async () => {
    const checkout = await committed();
    await convert(checkout);
    await assert.rejects(
      apply(checkout, 'we'),
      /nothing there has a manifest.* There are: web\/root\.squashfs/,
    );
    const gone = await committed({ 'web/_dm/gone.json': '{}' });
    await assert.rejects(apply(gone), /web\/gone does not exist/);
    assert.deepEqual((await apply(await committed(), undefined)).volumes, []);
  });
});
