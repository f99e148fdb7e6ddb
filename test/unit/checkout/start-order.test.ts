import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultGroups, type Groups } from '../../../src/core/checkout/manifests/groups';
import {
  describeUnsafeStart,
  effectiveGroups,
  inDeviceOrder,
  newlyUnsafe,
  saferGroups,
  type StartingState,
  type StartVerdict,
  startingState,
  startVerdict,
  unsafeStarts,
  withContainer,
} from '../../../src/core/checkout/start-order';

const device: Groups = { ...defaultGroups, source: 'device.json' };
const own: Groups = {
  source: 'groups.json',
  list: ['first', 'second', 'last'].map((name) => ({
    name,
    statusGoal: undefined,
    restartPolicy: undefined,
    recovers: false,
  })),
};

/** `shop<web:app` is shop, which extends web and names the group app. */
function stateOf(text: string, groups: Groups = defaultGroups): StartingState {
  const containers = text.split(' ').map((one) => {
    const [, name = '', base, group] = /^([^<:]+)(?:<([^:]+))?(?::(.+))?$/.exec(one) ?? [];
    return { name, group, base };
  });
  return { containers, groups };
}

interface Row {
  /** As it is called where it was started on a device. */
  readonly title: string;
  readonly state: StartingState;
  /** Of all containers in the device's order. */
  readonly groups: string;
  readonly verdicts: Readonly<Record<string, StartVerdict>>;
}

/** What a real Pantavisor did with these states. */
const rows: readonly Row[] = [
  ...[
    ['G1', 'shop<web web', 'shop:root web:platform', { shop: 'never' }],
    ['G2', 'base shop<base', 'base:root shop:platform', { shop: 'safe' }],
    ['G3', 'alpha shop<web web', 'alpha:root shop:platform web:platform', { shop: 'race' }],
    ['G4', 'alpha shop<alpha zz', 'alpha:root shop:platform zz:platform', { shop: 'safe' }],
    ['G5', 'web web-shop<web', 'web-shop:root web:platform', { 'web-shop': 'never' }],
    ['G6', 'alpha web web-shop<web', 'alpha:root web-shop:platform web:platform', { 'web-shop': 'race' }],
    ['G10', 'shop<web:app web', 'shop:app web:root', { shop: 'safe' }],
    ['G10b', 'other:root shop<web:app web', 'other:root shop:app web:platform', { shop: 'safe' }],
    ['G11', 'shop<web web:app', 'shop:root web:app', { shop: 'never' }],
    ['G12', 'shop<web web:root', 'shop:platform web:root', { shop: 'safe' }],
    ['G13', 'shop<web:root web', 'shop:root web:platform', { shop: 'never' }],
    ['G14', 'shop<web:platform web', 'shop:platform web:root', { shop: 'safe' }],
    ['G14b', 'other:root shop<web:platform web', 'other:root shop:platform web:platform', { shop: 'race' }],
    [
      'G17',
      'one<web two<web web xshop<web',
      'one:root two:platform web:platform xshop:platform',
      { one: 'never', two: 'race', xshop: 'safe' },
    ],
    ['G18', 'alpha beta delta gamma', 'alpha:root beta:platform delta:platform gamma:platform', {}],
  ].map(rowFor(defaultGroups)),
  ...[
    ['D1', 'shop<web web', 'shop:app web:app', { shop: 'race' }],
    ['D2', 'web xshop<web', 'web:app xshop:app', { xshop: 'safe' }],
    ['D3', 'web web-shop<web', 'web-shop:app web:app', { 'web-shop': 'race' }],
    ['D4', 'shop<web web:platform', 'shop:app web:platform', { shop: 'safe' }],
  ].map(rowFor(device)),
  ...[
    ['J1', 'shop<web web', 'shop:last web:last', { shop: 'race' }],
    ['J2', 'shop<web web:first', 'shop:last web:first', { shop: 'safe' }],
    ['its own root', 'a:root shop<web web', 'a:root shop:last web:last', { shop: 'race' }],
  ].map(rowFor(own)),
];

function rowFor(groups: Groups) {
  return ([title, state, expected, verdicts]: readonly unknown[]): Row => ({
    title: title as string,
    state: stateOf(state as string, groups),
    groups: expected as string,
    verdicts: verdicts as Row['verdicts'],
  });
}

function deviceOrder(names: readonly string[]): readonly string[] {
  return [...names].sort(inDeviceOrder);
}

function groupsIn(state: StartingState): string {
  const effective = effectiveGroups(state);
  return deviceOrder([...effective.keys()])
    .map((name) => `${name}:${effective.get(name) ?? ''}`)
    .join(' ');
}

