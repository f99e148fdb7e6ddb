import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LockFile } from '../../../../src/core/checkout/change/lock-file';
import { temporaryCheckout } from '../temporary-folder';

describe('a lock file', () => {
  it('is removed, also when somebody else tidies it up in between', async () => {
    const file = path.join(temporaryCheckout(), '.pvr', 'lock');
    const lock = await LockFile.create(file, 'a test');
    assert.ok(lock !== undefined);
    // All of them read it before the first one removes it.
    await Promise.all(Array.from({ length: 4 }, () => lock.remove()));
    assert.equal(existsSync(file), false);
  });

  it('of somebody else stays', async () => {
    const file = path.join(temporaryCheckout(), '.pvr', 'lock');
    const first = await LockFile.create(file, 'a test');
    const second = await LockFile.replace(file, 'another');
    await first?.remove();
    assert.equal(existsSync(file), true);
    await second?.remove();
    assert.equal(existsSync(file), false);
  });
});
