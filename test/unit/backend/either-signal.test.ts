import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EitherSignal } from '../../../src/backend/either-signal';

describe('a signal of several', () => {
  it('is aborted with the first of them, for its reason', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    using either = new EitherSignal(one.signal, other.signal);
    assert.equal(either.signal.aborted, false);
    other.abort('the other');
    one.abort('the one');
    assert.equal(either.signal.reason, 'the other');
    using late = new EitherSignal(one.signal, other.signal);
    assert.equal(late.signal.reason, 'the one');
  });

  it('is aborted also where nobody listens, and the one that was aborted is gone before somebody asks', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const lasting = new AbortController();
    const abortedAndGone = () => {
      const gone = new AbortController();
      const either = new EitherSignal(gone.signal, lasting.signal);
      gone.abort();
      return either;
    };
    using either = abortedAndGone();
    for (let round = 0; round < 5; round++) {
      await turn();
      collect();
    }
    assert.ok(either.signal.aborted);
  });

  it('lets go of them when it is disposed of', () => {
    const lasting = new AbortController();
    const either = new EitherSignal(lasting.signal);
    assert.equal(getEventListeners(lasting.signal, 'abort').length, 1);
    either[Symbol.dispose]();
    assert.equal(getEventListeners(lasting.signal, 'abort').length, 0);
    lasting.abort();
    assert.equal(either.signal.aborted, false);
  });
});
