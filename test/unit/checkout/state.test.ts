import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { isObjectId, parseState, readState } from '../../../src/core/checkout/state';
import { temporaryCheckout, temporaryFolder } from './temporary-folder';

describe('the state of a checkout', () => {
  it('has its files by path, and its kind apart', () => {
    const { spec, entries } = parseState(
      '{ "#spec": "pantavisor-service-system@1", "web/src.json": {"a":1} }',
    );
    assert.equal(spec, 'pantavisor-service-system@1');
    assert.deepEqual([...entries.keys()], ['web/src.json']);
    assert.equal(parseState('{"#spec":1}').spec, undefined);
    assert.equal(parseState('{}').spec, undefined);
  });

  it('is a Problem when it is missing or broken', async () => {
    await assert.rejects(readState(new OpenedCheckout(temporaryFolder())), /is not a checkout.*pvx init/);
    await assert.rejects(
      readState(new OpenedCheckout(temporaryCheckout({ '.pvr/json': '{' }))),
      /found the end of the text\. Get the state again with pvr get, .*\.$/,
    );
    assert.throws(() => parseState('[]'), /a list instead of an object.*pvr get/);
  });

  it('tells objects from JSON by what their entry looks like', () => {
    assert.ok(isObjectId('0123456789abcdef'.repeat(4)));
    assert.ok(!isObjectId('0123456789ABCDEF'.repeat(4)));
    assert.ok(!isObjectId('0123456789abcdef'.repeat(4).slice(1)));
    assert.ok(!isObjectId(`${'0'.repeat(64)}\n`));
    assert.ok(!isObjectId(new Map()));
    assert.ok(!isObjectId(null));
  });
});
