import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { cacheFolder } from '../../../src/core/use-cases/steps/cache-folder';
import { temporaryCheckout, temporaryFolder } from '../checkout/temporary-folder';

const named = (folder: string) =>
  cacheFolder({ env: { PVX_CACHE_DIR: folder }, homeDirectory: '/home/me', platform: process.platform });

describe('the cache folder', () => {
  it('is no part of a checkout, made or not, by whatever path', () => {
    const checkout = temporaryCheckout({ 'web/src.json': '{}' });
    const link = path.join(temporaryFolder(), 'link');
    symlinkSync(checkout, link, 'junction');
    for (const folder of [
      checkout,
      path.join(checkout, 'web'),
      path.join(checkout, 'caches', 'of', 'pvx'),
      path.join(link, 'cache'),
    ]) {
      assert.throws(
        () => named(folder),
        (error) => error instanceof Problem && error.found.includes(`lies in the checkout ${checkout}`),
      );
    }
    assert.ok(!existsSync(path.join(checkout, 'caches')));
  });

  it('may lie beside one, and in the home of somebody whose logins pvr keeps there', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, '.pvr'));
    assert.equal(named(path.join(folder, 'cache')), path.join(folder, 'cache'));
  });
});
