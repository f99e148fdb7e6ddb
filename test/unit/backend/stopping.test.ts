import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { BackendClient } from '../../../src/backend/client';
import { isProblem } from './is-problem';
import { reaches, Workshop, type Checkout } from './workshop';

describe('several requests to the backend', { timeout: 120_000 }, () => {
  let workshop: Workshop;
  let client: BackendClient;
  let one: Checkout;
  let two: Checkout;
  let stopping: AbortController;

  const isReason = (error: unknown) => error === stopping.signal.reason;
  const addLarge = (checkout: Checkout, signal?: AbortSignal) =>
    reaches('compress', (options) => checkout.add(client, 'api', 'large', { ...options, signal }));

  beforeEach(async () => {
    workshop = await Workshop.open();
    client = workshop.client();
    one = await workshop.checkout('one');
    two = await workshop.checkout('two');
    stopping = new AbortController();
    await one.add(client, 'web', 'small');
  });
  afterEach(() => workshop.close());

  it('for different checkouts run side by side, and one is stopped without the other', async () => {
    const [first, second] = await Promise.all([addLarge(one, stopping.signal), addLarge(two)]);
    assert.equal(one.writer(), two.writer());
    stopping.abort();
    await assert.rejects(first.answer, isReason);
    await second.answer;
    assert.equal((await two.install(client, 'api')).outcome, 'unchanged');
  });

  it('for the same checkout wait for each other, and say so', async () => {
    const first = await addLarge(one, stopping.signal);
    const warnings: string[] = [];
    const second = one.add(client, 'shop', 'small', {
      onWarning: (message) => {
        warnings.push(message);
        stopping.abort();
      },
    });
    await assert.rejects(first.answer, isReason);
    assert.equal((await second).outcome, 'installed');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^Waiting for another job, which has the checkout for adding api$/);
  });

  it('can be stopped while they wait', async () => {
    const first = await addLarge(one);
    const onWarning = () => stopping.abort();
    await assert.rejects(one.add(client, 'shop', 'small', { signal: stopping.signal, onWarning }), isReason);
    await first.answer;
  });

  it('leave the checkout as it was when they are stopped, and the process as well', async () => {
    const before = await one.files();
    const processes = client.processIds;
    const { answer } = await addLarge(one, stopping.signal);
    stopping.abort();
    await assert.rejects(answer, isReason);
    assert.equal((await one.install(client, 'web')).outcome, 'unchanged');
    assert.deepEqual(await one.files(), before);
    assert.deepEqual(client.processIds, processes);
  });

  it('do nothing when they are stopped before the process is there', async () => {
    const before = await one.files();
    const late = workshop.client();
    const answer = one.add(late, 'shop', 'small', { signal: stopping.signal });
    while (late.processIds.length === 0) await setImmediate();
    stopping.abort();
    await assert.rejects(answer, isReason);
    assert.equal((await one.install(late, 'web')).outcome, 'unchanged');
    assert.deepEqual(await one.files(), before);
  });

  it('tell the truth when they are stopped at the last moment', async () => {
    const before = await one.files();
    const onProgress = ({ phase }: { readonly phase: string }) => phase === 'install' && stopping.abort();
    const [outcome] = await Promise.allSettled([
      one.add(client, 'shop', 'patched', { signal: stopping.signal, onProgress }),
    ]);
    if (outcome.status === 'rejected') {
      assert.ok(isReason(outcome.reason));
      assert.deepEqual(await one.files(), before);
    } else {
      assert.equal((await one.install(client, 'shop')).outcome, 'unchanged');
    }
  });

  it(
    'are given up when the process hangs, which is ended then',
    { skip: process.platform === 'win32' && 'processes can not be halted' },
    async () => {
      const before = await one.files();
      const [first, second] = await Promise.all([addLarge(one, stopping.signal), addLarge(two)]);
      process.kill(one.writer(), 'SIGSTOP');
      stopping.abort();
      await assert.rejects(first.answer, isReason);
      await assert.rejects(
        second.answer,
        isProblem(/^adding api$/, /^the backend process hung, and was ended$/),
      );
      assert.equal((await one.install(client, 'web')).outcome, 'unchanged');
      assert.deepEqual(await one.files(), before);
    },
  );
});
