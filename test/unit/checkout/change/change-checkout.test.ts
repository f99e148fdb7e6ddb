import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeCheckout } from '../../../../src/core/checkout/change/change-checkout';
import { silentJob, type WarningSubject } from '../../../../src/core/job';
import { temporaryCheckout, writeFiles } from '../temporary-folder';

describe('whoever changes a checkout', () => {
  it('hears what became of changes that were interrupted, whatever becomes of this one', async () => {
    const checkout = temporaryCheckout();
    const [begun, unknown] = ['00000000-0000-0000-0000-000000000000', '11111111-1111-1111-1111-111111111111'];
    writeFiles(checkout, {
      [`.pvr/tmp/${begun}/1-src.json`]: 'new',
      [`.pvr/tmp/${unknown}/journal.json`]: '{"version":1}',
    });
    const heard: (readonly [string, WarningSubject | undefined])[] = [];
    const job = {
      ...silentJob(),
      warn: (message: string, about?: WarningSubject) => void heard.push([message, about]),
    };
    const failing = changeCheckout(checkout, { what: 'testing' }, job, () => Promise.reject(new Error('no')));
    await assert.rejects(failing, /no/);
    assert.deepEqual(
      heard.map(([, about]) => about),
      ['checkout', 'checkout'],
    );
    assert.match(heard[0]?.[0] ?? '', /what it left has been removed/);
    assert.match(heard[1]?.[0] ?? '', /neither finished nor undone.*set-aside-11111111/);
  });
});
