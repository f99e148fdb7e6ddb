import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { thisThread } from '../../../src/core/files/hash-file';
import { silentJob } from '../../../src/core/job';
import { ObjectStore } from '../../../src/core/objects/object-store';
import { checkObjects } from '../../../src/core/use-cases/check-objects';
import { clearObjects } from '../../../src/core/use-cases/clear-objects';
import { takeState } from '../../../src/core/use-cases/take-state';
import { RevisionCheckout, sha256 } from '../revision/revisions';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';

const long = 31 * 24 * 60 * 60 * 1000;

/** A store that checkouts share, with what was done to it moved into the past where a test needs that. */
class SharedStore {
  readonly folder = path.join(temporaryFolder(), 'objects');
  readonly store = new ObjectStore(this.folder);
  readonly ledger = path.join(this.folder, '..', 'pvx-objects');

  constructor() {
    mkdirSync(this.folder);
  }

  async commit(files: Readonly<Record<string, string>>): Promise<RevisionCheckout> {
    const checkout = new RevisionCheckout({
      ...files,
      '.pvr/config': JSON.stringify({ ObjectsDir: this.folder }),
    });
    await checkout.add();
    await checkout.commit();
    return checkout;
  }

  object(content: string): string {
    return path.join(this.folder, sha256(content));
  }

  has(...contents: readonly string[]): readonly string[] {
    return contents.filter((content) => existsSync(this.object(content)));
  }

  /** As if nothing had happened for a month. */
  age(): void {
    const text = readFileSync(this.ledger, 'utf8');
    writeFileSync(
      this.ledger,
      text.replace(/"at":(\d+)/g, (_, at: string) => `"at":${Number(at) - long}`),
    );
    for (const name of readdirSync(this.folder)) {
      const file = path.join(this.folder, name);
      const { mtimeMs } = statSync(file);
      utimesSync(file, (mtimeMs - long) / 1000, (mtimeMs - long) / 1000);
    }
  }

  clear({ isPreview = false, isForced = false } = {}) {
    return clearObjects(this.store, { isPreview, isForced }, silentJob());
  }

  check(isRepair = false) {
    return checkObjects(this.store, { isRepair }, thisThread, silentJob());
  }
}

describe('clearing up a store', () => {
  it('removes what nobody needs that came from here, and nothing else', async () => {
    const shared = new SharedStore();
    writeFileSync(shared.object("pvr's"), "pvr's");
    const one = await shared.commit({ 'web/a': 'old', 'web/b': 'kept', 'web/c': "pvr's" });
    one.overwrite('web/a', 'new');
    one.overwrite('web/c', 'other');
    await one.commit();
    assert.deepEqual((await shared.clear()).recent, { count: 1, size: 3 });
    shared.age();
    const preview = await shared.clear({ isPreview: true });
    assert.deepEqual(preview.removed, [sha256('old')]);
    assert.deepEqual(shared.has('old'), ['old']);
    const { removed, removedSize, named, recent, foreign, checkouts } = await shared.clear();
    assert.deepEqual(removed, [sha256('old')]);
    assert.deepEqual(
      { removedSize, named, recent, foreign, checkouts },
      {
        removedSize: 3,
        named: { count: 3, size: 12 },
        recent: { count: 0, size: 0 },
        foreign: { count: 1, size: 5 },
        checkouts: [one.folder],
      },
    );
    assert.deepEqual(shared.has('old', 'new', 'kept', 'other', "pvr's"), ['new', 'kept', 'other', "pvr's"]);
    assert.deepEqual((await shared.clear()).removed, []);
  });

  it('keeps what any checkout names, also by the commit that one from elsewhere has replaced', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one' });
    const two = await shared.commit({ 'web/a': 'two' });
    await takeState(
      one.folder,
      { reference: two.folder, folder: one.folder, how: 'all' },
      undefined,
      silentJob(),
    );
    shared.age();
    assert.deepEqual((await shared.clear()).removed, []);
    await one.restore();
    assert.deepEqual((await shared.clear()).removed, [sha256('one')]);
  });

  it('keeps what others have written since, or a commit has needed lately', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'theirs', 'web/b': 'ours' });
    for (const file of ['a', 'b']) one.overwrite(`web/${file}`, 'new');
    await one.commit();
    shared.age();
    // As pvr does with each changed file of a commit.
    writeFileSync(shared.object('theirs'), 'theirs');
    one.overwrite('web/b', 'ours');
    await one.commit();
    one.overwrite('web/b', 'new');
    await one.commit();
    const { removed, recent, foreign } = await shared.clear();
    assert.deepEqual([removed, recent.count, foreign.count], [[], 1, 1]);
  });

  it('removes nothing while a checkout can not be looked at, unless it is said to be gone', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one' });
    shared.age();
    one.overwrite('.pvr/json', 'broken');
    await assert.rejects(shared.clear(), /can't be looked at: .* Mount the drives/);
    const away = readFileSync(shared.ledger, 'utf8').replace(/"device":"\d+"/, '"device":"1234567"');
    renameSync(one.folder, `${one.folder}-away`);
    const usual = readFileSync(shared.ledger, 'utf8');
    writeFileSync(shared.ledger, away);
    await assert.rejects(shared.clear(), /it is not there, nor what it lay on/);
    const { removed, gone } = await shared.clear({ isPreview: true, isForced: true });
    assert.deepEqual([removed, gone], [[sha256('one')], [one.folder]]);
    // On the same file system as before, it was removed.
    writeFileSync(shared.ledger, usual);
    assert.deepEqual((await shared.clear()).gone, [one.folder]);
    assert.deepEqual((await shared.clear()).gone, []);
    rmSync(`${one.folder}-away`, { recursive: true });
  });

  it('takes away what killed commands left, and passes over lines that were cut off', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one' });
    const draft = `pvx-${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.new`;
    shared.age();
    writeFileSync(shared.ledger, `${readFileSync(shared.ledger, 'utf8')}{"added":"${sha256('x')}","a`);
    one.overwrite('web/a', 'two');
    await one.commit();
    writeFiles(shared.folder, { [draft]: 'half', [`${sha256('pvr')}.new`]: 'half' });
    const hoursAgo = (Date.now() - 2 * 60 * 60 * 1000) / 1000;
    utimesSync(path.join(shared.folder, draft), hoursAgo, hoursAgo);
    const { removed, drafts } = await shared.clear();
    assert.deepEqual([removed, drafts], [[sha256('one')], { count: 1, size: 4 }]);
    assert.deepEqual(readdirSync(shared.folder).sort(), [sha256('two'), `${sha256('pvr')}.new`].sort());
  });

  it('does nothing where nothing was written down', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one' });
    shared.age();
    rmSync(shared.ledger);
    rmSync(one.folder, { recursive: true });
    assert.deepEqual((await shared.clear()).foreign.count, 1);
    assert.deepEqual(shared.has('one'), ['one']);
  });
});

