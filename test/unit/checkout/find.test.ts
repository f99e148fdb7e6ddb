import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findCheckoutFrom, findCheckouts, requireCheckout } from '../../../src/core/checkout/find';
import { Problem } from '../../../src/core/problem';
import { temporaryFolder, writeFiles } from './temporary-folder';
import { hasNoRights, withoutRights } from './without-rights';

const folderWith = (...files: readonly string[]) => {
  const folder = temporaryFolder();
  writeFiles(folder, Object.fromEntries(files.map((file) => [file, '{}'])));
  return folder;
};
const found = async (folder: string) =>
  (await findCheckouts(folder)).map((checkout) => path.relative(folder, checkout).split(path.sep).join('/'));

describe('looking for checkouts', () => {
  it('finds the folder itself, those in it, and those in those', async () => {
    const folder = folderWith(
      '.pvr/json',
      'devices/b/.pvr/json',
      'devices/a/.pvr/json',
      'devices/a/copies/old/.pvr/json',
    );
    assert.deepEqual(await found(folder), ['', 'devices/a', 'devices/a/copies/old', 'devices/b']);
  });

  it('finds none in an empty folder, a file or one that is not there', async () => {
    const folder = folderWith('file');
    assert.deepEqual(await found(folder), []);
    assert.deepEqual(await findCheckouts(path.join(folder, 'file')), []);
    assert.deepEqual(await findCheckouts(path.join(folder, 'nowhere')), []);
  });

  it('finds broken ones, too, so that they can be told of', async () => {
    const folder = folderWith('a/.pvr/config', 'b/.pvr', 'c/.pvr/json/x', 'd/.pvr/json');
    mkdirSync(path.join(folder, 'e', '.pvr'), { recursive: true });
    assert.deepEqual(await found(folder), ['a', 'b', 'c', 'd', 'e']);
  });

  it('takes no home for one, where pvr keeps what all checkouts share', async () => {
    const folder = folderWith('.pvr/config.json', '.pvr/auth.json', '.pvr/objects/12ab', 'a/.pvr/json');
    assert.deepEqual(await found(folder), ['a']);
  });

  it('does not look into apps, other parts of a checkout, and other tools’ data', async () => {
    const folder = folderWith(
      '.pvr/json',
      '.pvr/objects/.pvr/json',
      'web/src.json',
      'web/inside/.pvr/json',
      'made-elsewhere/run.json',
      'made-elsewhere/inside/.pvr/json',
      '_config/web/.pvr/json',
      '.git/modules/.pvr/json',
      'docs/node_modules/x/.pvr/json',
      'docs/x/.pvr/json',
      'docs/x/not-an-app/src.json',
    );
    assert.deepEqual(await found(folder), ['', 'docs/x']);
  });

  it('looks into folders with a src.json where there is no checkout around', async () => {
    const folder = folderWith('sources/src.json', 'sources/device/.pvr/json', '_private/.pvr/json');
    assert.deepEqual(await found(folder), ['_private', 'sources/device']);
  });

  it('does not follow symbolic links, also not in circles', async () => {
    const folder = folderWith('device/.pvr/json');
    symlinkSync(path.join(folder, 'device'), path.join(folder, 'link'), 'junction');
    symlinkSync(folder, path.join(folder, 'device', 'up'), 'junction');
    assert.deepEqual(await found(folder), ['device']);
  });

  it('passes over folders that it may not read, but not over checkouts', { skip: hasNoRights }, async () => {
    const folder = folderWith('closed/a/.pvr/json', 'open/.pvr/json', 'half/.pvr/json');
    chmodSync(path.join(folder, 'closed'), 0);
    chmodSync(path.join(folder, 'half', '.pvr'), 0);
    try {
      assert.deepEqual(await withoutRights(folder, () => found(folder)), ['half', 'open']);
    } finally {
      chmodSync(path.join(folder, 'closed'), 0o755);
      chmodSync(path.join(folder, 'half', '.pvr'), 0o755);
    }
  });

  it('goes twelve levels deep', async () => {
    const folder = temporaryFolder();
    const level = (depth: number) => Array.from({ length: depth }, (_, index) => `level-${index}`).join('/');
    writeFiles(folder, { [`${level(12)}/.pvr/json`]: '{}', [`${level(12)}/deeper/.pvr/json`]: '{}' });
    assert.deepEqual(await found(folder), [level(12)]);
  });

  it('gets through wide trees', async () => {
    const folder = temporaryFolder();
    for (let index = 0; index < 500; index++) mkdirSync(path.join(folder, `folder-${index}`));
    writeFiles(folder, { 'folder-7/.pvr/json': '{}', 'folder-499/.pvr/json': '{}' });
    assert.deepEqual(await found(folder), ['folder-499', 'folder-7']);
  });

  it('ends when it is told to', async () => {
    const reason = new Error('stopped');
    await assert.rejects(
      findCheckouts(folderWith('a/.pvr/json'), AbortSignal.abort(reason)),
      (error: unknown) => error === reason,
    );
  });
});

