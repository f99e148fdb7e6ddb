import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Choices, complete } from '../../../src/cli/completion/complete';
import { shells } from '../../../src/cli/completion/scripts';
import { makeProgram } from '../../../src/cli/program';
import { writeFiles } from '../checkout/temporary-folder';

const choices: Choices = {
  apps: () => Promise.resolve(['web', 'web-shop']),
  devices: () => Promise.resolve(['kitchen']),
  images: () => Promise.resolve(['nginx:1.27', 'registry.lan:5000/team/shop:2']),
  topics: () => ['budgets'],
};

async function candidates(line: string): Promise<readonly string[]> {
  const found = await complete(await makeProgram('1', []), line.split(' '), choices);
  return found.map(({ word }) => word);
}

describe('completion', () => {
  it('knows verbs, options and their values', async () => {
    const cases: Readonly<Record<string, readonly string[]>> = {
      'app up': ['update'],
      'ap au --ne': ['--newbase'],
      'app update --patch w': ['web', 'web-shop'],
      'app update web ': [],
      'app update web --from ': ['nginx:1.27', 'registry.lan:5000/team/shop:2'],
      'app update web --from=ng': ['--from=nginx:1.27'],
      'app update web -from reg': ['registry.lan:5000/team/shop:2'],
      'app add new --base web-': ['web-shop'],
      'app add we': [],
      'app add x --status-goal S': ['STARTED'],
      'app check web w': ['web', 'web-shop'],
      'app update -- --ne': [],
      'post k': ['kitchen'],
      'post --to k': ['kitchen'],
      'device con': ['containers'],
      'sig add --part w': ['web', 'web-shop'],
      'completion ': shells,
      'help bud': ['budgets'],
      'commit -m ': [],
      remotei: [],
    };
    for (const [line, words] of Object.entries(cases)) assert.deepEqual(await candidates(line), words, line);
    assert.ok((await candidates('')).includes('app'));
  });
});

describe('in real shells', () => {
  let folder: string;
  let checkout: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'completion-'));
    checkout = path.join(folder, 'checkout');
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    const script = `#!/bin/sh\nexec ${process.execPath} ${path.resolve('dist', 'cli.js')} "$@"\n`;
    await writeFile(path.join(bin, 'pvx'), script);
    await chmod(path.join(bin, 'pvx'), 0o755);
    const source = {
      '#spec': 'service-manifest-src@1',
      docker_name: 'registry.lan:5000/web',
      docker_tag: '1.27',
    };
    writeFiles(checkout, {
      '.pvr/json': '{"#spec":"pantavisor-service-system@1"}',
      'web/src.json': JSON.stringify(source),
    });
    writeFiles(path.join(folder, '.pvr'), {
      'pvx-devices.json': '{"devices":{"porch":"ssh://192.168.1.20"}}',
    });
  });
  after(() => rm(folder, { recursive: true }));

  const run = async (shell: string, ...args: readonly string[]) => {
    const env = { HOME: folder, PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
    return (await promisify(execFile)(shell, args, { cwd: checkout, env })).stdout;
  };

  it('bash completes by it, images with colons too', async () => {
    const lines = [
      'pvx app update w',
      'pvx app update web --from registry.lan:5000/w',
      'pvx post po',
      'pvx sta',
    ];
    const out = await run(
      'bash',
      '--norc',
      '-c',
      `source <(pvx completion bash)
complete -p pvx
for COMP_LINE in "$@"; do COMP_POINT=\${#COMP_LINE}; _pvx; echo "\${COMPREPLY[*]}"; done`,
      'bash',
      ...lines,
    );
    const [registered, ...replies] = out.trimEnd().split('\n');
    assert.match(registered ?? '', /-F _pvx pvx$/);
    assert.deepEqual(replies, ['web', '5000/web:1.27', 'porch', 'status']);
  });

  it('zsh and fish understand their scripts, where they are installed', async () => {
    for (const [shell, ...args] of [
      ['zsh', '-n', '/dev/stdin'],
      ['fish', '--no-execute', '/dev/stdin'],
    ] as const) {
      const file = path.join(folder, `pvx.${shell}`);
      await writeFile(file, await run('pvx', 'completion', shell));
      const known = await run('sh', '-c', `command -v ${shell} || true`);
      if (known !== '') await run(shell, ...args.slice(0, -1), file);
    }
  });
});

describe('the manual', () => {
  it('has all commands and topics, and the codes that there are', async () => {
    const { stdout: page } = await promisify(execFile)(process.execPath, ['dist/cli.js', '__man']);
    for (const text of ['pvx app update', 'pvx sig verify', 'SIZE BUDGETS', 'max\\-download'])
      assert.ok(page.includes(text), text);
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli.js', 'help', 'exit', 'codes']);
    const { exitCode } = await import('../../../src/core/exit-codes');
    for (const code of Object.values(exitCode)) assert.match(stdout, new RegExp(`^ +${code}$`, 'm'));
  });
});
