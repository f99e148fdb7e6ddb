import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { recover } from '../../../../src/core/checkout/change/recover';
import { Transaction } from '../../../../src/core/checkout/change/transaction';
import { interruptedTransactions } from '../../../../src/core/checkout/change/transaction-folders';
import { Problem } from '../../../../src/core/problem';
import { bundleChild, startChild } from '../../child-process';
import { temporaryCheckout, temporaryFolder, writeFiles } from '../temporary-folder';
import { hasNoRights, withoutRights } from '../without-rights';
import {
  aTest,
  changeEverything,
  contentOf,
  makeOldCheckout,
  newContent,
  oldContent,
} from './changed-checkout';

function oldCheckout(): string {
  const folder = temporaryFolder();
  makeOldCheckout(folder);
  return folder;
}
const foldersOfTransactions = (checkout: string) => {
  const parent = path.join(checkout, '.pvr', 'tmp');
  return existsSync(parent) ? readdirSync(parent) : [];
};
const assertIsOld = (checkout: string) => {
  assert.deepEqual(contentOf(checkout), oldContent);
  assert.deepEqual(foldersOfTransactions(checkout), []);
};
const assertIsNew = (checkout: string) => {
  assert.deepEqual(contentOf(checkout), newContent);
  assert.deepEqual(foldersOfTransactions(checkout), []);
};

