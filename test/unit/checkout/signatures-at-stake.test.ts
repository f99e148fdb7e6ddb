import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signaturesAtStake } from '../../../src/core/checkout/signatures-at-stake';
import { anApp } from '../ui/an-app';

const apps = [
  anApp('web', { signedBy: ['_sigs/web.json', '_sigs/both.json'] }),
  anApp('shop', { baseApp: 'web', signedBy: ['_sigs/shop.json', '_sigs/both.json'] }),
  anApp('free'),
];

describe('the signatures at stake', () => {
  it('are those of the app, and with a new base those of the apps that extend it', () => {
    const atStake = (name: string, isNewBase: boolean) => signaturesAtStake(apps, name, { isNewBase });
    assert.deepEqual(atStake('web', false), ['_sigs/both.json', '_sigs/web.json']);
    assert.deepEqual(atStake('web', true), ['_sigs/both.json', '_sigs/shop.json', '_sigs/web.json']);
    assert.deepEqual(atStake('free', true), []);
    assert.deepEqual(atStake('missing', true), []);
  });
});
