import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import type { CheckoutState } from '../../../src/ui/model/checkout-model';
import { viewStateOf } from '../../../src/ui/tree/view-state';
import { aCheckout, anApp } from './an-app';

const unread: CheckoutState = { kind: 'unread' };
const empty: CheckoutState = { kind: 'read', checkout: aCheckout('/a', []) };
const full: CheckoutState = { kind: 'read', checkout: aCheckout('/b', [anApp('web')]) };
const amiss: CheckoutState = {
  kind: 'read',
  checkout: aCheckout('/c', [], { contradictions: [{ kind: 'two-group-files' }] }),
};
const broken: CheckoutState = {
  kind: 'broken',
  problem: new Problem({ doing: 'reading', found: 'nothing', remedy: 'Look elsewhere' }),
};

const view = (...states: CheckoutState[]) =>
  viewStateOf({ hasFolders: true, areFound: true, checkouts: states.map((state) => ({ state })) });

describe('the view shows', () => {
  it('a welcome page for each state without a tree', () => {
    assert.equal(viewStateOf({ hasFolders: false, areFound: true, checkouts: [] }), 'noFolder');
    assert.equal(viewStateOf({ hasFolders: true, areFound: false, checkouts: [] }), 'loading');
    assert.equal(view(), 'noCheckout');
    assert.equal(view(unread), 'loading');
    assert.equal(view(empty), 'empty');
    assert.equal(view(broken), 'broken');
  });

  it('the tree as soon as there is something to see in it', () => {
    assert.equal(view(full), 'apps');
    assert.equal(view(amiss), 'apps');
    assert.equal(view(broken, empty), 'apps');
  });
});
