import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import {
  readCommittedText,
  readPresentText,
  type TextForm,
} from '../../../src/core/use-cases/committed-text';
import { RevisionCheckout, sha256 } from './revisions';

const state = {
  'web/run.json': { name: 'web', config: 'a', list: [{ b: 1, a: 2 }] },
  'web/conf': sha256('conf\n'),
  'web/image': sha256('\0binary'),
};

function textOf(there: Readonly<Record<string, string>>, file: string, form: TextForm) {
  const checkout = new RevisionCheckout(there, { state, objects: ['conf\n', '\0binary'] });
  return readCommittedText(new OpenedCheckout(checkout.folder), file, form);
}

describe('the text of a committed file', () => {
  it('has its keys sorted, on both sides of a comparison', async () => {
    const there = { 'web/run.json': '{"name":"web","list":[{"b":1,"a":2}],"gone":null,"config":"a"}' };
    const sorted = await textOf(there, 'web/run.json', 'sorted');
    assert.match(sorted ?? '', /^\{\n {4}"config": "a",\n {4}"list": \[/);
    const { folder } = new RevisionCheckout(there, { state });
    assert.equal(await readPresentText(new OpenedCheckout(folder), 'web/run.json'), sorted);
  });

  it('is the very text that lies there where it says the same', async () => {
    const there = '{ "name":"web",\n"config" : "a", "list": [{"a":2,"b":1}]}';
    assert.equal(await textOf({ 'web/run.json': there }, 'web/run.json', 'as-there'), there);
  });

  it('is written like the one that lies there, so that nothing differs but what was changed', async () => {
    const there =
      '{\n\t"name": "other",\n\t"list": [\n\t\t{\n\t\t\t"b": 1,\n\t\t\t"a": 2\n\t\t}\n\t],\n\t"config": "a"\n}\n';
    assert.equal(
      await textOf({ 'web/run.json': there }, 'web/run.json', 'as-there'),
      there.replace('other', 'web'),
    );
  });

  it('is sorted where what lies there is no JSON', async () => {
    assert.equal(
      await textOf({ 'web/run.json': '{' }, 'web/run.json', 'as-there'),
      await textOf({}, 'web/run.json', 'sorted'),
    );
    const { folder } = new RevisionCheckout({ 'web/run.json': '{' }, { state });
    assert.equal(await readPresentText(new OpenedCheckout(folder), 'web/run.json'), null);
  });

  it('comes from the object store, and is none where that is no text', async () => {
    assert.equal(await textOf({}, 'web/conf', 'as-there'), 'conf\n');
    assert.equal(await textOf({}, 'web/image', 'as-there'), null);
    assert.equal(await textOf({}, 'web/nothing', 'as-there'), null);
  });
});
