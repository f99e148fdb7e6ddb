import assert from 'node:assert/strict';
import path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { Checkouts } from '../../../src/ui/model/checkouts';
import { ADisk } from './a-disk';
import { aCheckout, anApp } from './an-app';

const work = path.resolve('/work');
const outer = path.join(work, 'device');
const inner = path.join(outer, 'nested', 'device');
const other = path.join(work, 'other');

let disk: ADisk;
let folders: string[];
let checkouts: Checkouts;

beforeEach(() => {
  disk = new ADisk();
  disk.checkouts.set(outer, aCheckout(outer, [anApp('web')]));
  disk.checkouts.set(inner, aCheckout(inner, [anApp('shop')]));
  folders = [work];
  checkouts = new Checkouts(() => folders, disk);
});

describe('the checkouts of a workspace', () => {
  it('are looked for when somebody first asks, and only then', async () => {
    await checkouts.findAgain();
    assert.equal(disk.searches, 0);
    assert.ok(!checkouts.areFound);
    let listChanges = 0;
    checkouts.onDidChangeList(() => listChanges++);
    await Promise.all([checkouts.find(), checkouts.find()]);
    assert.equal(disk.searches, 1);
    assert.equal(listChanges, 1);
    assert.deepEqual(
      checkouts.all.map(({ directory }) => directory),
      [outer, inner],
    );
    assert.deepEqual(disk.reads, []);
  });

  it('say that the search has ended also when there are none', async () => {
    folders = [path.join(work, 'empty')];
    let listChanges = 0;
    checkouts.onDidChangeList(() => listChanges++);
    await checkouts.find();
    assert.equal(listChanges, 1);
    assert.ok(checkouts.areFound);
  });

  it('are counted once when workspace folders lie in each other', async () => {
    folders = [work, outer];
    assert.equal((await checkouts.find()).length, 2);
  });

  it('come and go, and stay the same ones otherwise', async () => {
    const [first] = await checkouts.find();
    disk.checkouts.set(other, aCheckout(other, []));
    disk.checkouts.delete(inner);
    await checkouts.findAgain();
    assert.deepEqual(
      checkouts.all.map(({ directory }) => directory),
      [outer, other],
    );
    assert.equal(checkouts.all[0], first);
  });

  it('give the app that a file belongs to, in the innermost checkout', async () => {
    const found = await checkouts.appContaining(path.join(inner, 'shop', 'src.json'));
    assert.equal(found?.app.name, 'shop');
    assert.equal(found.model.directory, inner);
    assert.equal((await checkouts.appContaining(path.join(outer, 'web')))?.app.name, 'web');
    assert.equal(await checkouts.appContaining(outer), undefined);
    assert.equal(await checkouts.appContaining(path.join(`${outer}2`, 'web')), undefined);
    assert.equal(await checkouts.appContaining(path.join(outer, 'gone', 'x')), undefined);
  });

  it('leave broken ones out of their apps', async () => {
    const { Problem } = await import('../../../src/core/problem');
    disk.checkouts.set(outer, new Problem({ doing: 'reading', found: 'nothing', remedy: 'Look' }));
    const apps = await checkouts.readApps();
    assert.deepEqual(
      apps.map(({ app }) => app.name),
      ['shop'],
    );
  });

  it('are watched while somebody looks, those that come later too', async () => {
    const watch = checkouts.watch();
    await checkouts.find();
    disk.checkouts.set(other, aCheckout(other, []));
    await checkouts.findAgain();
    assert.ok([outer, inner, other].every((directory) => disk.isWatched(directory)));
    watch.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok([outer, inner, other].every((directory) => !disk.isWatched(directory)));
  });

  it('tell which of them changed', async () => {
    const changed: string[] = [];
    checkouts.onDidChangeCheckout(({ directory }) => changed.push(directory));
    await checkouts.app({ checkout: inner, app: 'shop' });
    assert.deepEqual(changed, [inner]);
  });
});
