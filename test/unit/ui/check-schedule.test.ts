import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import type { ImageCheck } from '../../../src/core/use-cases/check-images';
import { CheckSchedule } from '../../../src/ui/images/check-schedule';
import { ImageChecks } from '../../../src/ui/images/image-checks';
import { Checkouts } from '../../../src/ui/model/checkouts';
import { ADisk } from './a-disk';
import { AStorage } from './a-storage';
import { aCheckout, anApp, digest } from './an-app';

const directory = '/work/device';
const minute = 60_000;
const hour = 60 * minute;

let disk: ADisk;
let storage: AStorage;
let asked: string[][];
let failing: Set<string>;
/** Those that another image was built into. */
let changed: Set<string>;
let isAllowed: boolean;

beforeEach(() => {
  disk = new ADisk();
  disk.checkouts.set(directory, aCheckout(directory, [anApp('shop'), anApp('web')]));
  storage = new AStorage();
  asked = [];
  failing = new Set();
  changed = new Set();
  isAllowed = true;
});

/** A window that opens now, with a clock that stands still. */
function openWindow({ mock }: TestContext, interval = 4) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000 * hour });
  const images = new ImageChecks(storage, (_, apps) => {
    asked.push([...apps]);
    return Promise.resolve(apps.map(answer));
  });
  const checkouts = new Checkouts(() => ['/work'], disk);
  const schedule = new CheckSchedule(checkouts, images, {
    interval: () => interval,
    isAllowed: () => isAllowed,
    onFailure: (error) => assert.fail(String(error)),
  });
  schedule.plan();
  const wait = async (milliseconds: number) => {
    mock.timers.tick(milliseconds);
    await settle();
  };
  return { schedule, checkouts, wait };
}

function answer(app: string): ImageCheck {
  const installed = changed.has(app) ? digest('c') : digest('a');
  const known = { app, reference: `example/${app}:1`, installed };
  return failing.has(app)
    ? { ...known, state: 'failed', found: 'no network', remedy: 'Connect' }
    : { ...known, state: 'current' };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('images are checked', () => {
  it('not sooner by a window that opens in between, which shows what is known', async (context) => {
    const first = openWindow(context);
    await first.wait(2000);
    first.schedule.dispose();
    context.mock.timers.reset();
    disk.reads.length = 0;
    const second = openWindow(context);
    await second.wait(2000);
    assert.deepEqual(disk.reads, [directory]);
    assert.equal(second.checkouts.all[0]?.apps.length, 2);
    assert.equal(asked.length, 1);
    await second.wait(4 * hour);
    assert.equal(asked.length, 2);
  });

  it('soon after the start, and every few hours', async (context) => {
    const { wait } = openWindow(context);
    await wait(1000);
    assert.deepEqual(asked, []);
    assert.deepEqual(disk.reads, []);
    await wait(1000);
    assert.deepEqual(asked, [['shop', 'web']]);
    await wait(4 * hour - 1);
    assert.equal(asked.length, 1);
    await wait(1);
    assert.equal(asked.length, 2);
  });

  it('sooner again after a failure, but only those that failed', async (context) => {
    const { wait } = openWindow(context);
    failing.add('web');
    await wait(2000);
    await wait(5 * minute);
    assert.deepEqual(asked, [['shop', 'web'], ['web']]);
    failing.clear();
    await wait(10 * minute);
    assert.deepEqual(asked.at(-1), ['web']);
    await wait(hour);
    assert.equal(asked.length, 3);
  });

  it('at once when an app comes or gets another image, and then it alone', async (context) => {
    const { checkouts, wait } = openWindow(context);
    await wait(2000);
    disk.checkouts.set(directory, aCheckout(directory, [anApp('new'), anApp('shop'), anApp('web')]));
    await checkouts.refresh();
    await wait(0);
    assert.deepEqual(asked.slice(1), [['new']]);

    changed.add('web');
    const web = anApp('web', {}, { digest: digest('c') });
    disk.checkouts.set(directory, aCheckout(directory, [anApp('new'), anApp('shop'), web]));
    await checkouts.refresh();
    await wait(0);
    assert.deepEqual(asked.slice(2), [['web']]);
    // The regular check comes when it would have come.
    await wait(4 * hour);
    assert.deepEqual(asked.slice(3), [['new', 'shop', 'web']]);
  });

  it('once after a change, also when the answer tells nothing about the app as it is now', async (context) => {
    const { checkouts, wait } = openWindow(context);
    await wait(2000);
    const web = anApp('web', {}, { digest: digest('c') });
    disk.checkouts.set(directory, aCheckout(directory, [anApp('shop'), web]));
    await checkouts.refresh();
    await wait(0);
    await wait(hour);
    assert.deepEqual(asked.slice(1), [['web']]);
  });

  it('in a window that is opened again too soon only of those that are new', async (context) => {
    const first = openWindow(context);
    await first.wait(2000);
    first.schedule.dispose();
    context.mock.timers.reset();
    disk.checkouts.set(directory, aCheckout(directory, [anApp('new'), anApp('shop'), anApp('web')]));
    const { checkouts, wait } = openWindow(context);
    await checkouts.readApps();
    await wait(2000);
    assert.deepEqual(asked.slice(1), [['new']]);
    await wait(10 * minute);
    assert.deepEqual(asked.slice(2), [['new', 'shop', 'web']]);
  });

  it('not at all where that is not allowed, and at once when it becomes so', async (context) => {
    isAllowed = false;
    const { schedule, wait } = openWindow(context);
    await wait(9 * hour);
    assert.deepEqual(asked, []);
    assert.equal(disk.searches, 0);
    isAllowed = true;
    schedule.plan();
    await wait(2000);
    assert.equal(asked.length, 1);
  });

  it('not by themselves when nobody wants it', async (context) => {
    const { wait } = openWindow(context, 0);
    await wait(9 * hour);
    assert.deepEqual(asked, []);
  });

  it('no more once the window is closed', async (context) => {
    const { schedule, wait } = openWindow(context);
    schedule.dispose();
    await wait(9 * hour);
    assert.deepEqual(asked, []);
  });
});