describe('the order in which a device starts containers', () => {
  it('is that of the keys of the state', () => {
    const names = ['web_x', 'web2', 'web', 'web.x', 'web-shop', 'app', 'Web'];
    assert.deepEqual(deviceOrder(names), ['Web', 'app', 'web-shop', 'web.x', 'web', 'web2', 'web_x']);
  });

  for (const { title, state, groups, verdicts } of rows) {
    it(`${title}: ${groups}`, () => {
      assert.equal(groupsIn(state), deviceOrderOf(groups));
      const found = state.containers.flatMap(({ name, base }) =>
        base === undefined ? [] : [[name, startVerdict({ name, base }, state)]],
      );
      assert.deepEqual(Object.fromEntries(found), verdicts);
    });
  }

  it('does not depend on the order in which they are given', () => {
    for (const { state, groups } of rows) {
      const reversed = { ...state, containers: [...state.containers].reverse() };
      assert.equal(groupsIn(reversed), deviceOrderOf(groups));
      assert.deepEqual(
        unsafeStarts(reversed)
          .map(({ name }) => name)
          .sort(),
        unsafeStarts(state)
          .map(({ name }) => name)
          .sort(),
      );
    }
  });

  it('is nobody’s concern where a group does not exist, or the base is no container', () => {
    assert.equal(startVerdict({ name: 'shop', base: 'web' }, stateOf('shop<web:mine web')), 'safe');
    assert.equal(startVerdict({ name: 'shop', base: 'web' }, stateOf('shop<web web:mine')), 'safe');
    assert.equal(startVerdict({ name: 'shop', base: 'web' }, stateOf('shop<web')), 'safe');
    assert.equal(startVerdict({ name: 'web', base: 'web' }, stateOf('web<web')), 'safe');
  });

  it('is another one when a change moves others, and that is told of as far as it makes them unsafe', () => {
    const before = stateOf('beta gamma');
    assert.equal(groupsIn(before), 'beta:root gamma:platform');
    const after = withContainer(before, { name: 'alpha', group: undefined });
    assert.equal(groupsIn(after), 'alpha:root beta:platform gamma:platform');
    assert.deepEqual(newlyUnsafe(before, after), []);

    const good = stateOf('shop<web:platform web');
    const moved = withContainer(good, { name: 'alpha', group: undefined });
    assert.deepEqual(newlyUnsafe(good, moved), [
      { name: 'shop', base: 'web', verdict: 'race', group: 'platform', baseGroup: 'platform' },
    ]);
    assert.deepEqual(newlyUnsafe(moved, moved), []);
    const race = stateOf('alpha shop<web web');
    const never = { ...race, containers: race.containers.filter(({ name }) => name !== 'alpha') };
    assert.deepEqual(
      newlyUnsafe(race, never).map(({ verdict }) => verdict),
      ['never'],
    );
    assert.deepEqual(newlyUnsafe(never, race), []);
  });
});

/** The same pairs, in the device's order of their names. */
function deviceOrderOf(groups: string): string {
  const pairs = new Map(groups.split(' ').map((pair) => [pair.split(':')[0] ?? '', pair]));
  return deviceOrder([...pairs.keys()])
    .map((name) => pairs.get(name))
    .join(' ');
}

describe('groups in which an extension starts safely', () => {
  const safer = (state: StartingState, name = 'shop', base = 'web') => {
    const { ofBase, ofExtension } = saferGroups({ name, base }, state);
    return [ofBase.map((group) => group.name), ofExtension.map((group) => group.name)];
  };

  it('are found by trying: for the base root first, for the extension the last one', () => {
    assert.deepEqual(safer(stateOf('shop<web web')), [['root'], ['app', 'platform']]);
    assert.deepEqual(safer(stateOf('shop<web:app web:app')), [['root', 'platform'], []]);
    assert.deepEqual(safer(stateOf('shop<web web', device)), [['root', 'platform'], []]);
    assert.deepEqual(safer(stateOf('shop<web web', own)), [['second', 'first'], []]);
  });

  it('are none that start nothing, and none that make another extension’s start worse', () => {
    assert.deepEqual(safer(stateOf('shop<web:root web:root')), [[], ['app', 'platform']]);
    // With web in root, other would be in platform, where a is started first.
    const others = stateOf('a<other:platform other shop<web:app web:app');
    assert.deepEqual(safer(others), [['platform'], []]);
  });
});

describe('the price of another group', () => {
  const rebootsIn = (restartPolicy: string | undefined) => {
    const { containers, groups } = stateOf('web:app shop<web:app');
    const state = { groups, containers: containers.map((one) => ({ ...one, restartPolicy })) };
    return saferGroups({ name: 'shop', base: 'web' }, state).ofBase.map(({ reboots }) => reboots);
  };

  it('is that updates reboot the device, by its policy or the container’s own', () => {
    assert.deepEqual(rebootsIn(undefined), [true, true]);
    assert.deepEqual(rebootsIn('container'), [false, false]);
    assert.deepEqual(rebootsIn('system'), [true, true]);
  });
});

describe('what is said of an extension that is not started safely', () => {
  const said = (state: StartingState) => unsafeStarts(state).map(describeUnsafeStart);

  it('is what the device does, and why', () => {
    assert.deepEqual(said(stateOf('shop<web web')), [
      'shop never starts: it extends web, and a device starts the group root, which shop is in, before the group platform, which web is in',
    ]);
    assert.deepEqual(said(stateOf('web web-shop<web', device)), [
      'web-shop may start before web, which it extends, is there: both are in the group app, where a device begins with web-shop, since "web-shop/" sorts before "web/"',
    ]);
    assert.deepEqual(said(stateOf('web xshop<web')), []);
  });
});

describe('the containers of a checkout', () => {
  it('are its apps that have a run.json, with the group and the policy that these name', () => {
    const apps = [
      {
        name: 'web',
        baseApp: undefined,
        container: {
          group: { name: 'root', from: 'default' },
          restartPolicy: { value: 'system', from: 'group' },
        },
      },
      {
        name: 'shop',
        baseApp: 'web',
        container: {
          group: { name: 'app', from: 'run.json' },
          restartPolicy: { value: 'container', from: 'run.json' },
        },
      },
      { name: 'none', baseApp: undefined, container: undefined },
    ] as const;
    assert.deepEqual(startingState(apps, defaultGroups).containers, [
      { name: 'web', group: undefined, base: undefined, restartPolicy: undefined },
      { name: 'shop', group: 'app', base: 'web', restartPolicy: 'container' },
    ]);
  });
});
