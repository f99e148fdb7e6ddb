import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filterApps, sortApps } from '../../../src/ui/tree/order';
import { anApp, squashfs } from './an-app';

const apps = [
  anApp('app10', { base: squashfs(10), overlay: squashfs(9) }),
  anApp('app9', { base: squashfs(5000) }),
  anApp('Shop', { base: undefined, baseApp: 'app9', overlay: squashfs(2500) }),
];
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

describe('apps are sorted', () => {
  it('by name as people count', () =>
    assert.deepEqual(names(sortApps(apps, 'name')), ['app9', 'app10', 'Shop']));

  it('by base and overlay together', () =>
    assert.deepEqual(names(sortApps(apps, 'size')), ['app9', 'Shop', 'app10']));

  it('by what the overlay is of its base, of an extension app the base that it extends', () =>
    assert.deepEqual(names(sortApps(apps, 'overlayShare')), ['app10', 'Shop', 'app9']));
});

describe('apps are filtered', () => {
  it('by all words, in name or image, upper and lower case alike', () => {
    assert.deepEqual(names(filterApps(apps, 'shop')), ['Shop']);
    assert.deepEqual(names(filterApps(apps, ' EXAMPLE  app1 ')), ['app10']);
    assert.deepEqual(names(filterApps(apps, 'app9 shop')), []);
  });

  it('not at all by nothing', () => assert.equal(filterApps(apps, '  ').length, 3));
});
