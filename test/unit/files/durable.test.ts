import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { syncFile, syncFolder } from '../../../src/core/files/durable';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';

describe('what must be on the disk', () => {
  it('is a file’s content and a folder’s entries', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: 'x' });
    await syncFile(`${folder}/file`);
    await syncFolder(folder);
    await assert.rejects(syncFolder(`${folder}/nothing`), { code: 'ENOENT' });
  });

  const skip = process.platform !== 'linux' && 'only Linux has /proc';
  it('is left to a file system that can’t do that for folders', { skip }, async () => {
    await syncFolder('/proc');
  });
});
