import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock, type LockHolder } from '../../../../src/core/checkout/change/lock';
import { Problem } from '../../../../src/core/problem';
import { bundleChild, startChild } from '../../child-process';
import { temporaryCheckout, temporaryFolder } from '../temporary-folder';

const lockFile = (checkout: string) => path.join(checkout, '.pvr', 'lock');
const content = (checkout: string) =>
  JSON.parse(readFileSync(lockFile(checkout), 'utf8')) as Record<string, unknown>;
const change = (checkout: string, changes: Record<string, unknown>) =>
  writeFileSync(lockFile(checkout), JSON.stringify({ ...content(checkout), ...changes }));
/** Nothing is left of locks: no file, no draft, no right of an heir. */
const assertNoTrace = (checkout: string) =>
  assert.deepEqual(readdirSync(path.join(checkout, '.pvr')), ['json']);
const fail = { what: 'a test', wait: 'fail' } as const;
const wait = { what: 'a test', wait: 'wait' } as const;

describe('the lock of a checkout', () => {
  const programs = temporaryFolder();
  let takeLock = '';
  before(async () => {
    takeLock = await bundleChild('checkout/change/children/take-lock', programs);
  });

  it('is a file that says who has it, and is gone when it is released', async () => {
    const checkout = temporaryCheckout();
    const lock = await acquireLock(checkout, { what: 'updating web', wait: 'fail' });
    const { pid, host, what, startedAt } = content(checkout);
    assert.deepEqual({ pid, host, what }, { pid: process.pid, host: hostname(), what: 'updating web' });
    assert.match(String(startedAt), /^\d{4}-\d\d-\d\dT/);
    await lock.release();
    assertNoTrace(checkout);
  });

  it('is released when the work fails', async () => {
    const checkout = temporaryCheckout();
    const failing = async () => {
      await using _lock = await acquireLock(checkout, fail);
      throw new Error('the work failed');
    };
    await assert.rejects(failing, { message: 'the work failed' });
    assertNoTrace(checkout);
  });

  it('is refused while another process has it, naming that process', async () => {
    const checkout = temporaryCheckout();
    const child = startChild(takeLock, [checkout, 'fail', 'hold']);
    await child.wrote('acquired');
    await assert.rejects(acquireLock(checkout, fail), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.match(error.found, new RegExp(`^process ${child.process.pid} has had it since .*, for a test$`));
      return true;
    });
    child.process.kill('SIGKILL');
    await child.ended;
  });

  it('is taken over from a process that was killed', async () => {
    const checkout = temporaryCheckout();
    const child = startChild(takeLock, [checkout, 'fail', 'hold']);
    await child.wrote('acquired');
    child.process.kill('SIGKILL');
    await child.ended;
    assert.equal(content(checkout)['pid'], child.process.pid);
    const lock = await acquireLock(checkout, fail);
    assert.equal(content(checkout)['pid'], process.pid);
    await lock.release();
    assertNoTrace(checkout);
  });

  it('is taken over also when an earlier heir was killed in the middle of that', async () => {
    const checkout = temporaryCheckout();
    const child = startChild(takeLock, [checkout, 'fail', 'hold']);
    await child.wrote('acquired');
    child.process.kill('SIGKILL');
    await child.ended;
    const dead = content(checkout);
    const right = `${lockFile(checkout)}.${String(dead['token'])}`;
    writeFileSync(right, JSON.stringify({ ...dead, token: 'heir' }));
    writeFileSync(`${right}.heir`, JSON.stringify({ ...dead, token: 'heir-of-the-heir' }));
    const lock = await acquireLock(checkout, fail);
    assert.equal(content(checkout)['pid'], process.pid);
    await lock.release();
    assertNoTrace(checkout);
  });

  it('is cleared of what processes left that were killed while they took it', async () => {
    const checkout = temporaryCheckout();
    const left = ['1f0c', '1f0c.draft', '1f0c.2ab4.draft'].map((end) => `${lockFile(checkout)}.${end}`);
    // Killed between making the file and writing to it.
    for (const file of left) writeFileSync(file, '');
    const lock = await acquireLock(checkout, fail);
    assert.deepEqual(readdirSync(path.join(checkout, '.pvr')), ['json', 'lock']);
    await lock.release();
    assertNoTrace(checkout);
  });

  it('is removed by a process that exits without releasing it', async () => {
    const checkout = temporaryCheckout();
    await startChild(takeLock, [checkout, 'fail', 'exit']).ended;
    assertNoTrace(checkout);
  });

  it('can be waited for, and tells once who is waited for', async () => {
    const checkout = temporaryCheckout();
    const child = startChild(takeLock, [checkout, 'fail', '700']);
    await child.wrote('acquired');
    const holders: LockHolder[] = [];
    const lock = await acquireLock(checkout, { ...wait, onWaiting: (holder) => holders.push(holder) });
    assert.deepEqual(
      holders.map(({ pid, what }) => ({ pid, what })),
      [{ pid: child.process.pid, what: 'a test' }],
    );
    await lock.release();
    await child.ended;
  });

  it('goes to one after the other of several jobs of one process', async () => {
    const checkout = temporaryCheckout();
    const log: string[] = [];
    const onWaiting = ({ pid }: LockHolder) => log.push(`waits for ${pid}`);
    const job = async (name: string) => {
      await using _lock = await acquireLock(checkout, { what: name, wait: 'wait', onWaiting });
      log.push('begin');
      // The first one keeps it until both others have had to wait.
      while (log.filter((line) => line.startsWith('waits')).length < 2) await delay(5);
      log.push('end');
    };
    await Promise.all([job('one'), job('two'), job('three')]);
    const told = log.filter((line) => line.startsWith('waits'));
    assert.deepEqual(told, [`waits for ${process.pid}`, `waits for ${process.pid}`]);
    assert.deepEqual(
      log.filter((line) => !told.includes(line)),
      ['begin', 'end', 'begin', 'end', 'begin', 'end'],
    );
    assertNoTrace(checkout);
  });

  it('gives up waiting when it is told to', async () => {
    const checkout = temporaryCheckout();
    const lock = await acquireLock(checkout, fail);
    const reason = new Error('stopped');
    const controller = new AbortController();
    await assert.rejects(
      acquireLock(checkout, {
        ...wait,
        signal: controller.signal,
        onWaiting: () => controller.abort(reason),
      }),
      (error: unknown) => error === reason,
    );
    await lock.release();
    assertNoTrace(checkout);
  });

  it('is not taken over from another machine, even when waiting', async () => {
    const checkout = temporaryCheckout();
    const lock = await acquireLock(checkout, fail);
    change(checkout, { host: 'elsewhere', pid: 1 });
    await assert.rejects(acquireLock(checkout, wait), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.match(error.found, /process 1 on elsewhere, another machine or container/);
      assert.ok(error.remedy.includes(lockFile(checkout)));
      return true;
    });
    await lock.release();
  });

  it('that does not say who has it is left to a person', async () => {
    const checkout = temporaryCheckout({ '.pvr/lock': '' });
    await assert.rejects(acquireLock(checkout, wait), /does not say who has it.*delete/);
    assert.equal(readFileSync(lockFile(checkout), 'utf8'), '');
  });

  it('that is no file is nobody’s, and is not waited for', async () => {
    const folder = temporaryCheckout({ '.pvr/lock/x': '' });
    await assert.rejects(acquireLock(folder, wait), /lock is a folder instead of a file\. Move it out/);
    if (process.platform === 'win32') return;
    const pipe = temporaryCheckout();
    execFileSync('mkfifo', [lockFile(pipe)]);
    await assert.rejects(acquireLock(pipe, wait), /lock is a named pipe instead of a file/);
  });

  it(
    'is taken over when its process number belongs to another process by now',
    { skip: process.platform !== 'linux' && 'only Linux tells processes apart' },
    async () => {
      for (const changed of [{ startTicks: '1' }, { boot: 'another' }]) {
        const checkout = temporaryCheckout();
        await acquireLock(checkout, fail);
        const linux = content(checkout)['linux'] as Record<string, string>;
        change(checkout, { linux: { ...linux, ...changed } });
        const lock = await acquireLock(checkout, fail);
        await lock.release();
        assertNoTrace(checkout);
      }
    },
  );

  it(
    'is not taken over from another container or machine of the same name',
    { skip: process.platform !== 'linux' && 'only Linux tells them apart' },
    async () => {
      for (const changed of [{ pidNamespace: 'pid:[1]' }, { machine: 'another', boot: 'another' }]) {
        const checkout = temporaryCheckout();
        const lock = await acquireLock(checkout, fail);
        const linux = content(checkout)['linux'] as Record<string, string>;
        change(checkout, { linux: { ...linux, ...changed } });
        await assert.rejects(acquireLock(checkout, fail), /another machine or container/);
        await lock.release();
      }
    },
  );

  it('goes to one after the other when twenty processes want it at once, also from a dead one', async () => {
    const checkout = temporaryCheckout();
    const dead = startChild(takeLock, [checkout, 'fail', 'hold']);
    await dead.wrote('acquired');
    dead.process.kill('SIGKILL');
    await dead.ended;

    const children = Array.from({ length: 20 }, () => startChild(takeLock, [checkout, 'wait', '5']));
    const ends = await Promise.all(children.map(({ ended }) => ended));
    assert.deepEqual(new Set(ends.map(({ output }) => output)), new Set(['acquired\n']));

    const log = readFileSync(path.join(checkout, 'log'), 'utf8').trim().split('\n').slice(1);
    assert.equal(log.length, 40);
    for (let index = 0; index < log.length; index += 2) {
      assert.equal(log[index + 1], log[index]?.replace('begin', 'end'), 'two had the lock at the same time');
    }
    assertNoTrace(checkout);
  });

  it('goes to exactly one of twenty processes that do not wait', async () => {
    const checkout = temporaryCheckout();
    const dead = startChild(takeLock, [checkout, 'fail', 'hold']);
    await dead.wrote('acquired');
    dead.process.kill('SIGKILL');
    await dead.ended;

    const children = Array.from({ length: 20 }, () => startChild(takeLock, [checkout, 'fail', 'hold']));
    const first = await Promise.race(children.map((child) => child.wrote('acquired').then(() => child)));
    const others = children.filter((child) => child !== first);
    const ends = await Promise.all(others.map(({ ended }) => ended));
    assert.deepEqual(new Set(ends.map(({ output }) => output)), new Set(['refused\n']));
    assert.equal(content(checkout)['pid'], first.process.pid);
    first.process.kill('SIGKILL');
    await first.ended;
  });

  it('is a Problem where there is no checkout to lock', async () => {
    const folder = temporaryFolder();
    await assert.rejects(acquireLock(path.join(folder, 'nowhere'), fail), Problem);
    assert.equal(existsSync(path.join(folder, 'nowhere')), false);
  });
});
