import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, symlinkSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DerivedCache } from '../../../src/core/use-cases/steps/derived-cache';
import { temporaryFolder } from '../checkout/temporary-folder';

/** As if it had last been used so many minutes ago. */
function age(file: string, minutes: number): void {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(file, then, then);
}

describe('the cache of what was derived', () => {
  it('lets go of what was used least recently, whatever else lies in its folder', async () => {
    const folder = temporaryFolder();
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'dangling'));
    const cache = new DerivedCache(folder, 2500);
    // Random bytes don't compress.
    const value = randomBytes(1000);
    for (const [key, minutes] of [
      ['used', 3],
      ['oldest', 2],
    ] as const) {
      await cache.put('test', key, value);
      age(path.join(folder, `test-${key}`), minutes);
    }
    assert.deepEqual(await cache.get('test', 'used'), value);
    await cache.put('test', 'new', value);
    assert.deepEqual(readdirSync(folder).sort(), ['dangling', 'test-new', 'test-used']);
    assert.equal(await cache.get('test', 'oldest'), undefined);
    assert.deepEqual(await cache.get('test', 'new'), value);
  });
});
