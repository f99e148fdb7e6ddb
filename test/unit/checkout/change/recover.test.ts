import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { undoJournal } from '../../../../src/core/checkout/change/apply-journal';
import { readJournal } from '../../../../src/core/checkout/change/journal';
import { describeRecovered, recover, type Recovered } from '../../../../src/core/checkout/change/recover';
import { Transaction } from '../../../../src/core/checkout/change/transaction';
import { readCheckout } from '../../../../src/core/checkout/checkout';
import { HashIndex } from '../../../../src/core/checkout/hashes/hash-index';
import { putFiles } from '../../../put-files';
import { bundleChild, startChild } from '../../child-process';
import { temporaryFolder, writeFiles } from '../temporary-folder';
import { aTest, contentOf, makeOldCheckout, newContent, oldContent } from './changed-checkout';

function oldCheckout(): string {
  const folder = temporaryFolder();
  makeOldCheckout(folder);
  return folder;
}

const transactions = (checkout: string) => {
  const parent = path.join(checkout, '.pvr', 'tmp');
  return existsSync(parent) ? readdirSync(parent) : [];
};

/** All but what transactions keep for themselves. */
function visibleContent(checkout: string): Record<string, string> {
  const all = Object.entries(contentOf(checkout));
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('.pvr/tmp/')));
}

/** What lies in the folders of transactions, whatever these are called. */
function privateContent(checkout: string): readonly (readonly [string, string])[] {
  return Object.entries(contentOf(checkout)).flatMap(([name, content]) => {
    const [, file] = /^\.pvr\/tmp\/[^/]*\/(.*)$/.exec(name) ?? [];
    return file === undefined ? [] : [[file, content] as const];
  });
}

/** The folder of the only transaction. */
function onlyTransaction(checkout: string): string {
  const [name, ...others] = transactions(checkout);
  assert.ok(name !== undefined && others.length === 0, `there are ${others.length} more`);
  return path.join(checkout, '.pvr', 'tmp', name);
}

/** The name of the file in it of which the name ends so. */
function privateFile(checkout: string, ending: string): string {
  const folder = onlyTransaction(checkout);
  const name = readdirSync(folder).find((one) => one.endsWith(ending));
  assert.ok(name, `${ending} in ${readdirSync(folder).join(', ')}`);
  return path.join(folder, name);
}

/** Nothing is done, nothing is lost, and it is told, until a person has put an end to it. */
async function assertSetAside(
  checkout: string,
  { what }: { what: string | undefined } = { what: 'testing' },
): Promise<Recovered> {
  const [visible, hidden] = [visibleContent(checkout), privateContent(checkout)];
  const [recovered, ...others] = await recover(checkout);
  assert.ok(recovered?.outcome === 'set-aside' && others.length === 0, JSON.stringify(recovered));
  assert.deepEqual(visibleContent(checkout), visible);
  assert.deepEqual(privateContent(checkout), hidden);

  const told = describeRecovered(recovered);
  assert.match(
    told,
    /^An earlier command was interrupted.* neither finished nor undone, since .*pvr status.*\.$/,
  );
  assert.ok(told.includes(recovered.folder), told);
  const toldLater = async () =>
    (await readCheckout(checkout)).contradictions.filter(({ kind }) => /interrupted|aside/.test(kind));
  const expected = { kind: 'set-aside-change', folder: recovered.folder, what };
  assert.deepEqual(await toldLater(), [expected]);

  // It stands in nobody's way.
  const next = await Transaction.begin(checkout, { ...aTest, onRecovered: () => assert.fail() });
  await next.writeText('next/src.json', 'new');
  await next.commit();
  assert.deepEqual(visibleContent(checkout), { ...visible, 'next/src.json': 'new' });
  assert.deepEqual(privateContent(checkout), hidden);
  assert.deepEqual(await toldLater(), [expected]);
  rmSync(path.join(checkout, recovered.folder), { recursive: true });
  assert.deepEqual(await toldLater(), []);
  return recovered;
}

