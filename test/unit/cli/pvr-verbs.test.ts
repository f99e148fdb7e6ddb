import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { makeProgram } from '../../../src/cli/program';
import { elsewhere } from '../../../src/cli/program/pvr-verbs';

/** pvr's commands and short names, in the order in which it looks them up (main.go and cmd*.go of 2026): of two with one name, the first. */
const verbsOfPvr: Readonly<Record<string, readonly string[]>> = {
  init: ['i'],
  add: ['a'],
  json: ['j'],
  claim: ['cl'],
  diff: ['d'],
  status: ['s'],
  commit: ['ci'],
  sig: [],
  put: ['p'],
  post: ['po'],
  get: ['g'],
  inspect: [],
  remoteinfo: ['ri'],
  stepinfo: [],
  deploy: [],
  merge: ['m'],
  reset: ['r', 'checkout', 'co'],
  clone: ['c'],
  fastcopy: ['fcp'],
  putobjects: [],
  export: [],
  import: [],
  register: ['reg'],
  scan: [],
  ps: [],
  logs: ['log'],
  app: ['ap'],
  'self-upgrade': [],
  'global-config': [],
  whoami: ['wai'],
  login: ['lo'],
  device: ['dev'],
  completion: ['com'],
  'dm-apply': ['dma'],
  'dm-convert': ['dmc'],
  'app add': ['aa'],
  'app info': ['i'],
  'app install': ['ai'],
  'app ls': ['l'],
  'app rm': ['r'],
  'app update': ['au'],
  'device create': ['cr'],
  'device get': [],
  'device logs': ['log'],
  'device ps': [],
  'device scan': [],
  'device set': ['se'],
  'sig add': ['a'],
  'sig ls': [],
  'sig update': ['up'],
};

function found(program: Command, words: readonly string[]): Command | undefined {
  return words.reduce<Command | undefined>(
    (within, word) => within?.commands.find((one) => [one.name(), ...one.aliases()].includes(word)),
    program,
  );
}

describe('the verbs of pvr', () => {
  it('are known by all of their names, or told where they are', async () => {
    const program = await makeProgram('1', []);
    for (const [verb, aliases] of Object.entries(verbsOfPvr)) {
      const words = verb.split(' ');
      const command = found(program, words);
      assert.ok(command, `nobody knows ${verb}`);
      for (const alias of aliases)
        assert.equal(found(program, [...words.slice(0, -1), alias])?.name(), command.name(), alias);
    }
  });

  it('are told of only where pvx has none of that name', async () => {
    const program = await makeProgram('1', []);
    for (const verb of Object.keys(elsewhere)) {
      assert.ok(verb in verbsOfPvr, `pvr has no ${verb}`);
      assert.equal(program.commands.filter((one) => one.name() === verb).length, 1);
      assert.doesNotMatch(program.helpInformation(), new RegExp(`^ +${verb}\\b`, 'm'));
    }
  });

  it('are told of in one line, whatever stands behind them', async () => {
    for (const line of ['remoteinfo -c team/kitchen', 'ri', 'self-upgrade', 'register --help', 'scan']) {
      const program = await makeProgram('1', line.split(' '));
      let said = '';
      program.configureOutput({ writeErr: (text) => (said += text) });
      await assert.rejects(program.parseAsync(line.split(' '), { from: 'user' }), { exitCode: 2 });
      assert.match(said, /^pvx: pvr has [a-z-]+, pvx has not: .*pvx .*\.\n$/, line);
    }
  });
});
