import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseArgs } from 'node:util';
import { steps } from '../../demo/steps';
import { referencesAt } from '../../demo/web-server';
import { defaultGroups } from '../../src/core/checkout/manifests/groups';
import { unsafeStarts } from '../../src/core/checkout/start-order';

/** What the `app add` of these command lines makes, on a device with Pantavisor's own groups, by itself or in a device.json. */
function unsafe(lines: readonly (readonly string[])[], source: 'defaults' | 'device.json') {
  const { list } = defaultGroups;
  const containers = lines.flatMap((args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      strict: false,
      options: { group: { type: 'string' }, base: { type: 'string' } },
    });
    const [, command, name = ''] = positionals;
    if (command !== 'add') return [];
    const base = typeof values.base === 'string' ? values.base : undefined;
    const isLast = base !== undefined || source === 'device.json';
    const group = typeof values.group === 'string' ? values.group : isLast ? list.at(-1)?.name : undefined;
    return [{ name, base, group }];
  });
  assert.equal(containers.filter(({ base }) => base !== undefined).length, 1);
  return unsafeStarts({ containers, groups: { source, list } });
}

const readme = readFileSync('README.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('pvx app add '))
  .map((line) => (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1));
const demo = steps(referencesAt('demo.example'), []).map(({ args }) => args);

describe('a checkout as it is shown how to make one', () => {
  for (const [title, lines] of [
    ['in README', readme],
    ['in the demo', demo],
  ] as const) {
    it(`${title} starts on a device, with groups of its own or without`, () => {
      assert.deepEqual(unsafe(lines, 'defaults'), []);
      assert.deepEqual(unsafe(lines, 'device.json'), []);
    });
  }
});
