import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ChangingCheckout } from '../../../src/core/checkout/change/changing-checkout';
import { Transaction } from '../../../src/core/checkout/change/transaction';
import {
  parseNewFiles,
  readNewFiles,
  trackApps,
  updatedNewFiles,
} from '../../../src/core/checkout/new-files';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { parseState } from '../../../src/core/checkout/state';
import { Problem } from '../../../src/core/problem';
import { aTest } from './change/changed-checkout';
import { temporaryCheckout, temporaryFolder, writeFiles } from './temporary-folder';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const entry = (content: string, isRaw = false) => ({ ForceObject: isRaw, Sha: sha256(content) });
const newFilesOf = (checkout: string) => path.join(checkout, '.pvr', 'new');
/** What .pvr/new says after a transaction did `work`, and these apps were tracked. */
async function tracked(
  checkout: string,
  apps: readonly string[],
  work: (transaction: Transaction) => Promise<void> | void = () => undefined,
): Promise<unknown> {
  const transaction = await Transaction.begin(checkout, aTest);
  await work(transaction);
  await trackApps(new ChangingCheckout(new OpenedCheckout(checkout), transaction), apps);
  await transaction.commit();
  const file = newFilesOf(checkout);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
}

describe('.pvr/new', () => {
  const state = parseState('{"#spec":"s","web/src.json":{},"web/root.squashfs":"1"}');

  it('is canonical JSON, as pvr add writes it', () => {
    const added = new Map([
      ['web/root.ovl.squashfs', sha256('overlay')],
      ['web/"quoted".json', sha256('{}')],
      ['web/😀', sha256('smile')],
    ]);
    assert.equal(
      updatedNewFiles(new Map(), state, { added, removed: [] }),
      `{"web/\\"quoted\\".json":{"ForceObject":false,"Sha":"${sha256('{}')}"},` +
        `"web/root.ovl.squashfs":{"ForceObject":false,"Sha":"${sha256('overlay')}"},` +
        `"web/😀":{"ForceObject":false,"Sha":"${sha256('smile')}"}}`,
    );
  });

  it('has no entry for files of the state', () => {
    const added = new Map([['web/src.json', '1']]);
    assert.equal(updatedNewFiles(new Map(), state, { added, removed: [] }), undefined);
  });

  it('keeps what others added, and forgets what is gone', () => {
    const existing = parseNewFiles('{"a/x":{"ForceObject":true,"Sha":"1"},"ab":{},"a":{}}');
    const text = updatedNewFiles(existing, state, { added: new Map(), removed: ['a'] });
    assert.equal(text, '{"ab":{}}');
    assert.equal(updatedNewFiles(existing, state, { added: new Map(), removed: ['a', 'ab'] }), undefined);
  });

  it('is a Problem when it is broken', async () => {
    assert.throws(() => parseNewFiles('[]'), /\.pvr\/new.*a list instead of an object.*pvr add/);
    assert.throws(() => parseNewFiles(''), Problem);
    await assert.rejects(
      readNewFiles(new OpenedCheckout(temporaryCheckout({ '.pvr/new': '{' }))),
      /found the end of the text\. Delete it, then add .* with pvr add\.$/,
    );
  });

  it('is empty where there is none', async () => {
    assert.deepEqual(await readNewFiles(new OpenedCheckout(temporaryCheckout())), new Map());
  });
});