describe('recovery', () => {
  it('has nothing to do in a sound checkout', async () => {
    const checkout = oldCheckout();
    assert.deepEqual(await recover(checkout), []);
    assert.deepEqual(contentOf(checkout), oldContent);
  });

  it('leaves alone what is not a transaction', async () => {
    const checkout = oldCheckout();
    writeFiles(checkout, { '.pvr/tmp/notes/file': 'mine' });
    await recover(checkout);
    assert.equal(readFileSync(path.join(checkout, '.pvr', 'tmp', 'notes', 'file'), 'utf8'), 'mine');
  });

  it('does not look for transactions through a symbolic link', async () => {
    const checkout = oldCheckout();
    const outside = temporaryFolder();
    mkdirSync(path.join(outside, '00000000-0000-0000-0000-000000000000'));
    symlinkSync(outside, path.join(checkout, '.pvr', 'tmp'), 'junction');
    await assert.rejects(recover(checkout), /not a folder of its own/);
    assert.equal(readdirSync(outside).length, 1);
  });

  const id = '00000000-0000-0000-0000-000000000000';
  const absent = { kind: 'absent' };
  const written = { size: 1, mtimeNs: '1', inode: '1', sha256: '' };
  const common = { kind: 'replace', before: absent, after: written, isLinked: false };

  it('does not trust a journal that is broken, or names paths outside', async () => {
    const outside = temporaryFolder();
    writeFiles(outside, { file: 'precious' });
    const removal = { kind: 'remove', kept: '1-kept', before: absent };
    const journals = [
      { folders: [], steps: [{ ...removal, target: '../x' }] },
      { folders: [], steps: [{ ...removal, target: 'web', kept: '../../../web' }] },
      { folders: ['/x'], steps: [] },
      { folders: [], steps: [{ ...common, target: 'web/src.json', staged: '../x', kept: '1-kept' }] },
      { folders: [], steps: 'all of them' },
    ];
    for (const journal of journals) {
      const checkout = oldCheckout();
      const text = JSON.stringify({ version: 2, what: 'testing', ...journal });
      writeFiles(checkout, { [`.pvr/tmp/${id}/journal.json`]: text });
      await assertSetAside(checkout, { what: undefined });
    }
    const checkout = oldCheckout();
    symlinkSync(outside, path.join(checkout, 'linked'), 'junction');
    const steps = [
      { ...removal, target: 'linked/file' },
      { ...common, target: 'linked/file', staged: '1-a', kept: '2-kept' },
    ];
    const text = JSON.stringify({ version: 2, what: 'testing', folders: [], steps });
    writeFiles(checkout, { [`.pvr/tmp/${id}/journal.json`]: text });
    await recover(checkout);
    assert.equal(readFileSync(path.join(outside, 'file'), 'utf8'), 'precious');
    assert.deepEqual(transactions(checkout), [`set-aside-${id}`]);
  });

  it('remembers what it has put in place, as the build would have', async () => {
    const checkout = oldCheckout();
    const sha256 = createHash('sha256').update('new base').digest('hex');
    const after = { size: 'new base'.length, mtimeNs: '1', inode: '1', sha256 };
    const steps = [{ ...common, target: 'made/root.squashfs', after, staged: '1-a', kept: '2-kept' }];
    writeFiles(checkout, {
      'made/src.json': JSON.stringify({ docker_digest: `localhost/app@sha256:${'1'.repeat(64)}` }),
      [`.pvr/tmp/${id}/1-a`]: 'new base',
      [`.pvr/tmp/${id}/journal.json`]: JSON.stringify({ version: 2, what: 'testing', folders: [], steps }),
    });
    assert.deepEqual(await recover(checkout), [{ outcome: 'finished', what: 'testing' }]);
    const hashes = await HashIndex.open(checkout);
    assert.equal(hashes.built('made/root.squashfs')?.sha256, sha256);
  });

  it('does not replay a journal of version 1, which does not say what the targets were', async () => {
    const checkout = oldCheckout();
    const step = { kind: 'replace', target: 'web/src.json', staged: '1-src.json', size: 3, kept: '2-kept' };
    const journal = JSON.stringify({ version: 1, folders: [], steps: [step] });
    writeFiles(checkout, { [`.pvr/tmp/${id}/journal.json`]: journal, [`.pvr/tmp/${id}/1-src.json`]: 'new' });
    await assertSetAside(checkout, { what: undefined });
  });
});

