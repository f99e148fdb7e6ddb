import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { downloadFor } from '../../../src/core/build/download';
import type { Change } from '../../../src/core/checkout/transaction';

describe('what a device must fetch for a change', () => {
  const { signal } = new AbortController();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'download-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function replace(target: string, content: string, sha256?: string): Promise<Change> {
    const staged = path.join(folder, target.replaceAll('/', '-'));
    await writeFile(staged, content);
    return { kind: 'replace', target, staged, sha256 };
  }

  it('is each file that comes, hash trees too, but no JSON and nothing that goes', async () => {
    const changes: Change[] = [
      await replace('web/root.ovl.squashfs', 'overlay'),
      await replace('web/root.ovl.squashfs.hash', 'tree'),
      await replace('web/_dm/root.ovl.squashfs.json', '{}'),
      await replace('web/src.json', '{}'),
      { kind: 'remove', target: 'web/old.squashfs' },
    ];
    assert.equal(await downloadFor(changes, signal), 'overlay'.length + 'tree'.length);
  });

  it('is the same bytes once, whoever hashed them', async () => {
    const known = '0'.repeat(64);
    const changes = [
      await replace('web/root.ovl.squashfs', 'same'),
      await replace('shop/root.ovl.squashfs', 'same'),
      await replace('api/root.ovl.squashfs', 'other', known),
      await replace('bot/root.ovl.squashfs', 'other', known),
    ];
    assert.equal(await downloadFor(changes, signal), 'same'.length + 'other'.length);
  });
});
