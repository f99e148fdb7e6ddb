import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOutOfMemory } from '../../src/core/out-of-memory';

describe('isOutOfMemory', () => {
  it('knows how memory that has run out is told', () => {
    for (const error of [
      new RangeError(
        'WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance',
      ),
      new RangeError('Array buffer allocation failed'),
      new Error('EAGAIN'),
      Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' }),
      Object.assign(new Error('Worker terminated'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }),
    ]) {
      assert.ok(isOutOfMemory(error), error.message);
    }
  });

  it('takes nothing else for it', () => {
    for (const error of [
      new TypeError("Cannot read properties of undefined (reading 'memory')"),
      new Error('EAGAIN: resource temporarily unavailable, read'),
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      undefined,
    ]) {
      assert.ok(!isOutOfMemory(error), String(error));
    }
  });
});
