import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { App } from '../../../src/core/checkout/app';
import { Checkouts } from '../../../src/ui/model/checkouts';
import { OverlayHistory } from '../../../src/ui/model/overlay-history';
import { ADisk } from './a-disk';
import { AStorage } from './a-storage';
import { aCheckout, anApp, digest, squashfs } from './an-app';

const device = '/device';
const web = { checkout: device, app: 'web' };

/** `web` with an overlay of some size over a base, each named by the digit of its image's digest. */
function patched(size: number, image: string, base = 'a'): App {
  return anApp('web', { overlay: squashfs(size) }, { digest: digest(base), overlayDigest: digest(image) });
}

describe('the history of overlays', () => {
  let disk: ADisk;
  let storage: AStorage;
  let checkouts: Checkouts;
  let history: OverlayHistory;

  const lay = async (...apps: readonly App[]) => {
    disk.checkouts.set(device, aCheckout(device, apps));
    await checkouts.refresh();
  };

  beforeEach(() => {
    disk = new ADisk();
    storage = new AStorage();
    checkouts = new Checkouts(() => ['/'], disk);
    history = new OverlayHistory(storage, checkouts);
  });
  afterEach(() => {
    history.dispose();
    checkouts.dispose();
  });

  it('is what each build made, oldest first, with the present one', async () => {
    assert.deepEqual(history.of(web), []);
    await lay(patched(10, '1'));
    await lay(patched(30, '2'));
    await lay(patched(20, '3'));
    assert.deepEqual(history.of(web), [10, 30, 20]);
  });

  it('takes other changes for no build, and a build of another image with the same size for one', async () => {
    await lay(patched(10, '1'));
    await lay(patched(10, '1'), anApp('other'));
    assert.deepEqual(history.of(web), [10]);
    await lay(patched(10, '2'));
    assert.deepEqual(history.of(web), [10, 10]);
  });

  it('takes all sizes that one build’s file has while it is copied for one', async () => {
    await lay(patched(10, '1'));
    for (const size of [5, 20, 30]) await lay(patched(size, '2'));
    assert.deepEqual(history.of(web), [10, 30]);
  });

  it('begins anew with a new base', async () => {
    await lay(patched(10, '1'));
    await lay(patched(20, '2'));
    await lay(patched(5, '3', 'b'));
    assert.deepEqual(history.of(web), [5]);
  });

  it('knows nothing of apps without an overlay, or that were made elsewhere', async () => {
    const elsewhere = { kind: 'pvr', url: 'https://pvr.example' } as const;
    await lay(anApp('web'), anApp('other', { overlay: squashfs(10), source: elsewhere }));
    assert.deepEqual(history.of(web), []);
    assert.deepEqual(history.of({ checkout: device, app: 'other' }), []);
  });

  it('keeps apps of the same name in several checkouts apart', async () => {
    disk.checkouts.set('/other', aCheckout('/other', [patched(99, '9')]));
    await lay(patched(10, '1'));
    assert.deepEqual(history.of(web), [10]);
    assert.deepEqual(history.of({ checkout: '/other', app: 'web' }), [99]);
  });

  it('is written when it changed, and not otherwise', async () => {
    await lay(anApp('other'));
    assert.equal(storage.writes, 0);
    await lay(patched(10, '1'));
    assert.equal(storage.writes, 1);
    await lay(patched(10, '1'), anApp('other'));
    assert.equal(storage.writes, 1);
  });

  it('knows nothing of apps and checkouts that are gone, now and in later windows', async () => {
    const elsewhere = { checkout: '/other', app: 'web' };
    const knownLater = () => new OverlayHistory(storage, new Checkouts(() => ['/'], new ADisk()));
    disk.checkouts.set('/other', aCheckout('/other', [patched(99, '9')]));
    await lay(patched(10, '1'), anApp('other'));
    await lay(anApp('other'));
    assert.deepEqual([history.of(web), knownLater().of(web)], [[], []]);
    assert.deepEqual(history.of(elsewhere), [99]);
    disk.checkouts.delete('/other');
    await checkouts.refresh();
    assert.deepEqual([history.of(elsewhere), knownLater().of(elsewhere)], [[], []]);
  });

  it('outlives the window, up to the last twenty builds', async () => {
    for (let size = 1; size <= 25; size++) await lay(patched(size, (size % 16).toString(16)));
    history.dispose();
    history = new OverlayHistory(storage, checkouts);
    const sizes = history.of(web);
    assert.deepEqual([sizes.length, sizes[0], sizes.at(-1)], [20, 6, 25]);
    await lay(patched(26, 'f'));
    assert.deepEqual([history.of(web).length, history.of(web).at(-1)], [20, 26]);
  });
});