describe('a transaction', () => {
  it('changes nothing before its commit', async () => {
    const checkout = oldCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    await changeEverything(transaction);
    const untouched = Object.entries(contentOf(checkout)).filter(([name]) => !name.startsWith('.pvr/tmp/'));
    assert.deepEqual(Object.fromEntries(untouched), oldContent);
    await transaction.rollback();
    assertIsOld(checkout);
  });

  it('changes everything in its commit, and leaves nothing behind', async () => {
    const checkout = oldCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    await changeEverything(transaction);
    await transaction.commit();
    assertIsNew(checkout);
    assert.equal(existsSync(path.join(checkout, 'gone')), false);
  });

  it('tells what it is going to do; the last word on a path counts', async () => {
    const transaction = await Transaction.begin(oldCheckout(), aTest);
    transaction.remove('web/src.json');
    transaction.remove('gone');
    await transaction.writeText('web/src.json', 'new');
    assert.deepEqual(
      transaction.changes.map(({ kind, target }) => [kind, target]),
      [
        ['remove', 'gone'],
        ['replace', 'web/src.json'],
      ],
    );
    await transaction.rollback();
  });

  it('can be stopped until the journal is written', async () => {
    const checkout = oldCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    await changeEverything(transaction);
    const reason = new Error('stopped');
    await assert.rejects(transaction.commit(AbortSignal.abort(reason)), (error: unknown) => error === reason);
    assertIsOld(checkout);
  });

  it('never writes in place: files that are linked to the object store keep their content there', async () => {
    const checkout = oldCheckout();
    const object = path.join(checkout, '.pvr', 'object');
    linkSync(path.join(checkout, 'web', 'src.json'), object);
    chmodSync(object, 0o444);
    const transaction = await Transaction.begin(checkout, aTest);
    await transaction.writeText('web/src.json', 'new');
    await transaction.commit();
    assert.equal(readFileSync(object, 'utf8'), 'old');
    assert.equal(readFileSync(path.join(checkout, 'web', 'src.json'), 'utf8'), 'new');
  });

  it(
    'makes files that others can read, whatever the umask',
    { skip: process.platform === 'win32' && 'Windows has no modes' },
    async () => {
      const checkout = oldCheckout();
      const umask = process.umask(0o077);
      try {
        const transaction = await Transaction.begin(checkout, aTest);
        await transaction.writeText('web/src.json', 'new');
        await transaction.commit();
      } finally {
        process.umask(umask);
      }
      assert.equal(statSync(path.join(checkout, 'web', 'src.json')).mode & 0o777, 0o644);
    },
  );

  it("takes what a commit changes of what is pvr's", async () => {
    const checkout = temporaryCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    for (const file of ['json', 'new', 'commitmsg', 'config'])
      await transaction.writeText(`.pvr/${file}`, `{"${file}":1}`);
    await transaction.commit();
    assert.equal(readFileSync(path.join(checkout, '.pvr/json'), 'utf8'), '{"json":1}');
    assert.equal(readFileSync(path.join(checkout, '.pvr/config'), 'utf8'), '{"config":1}');
  });

  it('refuses paths that leave the checkout, or belong to pvr', async () => {
    const transaction = await Transaction.begin(oldCheckout(), aTest);
    for (const target of [
      '../outside',
      'web/../../outside',
      '/etc/passwd',
      'web//src.json',
      './web',
      'web/.',
      '',
      // Elsewhere that is a name.
      ...(path.sep === '\\' ? ['web\\..\\outside'] : []),
      'web/\0',
      '.pvr',
      '.pvr/lock',
      '.pvr/objects/0',
      '.pvr/pvx-index',
      '.PVR/config',
      '.pv/pv-kernel.img',
    ]) {
      assert.throws(() => transaction.remove(target), Problem, target);
    }
    await transaction.rollback();
  });

  it('does not follow a symbolic link out of the checkout', async () => {
    const checkout = oldCheckout();
    const outside = temporaryFolder();
    writeFiles(outside, { 'src.json': 'precious' });
    symlinkSync(outside, path.join(checkout, 'linked'), 'junction');
    const transaction = await Transaction.begin(checkout, aTest);
    await transaction.writeText('web/src.json', 'new');
    await transaction.writeText('linked/src.json', 'new');
    await assert.rejects(transaction.commit(), /linked is not a folder of its own/);
    assert.equal(readFileSync(path.join(outside, 'src.json'), 'utf8'), 'precious');
    assert.equal(readFileSync(path.join(checkout, 'web', 'src.json'), 'utf8'), 'old');
  });

  /** A signal that has something happen when everything is checked and the journal is about to be written. */
  const beforeTheJournal = (happen: () => void): AbortSignal =>
    Object.assign(new AbortController().signal, { throwIfAborted: happen });

  it('puts everything back when a later step turns out to be impossible', async () => {
    const checkout = oldCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    await changeEverything(transaction);
    await transaction.writeText('late/deep/file', 'new');
    const inTheWay = () => writeFileSync(path.join(checkout, 'late'), 'a file where a folder has to be made');
    await assert.rejects(transaction.commit(beforeTheJournal(inTheWay)), /late/);
    await transaction.rollback();
    assert.deepEqual(contentOf(checkout), { ...oldContent, late: 'a file where a folder has to be made' });
    assert.equal(existsSync(path.join(checkout, 'added')), false);
  });

  it('refuses to change a folder and what is in it', async () => {
    const transaction = await Transaction.begin(oldCheckout(), aTest);
    transaction.remove('web');
    await assert.rejects(transaction.writeText('web/src.json', 'new'), TypeError);
    await transaction.writeText('website/src.json', 'new');
    await transaction.writeText('gone/run.json', 'new');
    assert.throws(() => transaction.remove('gone'), TypeError);
    await transaction.rollback();
  });

  it('leaves alone what somebody changes when it is about to begin, and says so', async () => {
    const checkout = oldCheckout();
    const transaction = await Transaction.begin(checkout, aTest);
    await changeEverything(transaction);
    const change = () => writeFileSync(path.join(checkout, 'web', 'src.json'), 'theirs');
    const stop = beforeTheJournal(change);
    await assert.rejects(transaction.commit(stop), /web\/src.json is neither the old nor the new one/);
    await transaction.rollback();
    assert.deepEqual(contentOf(checkout), { ...oldContent, 'web/src.json': 'theirs' });
  });

  it(
    'has happened even if what it removed can’t be deleted, and stands in nobody’s way',
    { skip: hasNoRights },
    async () => {
      const checkout = oldCheckout();
      writeFiles(checkout, { 'app/locked/file': 'old' });
      chmodSync(path.join(checkout, 'app', 'locked'), 0o555);
      await withoutRights(checkout, async () => {
        const transaction = await Transaction.begin(checkout, aTest);
        transaction.remove('app');
        await transaction.commit();
        assert.equal(existsSync(path.join(checkout, 'app')), false);
        const next = await Transaction.begin(checkout, { ...aTest, onRecovered: () => assert.fail() });
        await next.writeText('app/src.json', 'new');
        await next.commit();
        // Nobody is told for good to wait until it ends.
        assert.deepEqual(await interruptedTransactions(checkout), []);
      });
      assert.equal(readFileSync(path.join(checkout, 'app', 'src.json'), 'utf8'), 'new');
      for (const left of foldersOfTransactions(checkout)) {
        const kept = path.join(checkout, '.pvr', 'tmp', left);
        execFileSync('chmod', ['-R', 'u+w', kept]);
      }
      assert.deepEqual(await recover(checkout), []);
      assert.deepEqual(foldersOfTransactions(checkout), []);
    },
  );

  it('says which path is in the way', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { '.pvr': 'a file' });
    await assert.rejects(Transaction.begin(folder, aTest), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.ok(error.message.includes(path.join(folder, '.pvr')));
      return true;
    });
  });
});

