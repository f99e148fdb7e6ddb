import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { HubPlace } from '../hub/hub-place';
import { addDevice } from '../hub/world';
import { Evidence } from './secrets/evidence';

describe('logins, and what a hub tells of devices', () => {
  it('are nowhere but in the file of logins, which nobody else may read', async () => {
    await using place = await HubPlace.open();
    const { hub, alice, kitchen, folder } = place;
    const fresh = addDevice(hub.world, '', { nick: 'fresh', challenge: 'three-plain-words' });
    const evidence = new Evidence();
    for (const secret of [alice.password, kitchen.secret, fresh.secret]) evidence.lookFor(secret);
    const home = path.join(folder, 'home-of-secrets');
    const logins = path.join(home, '.pvr', 'auth.json');

    /** Runs it as somebody does who wants to know all of it. */
    async function run(line: string, stdin = '', cwd = folder): Promise<number | null> {
      const child = spawn(process.execPath, [path.resolve('dist/cli.js'), ...line.split(' ')], {
        cwd,
        env: { ...process.env, HOME: home, PVR_BASEURL: hub.url, PVX_DEBUG: '1', PVR_ACCESSTOKEN: undefined },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      child.stdin.end(stdin);
      const [[code], said, told] = await Promise.all([
        once(child, 'exit') as Promise<[number | null]>,
        text(child.stdout),
        text(child.stderr),
        evidence.watchProcesses(() => child.exitCode !== null || child.signalCode !== null),
      ]);
      evidence.note(`stdout of ${line}`, said);
      evidence.note(`stderr of ${line}`, told);
      return code;
    }

    assert.equal(await run('login alice --password-stdin', `${alice.password}x\n`), 1);
    assert.equal(await run('login alice --password-stdin', `${alice.password}\n`), 0);
    const document = await readFile(logins, 'utf8');
    const tokens = [...document.matchAll(/"(?:access|refresh)-token": "([^"]+)"/g)].map(
      ([, token = '']) => token,
    );
    assert.ok(tokens.length > 0);
    for (const token of tokens) evidence.lookFor(token);
    assert.equal((await stat(logins)).mode & 0o777, 0o600);

    for (const line of [
      'whoami --json',
      'ps --json',
      'device ps',
      'device get kitchen',
      `claim ${fresh.id} three-plain-words`,
    ])
      assert.equal(await run(line), 0, line);
    assert.equal(await run('clone kitchen checkout'), 0);
    const checkout = path.join(folder, 'checkout');
    for (const line of ['revisions --json', 'logs', 'post --dry-run', 'post --no-wait --force', 'get'])
      assert.equal(await run(line, '', checkout), 0, line);
    // What hubs say when they fail is told, but for what they repeat.
    hub.faults.push({ matches: () => true, what: 'cut' as const });
    for (const line of ['ps', 'post', 'logs', 'login alice --password-stdin'])
      assert.notEqual(await run(line, `${alice.password}\n`, checkout), 0, line);

    await evidence.lookInto(folder, { besides: [logins] });
    assert.deepEqual([...evidence.leaks], []);
    assert.ok([...evidence.commands].some((command) => command.includes('cli.js')));
    // It finds what is there.
    await evidence.lookInto(path.dirname(logins));
    assert.ok([...evidence.leaks].some((leak) => leak.startsWith(logins)));
  });
});
