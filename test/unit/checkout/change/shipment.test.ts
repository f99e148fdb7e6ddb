import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { shipmentOf, waitingWith } from '../../../../src/core/checkout/change/shipment';
import { downloadOf, type Waiting } from '../../../../src/core/checkout/working-state';
import type { Change } from '../../../../src/core/checkout/change/transaction';
import { parseState } from '../../../../src/core/checkout/state';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

describe('what a change ships to a device', () => {
  const { signal } = new AbortController();
  const nothing = parseState('{}');
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shipment-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function replace(target: string, content: string, hash?: string): Promise<Change> {
    const staged = path.join(folder, target.replaceAll('/', '-'));
    await writeFile(staged, content);
    return { kind: 'replace', target, staged, sha256: hash };
  }

  it('weighs each file that comes, hash trees too, but no JSON and nothing that goes', async () => {
    const changes: Change[] = [
      await replace('web/root.ovl.squashfs', 'overlay'),
      await replace('web/root.ovl.squashfs.hash', 'tree'),
      await replace('web/_dm/root.ovl.squashfs.json', '{}'),
      await replace('web/src.json', '{}'),
      { kind: 'remove', target: 'web/old.squashfs' },
    ];
    const shipment = await shipmentOf(changes, nothing, signal);
    assert.equal(downloadOf(shipment, nothing), 'overlay'.length + 'tree'.length);
  });

  it('has the same bytes once, whoever hashed them', async () => {
    const known = '0'.repeat(64);
    const changes = [
      await replace('web/root.ovl.squashfs', 'same'),
      await replace('shop/root.ovl.squashfs', 'same'),
      await replace('api/root.ovl.squashfs', 'other', known),
      await replace('bot/root.ovl.squashfs', 'other', known),
    ];
    const shipment = await shipmentOf(changes, nothing, signal);
    assert.equal(downloadOf(shipment, nothing), 'same'.length + 'other'.length);
    assert.equal(shipment.files.length, 4);
  });

  it('leaves out what the device has: files as they were committed, and bytes from any path', async () => {
    const state = parseState(
      JSON.stringify({
        'web/root.squashfs': sha256('base'),
        'web/src.json': { a: 1 },
        'old/file': sha256('x'),
      }),
    );
    const changes: Change[] = [
      await replace('web/root.squashfs', 'base'),
      await replace('web/src.json', '{ "a": 1 }'),
      await replace('twin/root.squashfs', 'base'),
      await replace('twin/src.json', '{ "a": 1 }'),
      { kind: 'remove', target: 'old' },
      { kind: 'remove', target: 'never/committed' },
    ];
    const shipment = await shipmentOf(changes, state, signal);
    assert.deepEqual(shipment.files, ['twin/root.squashfs', 'twin/src.json', 'old/file']);
    assert.equal(downloadOf(shipment, state), 0);
  });

  it('comes on top of what waited for the commit before, but for what it replaces', async () => {
    const before: Waiting = {
      files: ['shop/root.ovl.squashfs', 'web/root.ovl.squashfs', 'web/src.json'],
      objects: new Map([
        ['shop/root.ovl.squashfs', { sha256: sha256('shop'), size: 4 }],
        ['web/root.ovl.squashfs', { sha256: sha256('older'), size: 5 }],
      ]),
    };
    const changes = [await replace('web/root.ovl.squashfs', 'newest')];
    const all = waitingWith(before, changes, await shipmentOf(changes, nothing, signal));
    assert.deepEqual(all.files, ['web/root.ovl.squashfs', 'shop/root.ovl.squashfs', 'web/src.json']);
    assert.equal(downloadOf(all, nothing), 'newest'.length + 'shop'.length);
  });
});
