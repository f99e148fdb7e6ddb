import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  defaultGroupForTemplate,
  defaultGroups,
  namedGroup,
  parseGroups,
  readGroups,
  recovers,
} from '../../../../src/core/checkout/manifests/groups';
import { OpenedCheckout } from '../../../../src/core/checkout/opened-checkout';
import { parseJson } from '../../../../src/core/json/parse';
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
      { name: 'data', statusGoal: 'MOUNTED', restartPolicy: undefined, recovers: false },
      { name: 'late', statusGoal: undefined, restartPolicy: 'container', recovers: false },
    ]);
    assert.deepEqual(parseGroups(device, 'device.json').list, [
      { name: 'only', statusGoal: undefined, restartPolicy: undefined, recovers: false },
    ]);
  });

  it('start again what fails where they have a policy for it', () => {
    const recovery = (text: string) => recovers(parseJson(text, 'x'));
    assert.deepEqual(['{"policy":"on-failure"}', '{"policy":"no"}', '{}', 'null', '"always"'].map(recovery), [
      true,
      false,
      false,
      undefined,
      undefined,
    ]);
    const text = '[{"name":"a","auto_recovery":{"policy":"always"}},{"name":"b"}]';
    assert.deepEqual(
      parseGroups(text, 'groups.json').list.map((group) => group.recovers),
      [true, false],
    );
    assert.deepEqual(
      defaultGroups.list.map((group) => group.recovers),
      [false, false, false, true],
    );
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
});
