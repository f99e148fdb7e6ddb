import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { committedFile } from '../../../src/core/checkout/committed-file';
import { Problem } from '../../../src/core/problem';
import { temporaryFolder, writeFiles } from './temporary-folder';

const id = 'ab'.repeat(32);
const state = JSON.stringify({ '#spec': 'x', 'web/root.squashfs': id, 'web/run.json': { a: 1 } });

/** A checkout whose last commit has a base of `web`. */
function aCheckout(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, { '.pvr/json': state, ...files });
  return folder;
}

describe('committedFile', () => {
  const base = 'web/root.squashfs';

  it('is found where pvr has it without a configuration', async () => {
    const folder = aCheckout({ [`.pvr/objects/${id}`]: 'object' });
    assert.equal(await committedFile(folder, base), path.join(folder, '.pvr', 'objects', id));
  });

  it('is found where the configuration says, below the checkout or elsewhere', async () => {
    const folder = aCheckout({ '.pvr/config': '{"ObjectsDir":"store"}', [`.pvr/objects/${id}`]: 'object' });
    assert.equal(await committedFile(folder, base), undefined);
    writeFiles(folder, { [`store/${id}`]: 'object' });
    assert.equal(await committedFile(folder, base), path.join(folder, 'store', id));
    writeFiles(folder, {
      '.pvr/config': JSON.stringify({ ObjectsDir: path.join(folder, '.pvr', 'objects') }),
    });
    assert.equal(await committedFile(folder, base), path.join(folder, '.pvr', 'objects', id));
  });

  it('is nothing of what was not committed, or is no object', async () => {
    const folder = aCheckout({ [`.pvr/objects/${id}`]: 'object' });
    assert.equal(await committedFile(folder, 'shop/root.squashfs'), undefined);
    assert.equal(await committedFile(folder, 'web/run.json'), undefined);
  });

  it('says what is wrong with a broken configuration', async () => {
    await assert.rejects(
      committedFile(aCheckout({ '.pvr/config': '{' }), base),
      (error) => error instanceof Problem && error.remedy.includes('ObjectsDir'),
    );
  });
});
