import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { maxTextSize, readTextFile } from '../../../src/core/files/text-file';
import { Problem } from '../../../src/core/problem';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';
import { hasNoRights, withoutRights } from '../checkout/without-rights';

describe('reading a text of a checkout', () => {
  it('gives what is in it', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'web/src.json': 'ä\n', empty: '' });
    assert.equal(await readTextFile(folder, 'web/src.json'), 'ä\n');
    assert.equal(await readTextFile(folder, 'empty'), '');
  });

  it('gives nothing where there is nothing', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: 'x' });
    assert.equal(await readTextFile(folder, 'nowhere'), undefined);
    assert.equal(await readTextFile(folder, 'file/inside'), undefined);
  });

  it('is refused where there is no text to be expected', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'folder'));
    writeFiles(folder, { large: '' });
    truncateSync(path.join(folder, 'large'), maxTextSize + 1);
    await assert.rejects(readTextFile(folder, 'folder'), /reading folder: it is a folder instead of a file/);
    await assert.rejects(readTextFile(folder, 'large'), /reading large: it is 17 MB, more than the 17 MB/);
  });

  it('does not wait at a pipe', { skip: process.platform === 'win32' && 'Windows has none' }, async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await assert.rejects(readTextFile(folder, 'pipe'), /it is a named pipe instead of a file/);
  });

  it('says when it is not allowed to', { skip: hasNoRights }, async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { secret: 'x' });
    chmodSync(path.join(folder, 'secret'), 0);
    await assert.rejects(
      withoutRights(folder, () => readTextFile(folder, 'secret')),
      (error: unknown) => error instanceof Problem && /access to .*secret is denied/.test(error.found),
    );
  });
});