describe('recovery of a change that was interrupted', () => {
  const programs = temporaryFolder();
  let program = '';
  before(async () => {
    program = await bundleChild('checkout/change/children/change-checkout', programs);
  });

  /** The first rename is the journal's; the steps follow in the order of `changeEverything`. */
  const renames = {
    'web/root.squashfs': 2,
    'web/root.ovl.squashfs': 3,
    gone: 4,
    '_config/gone': 5,
    'web/src.json': 6,
    'added/_dm/root.json': 7,
    '.pvr/new': 9,
  } as const;
  async function killedBefore(target: keyof typeof renames, checkout = oldCheckout()): Promise<string> {
    const { signal } = await startChild(program, [checkout, 'commit', `rename:${renames[target]}`]).ended;
    assert.equal(signal, 'SIGKILL');
    return checkout;
  }
  const at = (checkout: string, file: string) => path.join(checkout, file);
  const all = (content: Record<string, string>) =>
    new Map<string, string | undefined>([
      ...Object.keys({ ...oldContent, ...newContent }).map((name) => [name, undefined] as const),
      ...Object.entries(content),
    ]);

  it('finishes it, and says what it was', async () => {
    const checkout = await killedBefore('web/src.json');
    const recovered = await recover(checkout);
    assert.deepEqual(recovered, [{ outcome: 'finished', what: 'testing' }]);
    assert.deepEqual(contentOf(checkout), newContent);
    assert.deepEqual(recovered.map(describeRecovered), [
      'An earlier command was interrupted while testing; it is finished now.',
    ]);
  });

  it('tidies up what did not come to its commit, and says so', async () => {
    const checkout = oldCheckout();
    await startChild(program, [checkout, 'commit', 'rename:1']).ended;
    const recovered = await recover(checkout);
    assert.deepEqual(recovered, [{ outcome: 'tidied' }]);
    assert.deepEqual(contentOf(checkout), oldContent);
    assert.match(recovered.map(describeRecovered).join(), /interrupted.*removed.*unchanged/);
  });

  for (const manner of ['renamed', 'linked', 'in place'] as const) {
    for (const target of ['web/root.squashfs', 'web/root.ovl.squashfs', 'gone', 'web/src.json'] as const) {
      it(`leaves it alone when the old files were restored (${manner}), before ${target}`, async () => {
        const checkout = await killedBefore(target);
        putFiles(checkout, all(oldContent), manner);
        await assertSetAside(checkout);
        assert.deepEqual(visibleContent(checkout), { ...oldContent, 'next/src.json': 'new' });
      });
    }
  }

  it('leaves it alone when something else was built meanwhile', async () => {
    for (const target of ['web/root.squashfs', '.pvr/new'] as const) {
      const checkout = await killedBefore(target);
      const theirs = {
        'web/root.squashfs': 'another base',
        'web/src.json': 'another',
        '.pvr/new': 'another',
      };
      putFiles(checkout, new Map(Object.entries({ ...oldContent, ...theirs })), 'renamed');
      const recovered = await assertSetAside(checkout);
      assert.match(describeRecovered(recovered), /web\/src.json is neither the old nor the new one/);
    }
  });

  it('says what has been changed already, and what has not', async () => {
    const checkout = await killedBefore('web/src.json');
    writeFileSync(at(checkout, '.pvr/new'), 'theirs');
    const recovered = await assertSetAside(checkout);
    assert.match(
      describeRecovered(recovered),
      /changed: web\/root.squashfs, web\/root.ovl.squashfs, gone, .*not yet changed: web\/src.json, added/,
    );
  });

  it('leaves it alone when a file of the same size and time took the place of one', async () => {
    const checkout = oldCheckout();
    const file = at(checkout, 'web/src.json');
    utimesSync(file, 1, 1);
    await killedBefore('web/src.json', checkout);
    writeFileSync(`${file}.new`, 'OLD');
    utimesSync(`${file}.new`, 1, 1);
    renameSync(`${file}.new`, file);
    await assertSetAside(checkout);
  });

  it('leaves it alone when somebody changed a file that is kept', async () => {
    const checkout = await killedBefore('web/src.json');
    writeFileSync(privateFile(checkout, '-kept-web_root.squashfs'), 'old base, and more');
    const recovered = await assertSetAside(checkout);
    assert.match(describeRecovered(recovered), /what was kept of web\/root.squashfs has been changed/);
  });

  it('leaves it alone when somebody removed the app', async () => {
    const checkout = await killedBefore('web/src.json');
    rmSync(at(checkout, 'web'), { recursive: true });
    const recovered = await assertSetAside(checkout);
    assert.match(describeRecovered(recovered), /web\/src.json is gone/);
  });

  it('leaves it alone when a target has become a folder, or is below a file or link', async () => {
    const intoFolder = await killedBefore('web/src.json');
    unlinkSync(at(intoFolder, 'web/src.json'));
    mkdirSync(at(intoFolder, 'web/src.json'));
    await assertSetAside(intoFolder);

    const belowFile = await killedBefore('web/src.json');
    writeFileSync(at(belowFile, 'added'), 'a file');
    await assertSetAside(belowFile);

    const belowLink = await killedBefore('web/src.json');
    renameSync(at(belowLink, 'web'), at(belowLink, 'moved'));
    symlinkSync(at(belowLink, 'moved'), at(belowLink, 'web'), 'junction');
    await assertSetAside(belowLink);
  });

  it('leaves it alone when a folder that is to be removed got another file, or another version of one', async () => {
    const added = await killedBefore('gone');
    writeFiles(added, { 'gone/_dm/mine': 'mine' });
    await assertSetAside(added);

    const changed = await killedBefore('gone');
    writeFiles(changed, { 'gone/_dm/root.json': 'mine' });
    await assertSetAside(changed);

    const recreated = await killedBefore('web/src.json');
    writeFiles(recreated, { 'gone/run.json': 'mine' });
    await assertSetAside(recreated);
  });

  it('leaves it alone when what was not there has been made', async () => {
    const checkout = await killedBefore('web/root.squashfs');
    writeFiles(checkout, { '_sigs/never-there.json': 'mine' });
    await assertSetAside(checkout);
  });

  it('undoes it when it can’t be finished, and says why', async () => {
    const checkout = await killedBefore('.pvr/new');
    unlinkSync(privateFile(checkout, '-new'));
    const recovered = await recover(checkout);
    assert.deepEqual(recovered, [
      { outcome: 'undone', what: 'testing', found: 'the new .pvr/new is gone or damaged' },
    ]);
    assert.deepEqual(contentOf(checkout), oldContent);
    assert.match(recovered.map(describeRecovered).join(), /could not be finished.*as it was before/);
  });

  it('undoes it when the disk lost part of a new file', async () => {
    for (const content of ['n', 'NEW']) {
      const checkout = await killedBefore('web/src.json');
      writeFileSync(privateFile(checkout, '-src.json'), content);
      assert.equal((await recover(checkout))[0]?.outcome, 'undone');
      assert.deepEqual(contentOf(checkout), oldContent);
    }
  });

  it('undoes it when somebody put back the very files that were there', async () => {
    const checkout = await killedBefore('web/src.json');
    for (const [ending, target] of [
      ['-kept-web_root.squashfs', 'web/root.squashfs'],
      ['-kept-web_root.ovl.squashfs', 'web/root.ovl.squashfs'],
    ] as const) {
      const kept = privateFile(checkout, ending);
      rmSync(at(checkout, target), { force: true });
      linkSync(kept, at(checkout, target));
      unlinkSync(kept);
    }
    assert.equal((await recover(checkout))[0]?.outcome, 'undone');
    assert.deepEqual(contentOf(checkout), oldContent);
  });

  it('leaves it alone when it can be neither finished nor undone', async () => {
    const checkout = await killedBefore('.pvr/new');
    unlinkSync(privateFile(checkout, '-new'));
    unlinkSync(privateFile(checkout, '-kept-web_root.squashfs'));
    const recovered = await assertSetAside(checkout);
    assert.match(
      describeRecovered(recovered),
      /the new .pvr\/new and the old web\/root.squashfs are gone or damaged/,
    );
  });

  it('finishes it when the new files have other inodes and times, as in a copy of the checkout', async () => {
    const checkout = await killedBefore('.pvr/new');
    for (const target of ['web/root.squashfs', 'web/src.json']) {
      putFiles(checkout, new Map([[target, readFileSync(at(checkout, target))]]), 'renamed');
    }
    assert.deepEqual(await recover(checkout), [{ outcome: 'finished', what: 'testing' }]);
    assert.deepEqual(contentOf(checkout), newContent);
  });

  it('goes on where a file is missing for a moment, unless somebody has put one there', async () => {
    // Without links, there is one more rename before each new file's.
    const killed = async () => {
      const checkout = oldCheckout();
      await startChild(program, [checkout, 'commit', 'rename:3', 'no-links']).ended;
      assert.ok(!existsSync(at(checkout, 'web/root.squashfs')));
      return checkout;
    };
    const untouched = await killed();
    assert.deepEqual(await recover(untouched), [{ outcome: 'finished', what: 'testing' }]);
    assert.deepEqual(contentOf(untouched), newContent);

    const unfinished = await killed();
    unlinkSync(privateFile(unfinished, '-root.squashfs'));
    assert.equal((await recover(unfinished))[0]?.outcome, 'undone');
    assert.deepEqual(contentOf(unfinished), oldContent);

    const restored = await killed();
    writeFileSync(at(restored, 'web/root.squashfs'), 'old base');
    await assertSetAside(restored);
  });

  it('does not undo what somebody has changed since: all of it is set aside, and said', async () => {
    const checkout = await killedBefore('.pvr/new');
    writeFileSync(at(checkout, 'web/src.json'), 'theirs');
    const left = visibleContent(checkout);
    const folder = onlyTransaction(checkout);
    const journal = await readJournal(folder);
    assert.ok(typeof journal === 'object');
    await assert.rejects(
      undoJournal({ checkoutDirectory: checkout, folder }, journal, new Error('no space')),
      /web\/src.json is neither the old nor the new one \(after: no space\)\. .*delete \.pvr\/tmp\/set-aside-/,
    );
    assert.deepEqual(visibleContent(checkout), left);
    assert.deepEqual(transactions(checkout), [`set-aside-${path.basename(folder)}`]);
  });
});