describe('checking a store', () => {
  it('finds nothing where all is right', async () => {
    const shared = new SharedStore();
    await shared.commit({ 'web/a': 'one', 'web/b': 'two' });
    assert.deepEqual(await shared.check(), { count: 2, size: 6, faults: [] });
  });

  it('tells of damaged and missing objects, and mends those that a checkout still has', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one', 'web/b': 'two', 'web/c': 'three' });
    writeFileSync(shared.object('one'), 'damaged');
    writeFileSync(shared.object('two'), 'damaged');
    rmSync(shared.object('three'));
    writeFileSync(shared.object('stranger'), 'damaged');
    one.overwrite('web/b', 'edited');
    const { faults } = await shared.check();
    const kinds = new Map(faults.map(({ id, kind, files, mendedFrom }) => [id, { kind, files, mendedFrom }]));
    const unmended = { mendedFrom: undefined };
    assert.deepEqual(kinds.get(sha256('one')), { kind: 'damaged', files: [one.path('web/a')], ...unmended });
    assert.deepEqual(kinds.get(sha256('three')), {
      kind: 'missing',
      files: [one.path('web/c')],
      ...unmended,
    });
    assert.deepEqual(kinds.get(sha256('stranger')), { kind: 'damaged', files: [], ...unmended });

    const mended = await shared.check(true);
    assert.deepEqual(mended.faults.flatMap(({ mendedFrom }) => mendedFrom ?? []).sort(), [
      one.path('web/a'),
      one.path('web/c'),
    ]);
    assert.equal(readFileSync(shared.object('one'), 'utf8'), 'one');
    assert.equal(readFileSync(shared.object('two'), 'utf8'), 'damaged');
    assert.equal(readFileSync(shared.object('stranger'), 'utf8'), 'damaged');
    assert.deepEqual(
      (await shared.check()).faults.map(({ id }) => id),
      [sha256('two'), sha256('stranger')].sort(),
    );
  });

  it('takes content from the other store of a checkout that has used this one', async () => {
    const shared = new SharedStore();
    const one = await shared.commit({ 'web/a': 'one' });
    writeFiles(one.folder, {
      [`.pvr/objects/${sha256('one')}`]: 'one',
      '.pvr/config': '{}',
      'web/a': 'edited',
    });
    writeFileSync(shared.object('one'), 'damaged');
    const { faults } = await shared.check(true);
    assert.deepEqual(
      faults.map(({ mendedFrom }) => mendedFrom),
      [one.path(`.pvr/objects/${sha256('one')}`)],
    );
    rmSync(shared.object('one'));
    assert.deepEqual((await shared.check()).faults, []);
  });

  it('can be stopped', async () => {
    const shared = new SharedStore();
    await shared.commit({ 'web/a': 'one' });
    const job = { ...silentJob(), signal: AbortSignal.abort(new Error('stopped')) };
    await assert.rejects(checkObjects(shared.store, { isRepair: true }, thisThread, job), /stopped/);
  });
});
