import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fuzz, type FuzzOptions } from './supervisor';
import { corpusOf, moduleOf, targetNames } from './targets';

describe('what strangers may have made', { concurrency: 2 }, () => {
  for (const name of targetNames) {
    it(`is read or refused, in time and within bounded memory: ${name}`, async () => {
      const { inputs, findings } = await fuzz(moduleOf(name), {
        seed: 1,
        inputs: 200,
        corpus: corpusOf(name),
      });
      assert.deepEqual(findings, []);
      assert.ok(inputs > 100, `${inputs}`);
    });
  }
});

describe('the watch over it', { concurrency: 2 }, () => {
  const module = path.join(import.meta.dirname, 'broken-reader.ts');
  const run = (options: Partial<FuzzOptions> = {}) => fuzz(module, { seed: 1, inputs: 0, ...options });

  it('finds every way to fail, and goes on after it', async () => {
    const { findings } = await run();
    const found = new Map(findings.map(({ what, input }) => [input.toString(), what]));
    assert.deepEqual([...found.keys()].sort(), [
      'ends the process',
      'fails',
      'rejects later',
      'takes all memory',
    ]);
    assert.match(found.get('fails') ?? '', /^TypeError: no Problem\n.*broken-reader/);
    assert.match(found.get('ends the process') ?? '', /^its process ended with 3/);
    assert.match(found.get('rejects later') ?? '', /^its process ended with 1:[^]*nobody waits for this/);
    assert.match(found.get('takes all memory') ?? '', /^it took \d+ MiB of memory$/);
  });

  it('does the same again for the same seed, and other things for another', async () => {
    const seen = async (seed: number) =>
      (await run({ seed, inputs: 40 })).findings.map(({ input }) => input.toString('hex'));
    const [one, again, other] = [await seen(1), await seen(1), await seen(2)];
    assert.deepEqual(again, one);
    assert.notDeepEqual(other, one);
  });
});
