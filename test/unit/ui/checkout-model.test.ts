import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { CheckoutModel } from '../../../src/ui/model/checkout-model';
import { ADisk } from './a-disk';
import { aCheckout, anApp, squashfs } from './an-app';

const directory = '/work/device';
const small = aCheckout(directory, [anApp('web')]);
const patched = aCheckout(directory, [anApp('web', { overlay: squashfs(10) })]);

let disk: ADisk;
let model: CheckoutModel;
let changes: number;

beforeEach(() => {
  disk = new ADisk();
  disk.checkouts.set(directory, small);
  model = new CheckoutModel(directory, disk);
  changes = 0;
  model.onDidChange(() => changes++);
});

/** Everything that only waits for other promises has happened then. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a checkout', () => {
  it('is not read before somebody asks', async () => {
    assert.equal(model.state.kind, 'unread');
    assert.deepEqual(model.apps, []);
    await model.read();
    assert.deepEqual(disk.reads, [directory]);
    assert.equal(model.app('web')?.name, 'web');
    assert.equal(changes, 1);
  });

  it('tells of a change only when there is one', async () => {
    await model.read();
    await model.refresh();
    assert.equal(changes, 1);
    disk.checkouts.set(directory, patched);
    await model.refresh();
    assert.equal(changes, 2);
  });

  it('that cannot be read is broken, and whole again once it can', async () => {
    disk.checkouts.set(directory, new Problem({ doing: 'listing', found: 'nothing', remedy: 'Look' }));
    assert.equal((await model.read()).kind, 'broken');
    disk.checkouts.set(directory, small);
    assert.equal((await model.read()).kind, 'read');
    assert.equal(changes, 2);
  });

  it('passes on what is a defect', async () => {
    disk.checkouts.set(directory, new TypeError('defect'));
    await assert.rejects(model.read(), TypeError);
    disk.checkouts.set(directory, small);
    assert.equal((await model.read()).kind, 'read');
  });

  it('is read once more for all that asked while it was being read', async () => {
    const release = disk.holdReads();
    const first = model.refresh();
    const others = [model.refresh(), model.refresh(), model.refresh()];
    disk.checkouts.set(directory, patched);
    release();
    await first;
    const states = await Promise.all(others);
    assert.equal(disk.reads.length, 2);
    for (const state of states) assert.ok(state.kind === 'read' && state.checkout === patched);
  });
});

describe('a watched checkout', () => {
  it('is read again half a second after the last change, and not when somebody only looks', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const watch = model.watch();
    await model.read();
    await model.read();
    assert.equal(disk.reads.length, 1);
    disk.checkouts.set(directory, patched);
    disk.touch(directory);
    context.mock.timers.tick(400);
    disk.touch(directory);
    context.mock.timers.tick(400);
    assert.equal(disk.reads.length, 1);
    context.mock.timers.tick(100);
    await settle();
    assert.equal(disk.reads.length, 2);
    assert.equal(changes, 2);
    watch.dispose();
  });

  it('is awaited by whoever asks while it is read', async () => {
    const watch = model.watch();
    const open = disk.holdReads();
    const first = model.read();
    const second = model.read();
    open();
    assert.equal((await second).kind, 'read');
    assert.equal(await first, await second);
    assert.equal(disk.reads.length, 1);
    watch.dispose();
  });

  it('is read and watched anew when its folder was another one', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const watch = model.watch();
    await model.read();
    disk.checkouts.set(directory, patched);
    disk.endWatches(directory);
    assert.ok(!disk.isWatched(directory));
    context.mock.timers.tick(500);
    await settle();
    assert.equal(changes, 2);
    assert.ok(disk.isWatched(directory));
    watch.dispose();
    await settle();
    assert.ok(!disk.isWatched(directory));
  });

  it('is not watched anew while its folder is gone', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const watch = model.watch();
    await model.read();
    disk.checkouts.set(directory, new Problem({ doing: 'a', found: 'it is gone', remedy: 'b' }));
    disk.endWatches(directory);
    context.mock.timers.tick(500);
    await settle();
    assert.equal(model.state.kind, 'broken');
    assert.ok(!disk.isWatched(directory));
    watch.dispose();
  });

  it('is read whenever somebody asks, once changes may go unnoticed', async () => {
    const watch = model.watch();
    await model.read();
    disk.loseEvents(directory);
    await model.read();
    assert.equal(disk.reads.length, 2);
    watch.dispose();
  });

  it('is no longer watched once nobody does, and read anew when somebody asks then', async () => {
    const watches = [model.watch(), model.watch()];
    await model.read();
    watches.forEach((watch) => watch.dispose());
    watches.forEach((watch) => watch.dispose());
    await settle();
    assert.ok(!disk.isWatched(directory));
    disk.checkouts.set(directory, patched);
    await model.read();
    assert.equal(changes, 2);
  });

  it('is not read for what a watch tells that is about to end', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const watch = model.watch();
    await model.read();
    watch.dispose();
    disk.touch(directory);
    context.mock.timers.tick(5000);
    await settle();
    assert.equal(disk.reads.length, 1);
  });

  it('shows nothing of a build that is being installed, and its end at once', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    model.watch();
    await model.read();
    const hold = model.hold();
    disk.checkouts.set(directory, patched);
    disk.touch(directory);
    context.mock.timers.tick(5000);
    await settle();
    assert.equal(disk.reads.length, 1);
    hold.dispose();
    await settle();
    assert.equal(disk.reads.length, 2);
    assert.equal(changes, 2);
  });

  it('takes a build of ours for no interrupted change', async () => {
    disk.checkouts.set(
      directory,
      aCheckout(directory, [], { contradictions: [{ kind: 'interrupted-change' }] }),
    );
    const build = model.build();
    const during = await model.read();
    assert.deepEqual(during.kind === 'read' && during.checkout.contradictions, []);
    build.dispose();
    const after = await model.refresh();
    assert.equal(after.kind === 'read' && after.checkout.contradictions.length, 1);
  });
});
