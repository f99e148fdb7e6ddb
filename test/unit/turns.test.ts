import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { silentJob } from '../../src/core/job';
import { inTurns } from '../../src/core/turns';

function* numbers(count: number): Generator<number, void, undefined> {
  for (let number = 0; number < count; number += 1) yield number;
}

describe('inTurns', () => {
  it('gives all items, in their order', async () => {
    assert.deepEqual(await inTurns(numbers(5000), silentJob()), [...numbers(5000)]);
  });

  it('lets others have their turn, and stops when nobody wants the items any more', async () => {
    const stopping = new AbortController();
    const endless = inTurns(numbers(Infinity), { ...silentJob(), signal: stopping.signal });
    await setImmediate();
    stopping.abort(new Error('nobody wants them'));
    await assert.rejects(endless, /nobody wants them/);
  });
});
