import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  defaultGroupForTemplate,
  defaultGroups,
  effectiveGroups,
  namedGroup,
  parseGroups,
  readGroups,
} from '../../../../src/core/checkout/manifests/groups';
import { OpenedCheckout } from '../../../../src/core/checkout/opened-checkout';
import { Problem } from '../../../../src/core/problem';
import { temporaryCheckout } from '../temporary-folder';

const legacy = '[{"name":"data","status_goal":"MOUNTED"},{"name":"late","restart_policy":"container"}]';
const device = '{"disks":[],"groups":[{"name":"only","description":"x","timeout":30,"status_goal":""}]}';
const namesIn = async (files: Record<string, string>) => {
  const { groups } = await readGroups(new OpenedCheckout(temporaryCheckout(files)));
  return [groups.source, ...groups.list.map(({ name }) => name)];
};

describe('the groups of a checkout', () => {
  it('are Pantavisor’s own where it has none', async () => {
    assert.deepEqual(await namesIn({}), ['defaults', 'data', 'root', 'platform', 'app']);
  });

  it('are those of groups.json, or of device.json where that exists', async () => {
    assert.deepEqual(await namesIn({ 'groups.json': legacy }), ['groups.json', 'data', 'late']);
    assert.deepEqual(await namesIn({ 'device.json': device }), ['device.json', 'only']);
    assert.deepEqual(await namesIn({ 'device.json': device, 'groups.json': legacy }), [
      'device.json',
      'only',
    ]);
  });

  it('have a goal and a policy where the file names one', () => {
    assert.deepEqual(parseGroups(legacy, 'groups.json').list, [
      { name: 'data', statusGoal: 'MOUNTED', restartPolicy: undefined },
      { name: 'late', statusGoal: undefined, restartPolicy: 'container' },
    ]);
    assert.deepEqual(parseGroups(device, 'device.json').list, [
      { name: 'only', statusGoal: undefined, restartPolicy: undefined },
    ]);
  });

  it('say when there are two files of them', async () => {
    const hasBoth = async (files: Record<string, string>) =>
      (await readGroups(new OpenedCheckout(temporaryCheckout(files)))).hasBoth;
    assert.equal(await hasBoth({ 'device.json': device, 'groups.json': legacy }), true);
    assert.equal(await hasBoth({ 'device.json': device, 'groups.json': '{' }), true);
    assert.equal(await hasBoth({ 'device.json': device }), false);
  });

  it('of a broken file are a Problem, and the next file’s stand in for them', async () => {
    const { groups, problems } = await readGroups(
      new OpenedCheckout(temporaryCheckout({ 'device.json': '{"groups":{}}', 'groups.json': legacy })),
    );
    assert.equal(groups.source, 'groups.json');
    assert.deepEqual(
      problems.map(({ file, problem }) => [file, problem.found]),
      [['device.json', '"groups" is an object instead of a list']],
    );
    for (const [text, found] of [
      ['[]', 'it names no group'],
      ['{}', 'it is an object instead of a list'],
      ['[{}]', 'group 1 has no name'],
      ['[{"name":"a"},{"name":""}]', 'group 2 has no name'],
      ['[{"name":"a"},1]', 'group 2 has no name'],
    ] as const) {
      assert.throws(
        () => parseGroups(text, 'groups.json'),
        (error: unknown) => error instanceof Problem && error.found === found,
        text,
      );
    }
    assert.throws(() => parseGroups('{}', 'device.json'), /"groups" is missing instead of a list/);
    assert.throws(() => parseGroups('', 'device.json'), Problem);
  });
});

describe('the group of an app', () => {
  it('is what run.json names, by whichever of its names', () => {
    assert.equal(namedGroup({ group: 'mine', runlevel: 'root' }), 'mine');
    assert.equal(namedGroup({ group: undefined, runlevel: 'root' }), 'root');
    assert.equal(namedGroup({ group: undefined, runlevel: 'mine' }), undefined);
    assert.equal(namedGroup({ group: undefined, runlevel: undefined }), undefined);
  });

  it('is written for it where the checkout has groups of its own', () => {
    assert.equal(defaultGroupForTemplate(defaultGroups), undefined);
    assert.equal(defaultGroupForTemplate(parseGroups(legacy, 'groups.json')), 'late');
    assert.equal(defaultGroupForTemplate(parseGroups(device, 'device.json')), 'only');
  });

  it('is the last one where none is named and the checkout has its own', () => {
    const containers = [
      { name: 'a', group: undefined },
      { name: 'b', group: 'data' },
      { name: 'c', group: 'unknown' },
    ];
    assert.deepEqual(
      [...effectiveGroups(containers, parseGroups(legacy, 'groups.json'))],
      [
        ['a', 'late'],
        ['b', 'data'],
        ['c', 'unknown'],
      ],
    );
  });

  it('is root for the first, and platform for the others, of those that name none of Pantavisor’s', () => {
    const containers = [
      { name: 'a', group: 'app' },
      { name: 'b', group: undefined },
      { name: 'c', group: undefined },
    ];
    const groupsOf = (list: typeof containers) => [...effectiveGroups(list, defaultGroups).values()];
    assert.deepEqual(groupsOf(containers), ['app', 'root', 'platform']);
    assert.deepEqual(groupsOf([...containers, { name: 'd', group: 'root' }]), [
      'app',
      'platform',
      'platform',
      'root',
    ]);
    assert.deepEqual(groupsOf([]), []);
  });
});
