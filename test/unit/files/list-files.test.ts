import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { listFiles, listFolder } from '../../../src/core/files/list-files';
import { Problem } from '../../../src/core/problem';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';
import { hasNoRights, withoutRights } from '../checkout/without-rights';

describe('listing files', () => {
  it('gives all of them with their sizes, by path', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'b/c/d': '123', 'b-1': '1', a: '', 'b/with space': '12' });
    mkdirSync(path.join(folder, 'empty'));
    assert.deepEqual(await listFiles(folder), [
      { path: 'a', size: 0 },
      { path: 'b-1', size: 1 },
      { path: 'b/c/d', size: 3 },
      { path: 'b/with space', size: 2 },
    ]);
  });

  it('takes a link for the file that it leads to, and enters no linked folder', async () => {
    const folder = temporaryFolder();
    const outside = temporaryFolder();
    writeFiles(outside, { file: 'twelve bytes' });
    symlinkSync(path.join(outside, 'file'), path.join(folder, 'link'));
    symlinkSync(outside, path.join(folder, 'folder'), 'junction');
    symlinkSync(folder, path.join(folder, 'self'), 'junction');
    assert.deepEqual(await listFiles(folder), [{ path: 'link', size: 12 }]);
  });

  it('leaves out what is no file', { skip: process.platform === 'win32' && 'Windows has none' }, async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    symlinkSync(path.join(folder, 'pipe'), path.join(folder, 'link'));
    assert.deepEqual(await listFiles(folder), []);
    const { others } = await listFolder(folder);
    assert.deepEqual(others.map((other) => other.path).sort(), ['link', 'pipe']);
  });

  it('finds nothing where there is nothing', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    assert.deepEqual(await listFiles(path.join(folder, 'nowhere')), []);
    assert.deepEqual(await listFiles(path.join(folder, 'file')), []);
  });

  it('goes on beside what it can’t look at, for who wants that', { skip: hasNoRights }, async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'closed/file': 'x', open: 'x' });
    symlinkSync('nowhere', path.join(folder, 'dangling'));
    chmodSync(path.join(folder, 'closed'), 0);
    try {
      const unreadable: string[] = [];
      const { files } = await withoutRights(folder, () =>
        listFolder(folder, (file, problem) => {
          assert.ok(problem instanceof Problem);
          unreadable.push(file);
        }),
      );
      assert.deepEqual(files, [{ path: 'open', size: 1 }]);
      assert.deepEqual(unreadable.sort(), ['closed', 'dangling']);
      await assert.rejects(
        withoutRights(folder, () => listFiles(folder)),
        Problem,
      );
    } finally {
      chmodSync(path.join(folder, 'closed'), 0o755);
    }
  });
});
