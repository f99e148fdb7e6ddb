import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BuildQueue } from '../../../src/ui/builds/build-queue';

/** Work that ends when the test says so, and writes down what happens. */
function workshop() {
  const queue = new BuildQueue();
  const events: string[] = [];
  const start = (checkout: string, what: string) => {
    const abort = new AbortController();
    const { promise, resolve, reject } = deferred<string>();
    const result = queue.run({
      checkout,
      what,
      signal: abort.signal,
      onWaiting: (other) => events.push(`${what} waits for ${other}`),
      run: () => {
        events.push(`${what} begins`);
        return promise;
      },
    });
    result.catch(() => events.push(`${what} fails`));
    return { result, finish: () => resolve(what), fail: () => reject(new Error(what)), abort };
  };
  return { events, start };
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((ok, no) => {
    resolve = ok;
    reject = no;
  });
  return { promise, resolve, reject };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('builds of one checkout', () => {
  it('run one after the other, and say what they wait for', async () => {
    const { events, start } = workshop();
    const first = start('/a', 'first');
    const second = start('/a', 'second');
    await settle();
    assert.deepEqual(events, ['first begins', 'second waits for first']);
    first.finish();
    await first.result;
    await settle();
    assert.deepEqual(events.at(-1), 'second begins');
    second.finish();
    assert.equal(await second.result, 'second');
  });

  it('go on after one that failed', async () => {
    const { events, start } = workshop();
    const first = start('/a', 'first');
    const second = start('/a', 'second');
    first.fail();
    await assert.rejects(first.result);
    await settle();
    assert.ok(events.includes('second begins'));
    second.finish();
    await second.result;
  });

  it('do not begin when they were stopped while waiting, nor let others overtake', async () => {
    const { events, start } = workshop();
    const first = start('/a', 'first');
    const second = start('/a', 'second');
    const third = start('/a', 'third');
    second.abort.abort();
    await assert.rejects(second.result, { name: 'AbortError' });
    await settle();
    assert.ok(!events.includes('second begins'));
    assert.ok(!events.includes('third begins'));
    first.finish();
    await first.result;
    await settle();
    assert.ok(events.includes('third begins'));
    third.finish();
    await third.result;
  });
});

describe('builds of different checkouts', () => {
  it('run side by side', async () => {
    const { events, start } = workshop();
    const all = [start('/a', 'first'), start('/b', 'second')];
    await settle();
    assert.deepEqual(events, ['first begins', 'second begins']);
    all.forEach(({ finish }) => finish());
    await Promise.all(all.map(({ result }) => result));
  });
});