describe('a process that is killed in the middle of a transaction', () => {
  const programs = temporaryFolder();
  let program = '';
  before(async () => {
    program = await bundleChild('checkout/change/children/change-checkout', programs);
  });
  type Disk = 'sound' | 'no-links';
  const run = (checkout: string, action: 'commit' | 'recover', killAt: number, disk: Disk = 'sound') =>
    startChild(program, [checkout, action, String(killAt), disk]).ended;
  const callsOf = async (checkout: string, action: 'commit' | 'recover', disk: Disk = 'sound') =>
    Number((await run(checkout, action, 0, disk)).output);

  for (const disk of ['sound', 'no-links'] as const) {
    it(`leaves a checkout that recovers to the old one or the new one, wherever that is (${disk})`, async () => {
      const calls = await callsOf(oldCheckout(), 'commit', disk);
      const outcomes: string[] = [];
      const missing = new Set<string>();
      for (let killAt = 1; killAt <= calls; killAt++) {
        const checkout = oldCheckout();
        assert.equal((await run(checkout, 'commit', killAt, disk)).signal, 'SIGKILL');
        for (const file of ['web/root.squashfs', 'web/src.json', '.pvr/new'])
          if (!existsSync(path.join(checkout, file))) missing.add(file);
        await recover(checkout);
        const isNew = 'added/src.json' in contentOf(checkout);
        if (isNew) assertIsNew(checkout);
        else assertIsOld(checkout);
        outcomes.push(isNew ? 'new' : 'old');
      }
      // There is one point from which on it has happened, with plenty of steps on either side.
      const commitPoint = outcomes.indexOf('new');
      assert.ok(commitPoint > 10 && calls - commitPoint > 20, `${commitPoint} of ${calls}`);
      assert.ok(!outcomes.slice(commitPoint).includes('old'));
      // A file that is replaced is never missing, but where that can't be helped.
      assert.equal(missing.size, disk === 'sound' ? 0 : 3);
    });
  }

  it('leaves one that recovers also when the disk fails rather than the process', async () => {
    const calls = await callsOf(oldCheckout(), 'commit');
    for (let failAt = 1; failAt <= calls; failAt++) {
      const checkout = oldCheckout();
      assert.equal((await startChild(program, [checkout, 'commit', String(failAt), 'fail']).ended).code, 0);
      await recover(checkout);
      if ('added/src.json' in contentOf(checkout)) assertIsNew(checkout);
      else assertIsOld(checkout);
    }
  });

  it('leaves one that recovers also when the recovery is killed in turn', async () => {
    const calls = await callsOf(oldCheckout(), 'commit');
    for (const killAt of [calls - 25, calls - 15, calls - 5]) {
      for (let killedAgain = true, again = 1; killedAgain; again += 3) {
        const checkout = oldCheckout();
        await run(checkout, 'commit', killAt);
        const recovery = await run(checkout, 'recover', again);
        killedAgain = recovery.signal !== null;
        await recover(checkout);
        assertIsNew(checkout);
      }
    }
  });
});
