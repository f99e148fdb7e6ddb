import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { platformsFile, readPlatforms } from '../../../../src/core/checkout/manifests/platforms';
import { OpenedCheckout } from '../../../../src/core/checkout/opened-checkout';
import { parseState } from '../../../../src/core/checkout/state';
import { Problem } from '../../../../src/core/problem';
import { temporaryCheckout } from '../temporary-folder';

const pristine = parseState(`{"#spec":"s","${platformsFile}":{"platforms":["linux/amd64"]}}`);
const platformsOf = (text: string) =>
  readPlatforms(new OpenedCheckout(temporaryCheckout({ [platformsFile]: text })), pristine);

describe('the platforms of a checkout', () => {
  it('are those of the file, in order, committed or not', async () => {
    assert.deepEqual(await platformsOf('{"platforms":["linux/arm64","linux/arm/v7"]}'), [
      'linux/arm64',
      'linux/arm/v7',
    ]);
  });

  it('are those of the last commit where the file is gone', async () => {
    assert.deepEqual(await readPlatforms(new OpenedCheckout(temporaryCheckout()), pristine), ['linux/amd64']);
  });

  it('are none where nobody names any', async () => {
    assert.deepEqual(await readPlatforms(new OpenedCheckout(temporaryCheckout()), undefined), []);
    assert.deepEqual(await platformsOf('{}'), []);
    assert.deepEqual(await platformsOf('{"platforms":null}'), []);
  });

  it('are a Problem when the file is broken', async () => {
    for (const text of ['', '{', '{"platforms":"linux/arm64"}', '{"platforms":[1]}', '"x"']) {
      await assert.rejects(platformsOf(text), Problem, text);
    }
  });
});
