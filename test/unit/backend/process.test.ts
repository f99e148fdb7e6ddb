import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackendClient } from '../../../src/backend/client';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { bundleChild, startChild } from '../child-process';
import { crashWhen } from '../crash-when';
import { isProblem } from './is-problem';
import { type Checkout, reaches, Workshop } from './workshop';

/** For what happens in another process; a test that waits in vain is ended by its runner. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

/** Also of a process that is nobody's child: it may stay around as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe("the backend's process", { timeout: 120_000 }, () => {
  let workshop: Workshop;
  let client: BackendClient;
  let one: Checkout;

  beforeEach(async () => {
    workshop = await Workshop.open();
    client = workshop.client();
    one = await workshop.checkout('one');
  });
  afterEach(() => workshop.close());

  it('starts with the first request and answers the next ones, too', async () => {
    assert.deepEqual(client.processIds, []);
    const signal = AbortSignal.abort();
    await assert.rejects(one.add(client, 'web', 'small', { signal }), (error) => error === signal.reason);
    assert.deepEqual(client.processIds, []);
    await one.add(client, 'web', 'small');
    const first = client.processIds;
    assert.equal(first.length, 1);
    await one.install(client, 'web');
    assert.deepEqual(client.processIds, first);
  });

  it('is one, also when many want the first', async () => {
    await Promise.allSettled(['a', 'b', 'c'].map((app) => one.add(client, app, 'small')));
    assert.equal(client.processIds.length, 1);
  });

  it('ends when nobody has needed it for a while; another one starts', async () => {
    const restless = workshop.client({ idleTime: 20 });
    await one.add(restless, 'web', 'small');
    await until(() => restless.processIds.length === 0);
    await one.install(restless, 'web');
    await until(() => restless.processIds.length === 0);
    assert.deepEqual(
      workshop.log.filter(({ level }) => level !== 'info'),
      [],
    );
  });

  it('makes place for one with other settings, and finishes what it does', async () => {
    const { answer } = await reaches('compress', (options) => one.add(client, 'web', 'large', options));
    const [first] = client.processIds;
    const cacheDirectory = path.join(workshop.folder, 'other-cache');
    client.configure({ cacheDirectory });
    const two = await workshop.checkout('two');
    await two.add(client, 'web', 'small');
    assert.ok(existsSync(cacheDirectory));
    await answer;
    await until(() => client.processIds.length === 1);
    assert.notEqual(client.processIds[0], first);
  });

  it('can not be used after its client was disposed of, and its requests fail', async () => {
    await one.add(client, 'web', 'small');
    const before = await one.files();
    const { answer } = await reaches('compress', (options) => one.add(client, 'api', 'large', options));
    await Promise.all([
      client.dispose(),
      assert.rejects(answer, isProblem(/^adding api$/, /^the backend process was told to end$/)),
    ]);
    assert.deepEqual(client.processIds, []);
    assert.deepEqual(await one.files(), before);
    await assert.rejects(one.install(client, 'web'), /used after dispose/);
  });

  it('that can not start makes its requests fail', async () => {
    const lost = workshop.client({ entry: path.join(workshop.folder, 'nothing.js') });
    await assert.rejects(
      one.add(lost, 'web', 'small'),
      isProblem(/^starting the backend process$/, /^the backend process ended with code 1$/),
    );
    await until(() => workshop.log.some(({ message }) => message.includes('Cannot find module')));
  });

  it('that is killed makes its requests fail; the next one finds the checkout as it was', async () => {
    await one.add(client, 'web', 'small');
    const before = await one.files();
    const { answer } = await reaches('compress', (options) => one.add(client, 'api', 'large', options));
    process.kill(one.writer(), 'SIGKILL');
    await assert.rejects(answer, isProblem(/^adding api$/, /^the backend process ended with SIGKILL$/));
    assert.notDeepEqual(await one.files(), before);
    assert.equal((await one.install(client, 'web')).outcome, 'unchanged');
    assert.deepEqual(await one.files(), before);
  });

  for (const [error, found, remedy] of [
    [
      "new TypeError('nothing is not a function')",
      /^the backend process ended, because of an error that nobody foresaw \(nothing is not a function\)$/,
      /^Try again: .*\. Please report this as a defect, with the log$/,
    ],
    [
      "new RangeError('Array buffer allocation failed')",
      /^the backend process ended, because there is not enough memory, .* \(Array buffer allocation failed\)$/,
      /^Try again: .*\. Close other programs, or raise the limits/,
    ],
  ] as const) {
    it(`that meets ${error} tells all who wait, and lets go of the checkout; the next one works`, async () => {
      await one.add(client, 'web', 'small');
      const before = await one.files();
      const trigger = path.join(workshop.folder, 'now');
      process.env['NODE_OPTIONS'] = await crashWhen(trigger, error, workshop.folder);
      const frail = workshop.client();
      const two = await workshop.checkout('two');
      const empty = await two.files();
      const { answer: first } = await reaches('compress', (options) =>
        one.add(frail, 'api', 'large', options),
      );
      const { answer: second } = await reaches('compress', (options) =>
        two.add(frail, 'db', 'large', options),
      );
      const [pid] = frail.processIds;
      delete process.env['NODE_OPTIONS'];
      const crashed = (doing: RegExp) => (problem: unknown) => {
        isProblem(doing, found)(problem);
        assert.match(problem instanceof Problem ? inTerminalWords(problem.remedy) : '', remedy);
        return true;
      };
      await writeFile(trigger, '');
      await Promise.all([
        assert.rejects(first, crashed(/^adding api$/)),
        assert.rejects(second, crashed(/^adding db$/)),
      ]);
      assert.deepEqual([await one.files(), await two.files()], [before, empty]);
      assert.ok(
        workshop.log.some(({ level, message }) => level === 'error' && /ends: .*\n +at /.test(message)),
      );
      rmSync(trigger);
      assert.equal((await one.install(frail, 'web')).outcome, 'unchanged');
      assert.notEqual(frail.processIds.at(-1), pid);
    });
  }

  it('ends with its parent, and leaves the checkout as it was', async () => {
    await one.add(client, 'web', 'small');
    const before = await one.files();
    const program = await bundleChild('backend/children/parent', workshop.folder);
    const { cacheDirectory } = workshop.settings;
    const parent = startChild(program, [path.resolve('dist'), cacheDirectory, one.folder, one.sources]);
    await parent.wrote('building');
    const backend = one.writer();
    assert.ok(isRunning(backend));
    parent.process.kill('SIGKILL');
    await until(() => !isRunning(backend));
    assert.deepEqual(await one.files(), before);
  });

  it('lets go of the checkout when it is interrupted from a terminal', async () => {
    await one.add(client, 'web', 'small');
    const before = await one.files();
    const { answer } = await reaches('compress', (options) => one.add(client, 'api', 'large', options));
    process.kill(one.writer(), 'SIGINT');
    await assert.rejects(answer, isProblem(/^adding api$/, /^the backend process was told to end$/));
    await until(() => client.processIds.length === 0);
    assert.deepEqual(await one.files(), before);
  });
});
