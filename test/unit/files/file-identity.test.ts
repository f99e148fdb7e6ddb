import assert from 'node:assert/strict';
import { linkSync, mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  identityFromText,
  identityOf,
  identityToText,
  isSameFile,
  type FileIdentity,
} from '../../../src/core/files/file-identity';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';

async function known(file: string): Promise<FileIdentity> {
  const identity = await identityOf(file);
  assert.ok(identity);
  return identity;
}

describe('the identity of a file', () => {
  it('stays when it is renamed or linked', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'file');
    writeFileSync(file, 'text');
    const identity = await known(file);
    linkSync(file, path.join(folder, 'linked'));
    renameSync(file, path.join(folder, 'renamed'));
    assert.ok(isSameFile(identity, await known(path.join(folder, 'linked'))));
    assert.ok(isSameFile(identity, await known(path.join(folder, 'renamed'))));
  });

  it('is another one for a file of the same size and time, and for the same file at another size or time', async () => {
    const folder = temporaryFolder();
    const [file, other] = [path.join(folder, 'file'), path.join(folder, 'other')];
    writeFiles(folder, { file: 'text', other: 'TEXT' });
    utimesSync(file, 1, 1);
    utimesSync(other, 1, 1);
    const identity = await known(file);
    assert.ok(!isSameFile(identity, await known(other)), 'another file');
    utimesSync(file, 1, 1.5);
    assert.ok(!isSameFile(identity, await known(file)), 'another time');
    writeFileSync(file, 'longer');
    utimesSync(file, 1, 1);
    assert.ok(!isSameFile(identity, await known(file)), 'another size');
  });

  it('is told by size and time alone where numbers are not known', () => {
    const a: FileIdentity = { size: 1, mtimeNs: 2n, inode: 3n };
    assert.ok(isSameFile(a, { ...a, inode: 0n }));
    assert.ok(isSameFile({ ...a, inode: 0n }, a));
    assert.ok(!isSameFile({ ...a, inode: 0n }, { ...a, mtimeNs: 4n }));
  });

  it('is that of files only', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: '' });
    symlinkSync(path.join(folder, 'file'), path.join(folder, 'link'));
    mkdirSync(path.join(folder, 'folder'));
    for (const name of ['link', 'folder', 'nothing', 'file/below'])
      assert.equal(await identityOf(path.join(folder, name)), undefined, name);
  });

  it('keeps all digits in a text, and reads no other one', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, 'text');
    const identity = await known(file);
    assert.equal(identity.mtimeNs, statSync(file, { bigint: true }).mtimeNs);
    assert.deepEqual(identityFromText(identityToText(identity)), identity);
    const large = { size: 1, mtimeNs: -(2n ** 63n), inode: 2n ** 64n - 1n };
    assert.deepEqual(identityFromText(identityToText(large)), large);
    for (const text of ['', '1 2', '1 2 3 4', '-1 2 3', '1 2 -3', '1 2.5 3', ' 1 2 3', '1 x 3'])
      assert.equal(identityFromText(text), undefined, text);
  });
});
