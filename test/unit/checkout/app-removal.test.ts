import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dependantsOf, pathsOfApps } from '../../../src/core/checkout/app-removal';
import { filesAt, filesOf } from '../../../src/core/checkout/checkout-files';
import { appFiles, readChanged, signatureText, withMembers } from './sample-checkout';

describe('what goes with an app', () => {
  it('is its folder, where that is all', async () => {
    assert.deepEqual(pathsOfApps(await readChanged({}), ['plain']), ['plain']);
  });

  it('is its configuration, too, and the signatures of nothing else', async () => {
    const checkout = await readChanged({
      '_config/plain/etc/motd': 'x',
      '_config/plainer/etc/motd': 'x',
      '_sigs/plain.json': signatureText(['plain/**', '_config/plain/**'], ['plain/src.json']),
      '_sigs/by-vendor.json': signatureText(['plain/*.squashfs']),
      '_sigs/config.json': signatureText(['_config/plain/**']),
      '_sigs/pair.json': signatureText(['plain/**', 'hello/**']),
      '_sigs/all.json': signatureText(['**']),
      '_sigs/other.json': signatureText(['hello/**']),
      '_sigs/nothing.json': signatureText(['gone/**']),
    });
    assert.deepEqual(pathsOfApps(checkout, ['plain']), [
      'plain',
      '_config/plain',
      '_sigs/by-vendor.json',
      '_sigs/config.json',
      '_sigs/plain.json',
    ]);
  });

  it('is not the signature in its name where that covers other apps: it has to be made again', async () => {
    const checkout = await readChanged({ '_sigs/plain.json': signatureText(['plain/**', 'hello/**']) });
    assert.deepEqual(pathsOfApps(checkout, ['plain']), ['plain']);
  });

  it('is the signature in its name where that covers nothing', async () => {
    const checkout = await readChanged({ '_sigs/plain.json': signatureText(['gone/**']) });
    assert.deepEqual(pathsOfApps(checkout, ['plain']), ['plain', '_sigs/plain.json']);
  });

  it('is, of several apps, also the signature of them all', async () => {
    const checkout = await readChanged({ '_sigs/pair.json': signatureText(['base/**', 'hello/**']) });
    assert.deepEqual(pathsOfApps(checkout, ['base']), ['base']);
    assert.deepEqual(pathsOfApps(checkout, ['base', 'hello']), ['base', 'hello', '_sigs/pair.json']);
  });

  it('may be the apps that extend it, and those that extend these', async () => {
    const fields = { base: 'hello', docker_digest: 'base@sha256:1', docker_ovl_digest: 'top@sha256:1' };
    const checkout = await readChanged(appFiles('top', fields));
    assert.deepEqual(dependantsOf(checkout, 'base'), ['hello', 'top']);
    assert.deepEqual(dependantsOf(checkout, 'top'), []);
    const loop = await readChanged({
      ...withMembers('hello/src.json', { base: 'other' }),
      ...appFiles('other', { base: 'hello' }),
    });
    assert.deepEqual(dependantsOf(loop, 'hello'), ['other']);
  });

  it('can be told file by file', async () => {
    const checkout = await readChanged({ '_config/plain/etc/motd': 'x', 'plainer.txt': 'x' });
    const files = filesAt(checkout, ['plain', '_config/plain', 'plain/src.json']);
    assert.ok(files.every(({ tracking }) => tracking === 'untracked'));
    assert.deepEqual(
      files.map(({ path }) => path),
      [
        'plain/lxc.container.conf',
        'plain/root.squashfs',
        'plain/root.squashfs.docker-digest',
        'plain/run.json',
        'plain/src.json',
        '_config/plain/etc/motd',
      ],
    );
    assert.ok(filesOf(checkout).includes('plainer.txt'));
  });
});