describe('tracking the files of an app', () => {
  it('adds those that lie there and those that the transaction brings', async () => {
    const checkout = temporaryCheckout({
      'web/src.json': 'old',
      'web/_dm/root.json': 'deep',
      'other/src.json': 'not asked for',
    });
    const found = await tracked(checkout, ['web', 'added'], async (transaction) => {
      await transaction.writeText('web/src.json', 'new');
      await transaction.writeText('added/run.json', 'brought');
      const staged = transaction.path('root.squashfs');
      await writeFile(staged, 'base');
      transaction.replace('added/root.squashfs', staged);
    });
    assert.deepEqual(found, {
      'added/root.squashfs': entry('base'),
      'added/run.json': entry('brought'),
      'web/_dm/root.json': entry('deep'),
      'web/src.json': entry('new'),
    });
  });

  it('leaves alone what an app is not made of: devices would get it', async () => {
    const parts = [
      'src.json',
      'lxc.container.conf',
      'model.squashfs',
      'model.squashfs.hash',
      '_dm/model.squashfs.json',
    ];
    const others = [
      'core.dump',
      'notes.txt',
      'src.json.orig',
      '.pvr/json',
      '.git/config',
      'old/root.squashfs',
    ];
    const files = [...parts, ...others].map((file) => [`web/${file}`, file]);
    const found = await tracked(temporaryCheckout(Object.fromEntries(files) as Record<string, string>), [
      'web',
    ]);
    assert.deepEqual(found, Object.fromEntries(parts.map((file) => [`web/${file}`, entry(file)])));
  });

  it('makes pvr forget files and folders that the transaction removes', async () => {
    const checkout = temporaryCheckout({
      'web/root.ovl.squashfs': 'overlay',
      'web/src.json': 'source',
      'gone/src.json': 'source',
      '.pvr/new': JSON.stringify({
        'gone/src.json': entry('source'),
        'gone/root.squashfs': entry('base'),
        'web/root.ovl.squashfs': entry('overlay'),
        '_config/gone/motd': entry('x'),
        'goner/src.json': entry('x'),
      }),
    });
    const found = await tracked(checkout, ['web', 'gone'], (transaction) => {
      transaction.remove('web/root.ovl.squashfs');
      transaction.remove('gone');
      transaction.remove('_config/gone');
    });
    assert.deepEqual(found, { 'goner/src.json': entry('x'), 'web/src.json': entry('source') });
  });

  it('leaves entries that still hold, also raw ones, as they are', async () => {
    const raw = { 'web/id.json': entry('raw', true) };
    const checkout = temporaryCheckout({ 'web/id.json': 'raw', '.pvr/new': JSON.stringify(raw) });
    assert.deepEqual(await tracked(checkout, ['web']), raw);
  });

  it('removes the file when nothing is new any more', async () => {
    const checkout = temporaryCheckout({
      'web/src.json': 'x',
      '.pvr/new': JSON.stringify({ 'web/src.json': entry('x') }),
    });
    assert.equal(await tracked(checkout, ['web'], (transaction) => transaction.remove('web')), undefined);
  });

  it('says nothing of what the state has already', async () => {
    const checkout = temporaryCheckout({
      '.pvr/json': '{"#spec":"pantavisor-service-system@1","web/src.json":{}}',
      'web/src.json': '{}',
    });
    assert.equal(
      await tracked(checkout, ['web'], (transaction) => transaction.writeText('web/src.json', '{"a":1}')),
      undefined,
    );
  });

  it('takes links for the files that they lead to, as pvr does', async () => {
    const checkout = temporaryCheckout({ 'web/src.json': 'x' });
    const outside = temporaryFolder();
    writeFiles(outside, { file: 'shared' });
    symlinkSync(path.join(outside, 'file'), path.join(checkout, 'web', 'linked.squashfs'));
    symlinkSync(outside, path.join(checkout, 'web', 'folder'), 'junction');
    assert.deepEqual(await tracked(checkout, ['web']), {
      'web/linked.squashfs': entry('shared'),
      'web/src.json': entry('x'),
    });
  });

  it('passes over what it would not track, whatever that is', async () => {
    const checkout = temporaryCheckout({ 'web/src.json': 'x', 'shop/src.json': 'y' });
    // The lock of an editor, and two links to each other.
    symlinkSync('somebody@host.1234', path.join(checkout, 'web', '.#src.json'));
    symlinkSync('b', path.join(checkout, 'web', 'a'));
    symlinkSync('a', path.join(checkout, 'web', 'b'));
    // Both of these links go.
    symlinkSync('nowhere', path.join(checkout, 'web', 'root.squashfs'));
    symlinkSync('nowhere', path.join(checkout, 'shop', 'root.squashfs'));
    const change = async (transaction: Transaction) => {
      await transaction.writeText('web/root.squashfs', 'new');
      transaction.remove('shop');
    };
    assert.deepEqual(await tracked(checkout, ['shop', 'web'], change), {
      'web/root.squashfs': entry('new'),
      'web/src.json': entry('x'),
    });
  });

  it('fails over a file of an app that stays and leads nowhere', async () => {
    const checkout = temporaryCheckout({ 'web/src.json': 'x' });
    symlinkSync('nowhere', path.join(checkout, 'web', 'root.squashfs'));
    await assert.rejects(tracked(checkout, ['web']), Problem);
  });

  it('changes nothing when .pvr/new is broken', async () => {
    const checkout = temporaryCheckout({ 'web/src.json': 'old', '.pvr/new': '[]' });
    const transaction = await Transaction.begin(checkout, aTest);
    await transaction.writeText('web/src.json', 'new');
    const change = new ChangingCheckout(new OpenedCheckout(checkout), transaction);
    await assert.rejects(trackApps(change, ['web']), Problem);
    await transaction.rollback();
    assert.equal(readFileSync(path.join(checkout, 'web', 'src.json'), 'utf8'), 'old');
  });
});
