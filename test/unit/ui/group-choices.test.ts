import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultGroups } from '../../../src/core/checkout/manifests/groups';
import { baseGroupOf, groupChoices, unsafeStartOf } from '../../../src/ui/wizard/group-choices';
import { aCheckout, anApp } from './an-app';

function checkoutWith(group: string | undefined, source: 'defaults' | 'device.json' = 'defaults') {
  const container = {
    group: { name: group ?? 'root', from: group === undefined ? 'default' : 'run.json' },
    statusGoal: undefined,
    restartPolicy: undefined,
    hasVerifiedBase: false,
  } as const;
  return aCheckout('/device', [anApp('web', { container })], { groups: { ...defaultGroups, source } });
}

function offered(name: string, group: string | undefined, source?: 'device.json'): readonly string[] {
  return groupChoices(checkoutWith(group, source), { name, base: 'web' }).map((choice) => {
    switch (choice.kind) {
      case 'group':
        return choice.verdict === 'safe' ? choice.group.name : `${choice.group.name}?`;
      case 'moveBase':
        return `${choice.group.name}, web into ${choice.to.name}${choice.to.reboots ? ', reboots' : ''}`;
      case 'rename':
        return 'rename';
    }
  });
}

describe('the groups that the wizard offers for an extension', () => {
  it('begin with the last one where that is safe, and are none in which it would never start', () => {
    assert.deepEqual(offered('shop', undefined), ['app', 'platform']);
    assert.deepEqual(offered('shop', 'root'), ['app', 'platform', 'root?']);
    assert.deepEqual(offered('xshop', 'app'), ['app']);
  });

  it('begin with the ways to safety where it is not: the base into an earlier group, or another name', () => {
    const ways = ['app, web into root, reboots', 'rename', 'app?'];
    assert.deepEqual(offered('shop', 'app'), ways);
    assert.deepEqual(offered('web-shop', undefined, 'device.json'), ways);
  });
});

describe('what was answered in the wizard', () => {
  const checkout = checkoutWith('app');
  const answers = { name: 'shop', base: 'web', group: 'app' };
  const baseMove = { app: 'web', group: 'root' };

  it('is told of where a device would start the app too early with it', () => {
    assert.equal(unsafeStartOf(checkout, answers)?.verdict, 'race');
    assert.equal(unsafeStartOf(checkout, { ...answers, group: 'root' })?.verdict, 'never');
    assert.equal(unsafeStartOf(checkout, { ...answers, name: 'xshop' }), undefined);
    assert.equal(unsafeStartOf(checkout, { ...answers, base: undefined }), undefined);
    assert.equal(unsafeStartOf(checkout, { ...answers, baseMove }), undefined);
  });

  it('moves the base that it was asked for, and no other', () => {
    assert.equal(baseGroupOf({ base: 'web', baseMove }), 'root');
    assert.equal(baseGroupOf({ base: 'other', baseMove }), undefined);
    assert.equal(baseGroupOf({ base: 'web' }), undefined);
    assert.equal(baseGroupOf({}), undefined);
  });
});