describe('the checkout that a folder lies in', () => {
  it('is the nearest one on the way up', async () => {
    const folder = folderWith('.pvr/json', 'devices/a/.pvr/json', 'devices/a/web/src.json');
    assert.equal(await findCheckoutFrom(folder), folder);
    assert.equal(await findCheckoutFrom(path.join(folder, 'devices')), folder);
    const inner = path.join(folder, 'devices', 'a');
    assert.equal(await findCheckoutFrom(inner), inner);
    assert.equal(await findCheckoutFrom(path.join(inner, 'web')), inner);
  });

  it('may be none', async () => {
    assert.equal(await findCheckoutFrom(temporaryFolder()), undefined);
  });

  it('is never one around a .pvr of any kind', async () => {
    const folder = folderWith('.pvr/json', 'file/.pvr', 'config/.pvr/config', 'state/.pvr/json/x');
    mkdirSync(path.join(folder, 'empty', '.pvr'), { recursive: true });
    mkdirSync(path.join(folder, 'link'));
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'link', '.pvr'), 'junction');
    for (const inner of ['file', 'config', 'state', 'empty', 'link'])
      assert.equal(await findCheckoutFrom(path.join(folder, inner)), path.join(folder, inner));
  });

  it('is never one around a .pvr that may not be looked into', { skip: hasNoRights }, async () => {
    const folder = folderWith('.pvr/json', 'inner/.pvr/json', 'inner/web/src.json');
    chmodSync(path.join(folder, 'inner', '.pvr'), 0);
    const inner = path.join(folder, 'inner');
    assert.equal(await withoutRights(folder, () => findCheckoutFrom(path.join(inner, 'web'))), inner);
    await assert.rejects(
      withoutRights(folder, () => requireCheckout(inner)),
      /access to .*inner.\.pvr.json is denied/,
    );
    chmodSync(path.join(inner, '.pvr'), 0o755);
  });

  it('is not looked for further up where a folder does not tell', { skip: hasNoRights }, async () => {
    const folder = folderWith('.pvr/json', 'closed/web/src.json');
    chmodSync(path.join(folder, 'closed'), 0);
    await assert.rejects(
      withoutRights(folder, () => findCheckoutFrom(path.join(folder, 'closed', 'web'))),
      /looking for the checkout: access to .*closed.web.\.pvr is denied/,
    );
    chmodSync(path.join(folder, 'closed'), 0o755);
  });

  it('is not a home, where pvr keeps what all checkouts share', async () => {
    const folder = folderWith('.pvr/json', 'home/.pvr/config.json', 'home/.pvr/objects/12ab', 'home/a/x');
    assert.equal(await findCheckoutFrom(path.join(folder, 'home', 'a')), folder);
  });
});

describe('what a checkout must have', () => {
  it('is a folder .pvr with a file json', async () => {
    await requireCheckout(folderWith('.pvr/json'));
  });

  it('is named where it is missing, or is something else', async () => {
    const missing = temporaryFolder();
    await assert.rejects(requireCheckout(missing), /is not a checkout: it has no \.pvr\. .*pvx init/);
    const broken = (files: readonly string[], words: RegExp) =>
      assert.rejects(requireCheckout(folderWith(...files)), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.match(error.message, words);
        // It is made anew from what it was, not from nothing.
        assert.doesNotMatch(error.message, /init/);
        return true;
      });
    await broken(['.pvr'], /\.pvr is a file instead of a folder/);
    await broken(['.pvr/config'], /\.pvr has no state in it, the file json/);
    await broken(['.pvr/json/x'], /json is a folder instead of a file/);
  });

  it('is named where it is nothing to be read', { skip: hasNoRights }, async () => {
    const folder = folderWith('.pvr/config', 'link/x');
    execFileSync('mkfifo', [path.join(folder, '.pvr', 'json')]);
    await assert.rejects(requireCheckout(folder), /json is a named pipe instead of a file/);
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'link', '.pvr'));
    await assert.rejects(requireCheckout(path.join(folder, 'link')), /a symbolic link that leads nowhere/);
  });
});
