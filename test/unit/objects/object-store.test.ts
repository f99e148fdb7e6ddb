import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ObjectStore } from '../../../src/core/objects/object-store';
import { temporaryFolder, writeFiles } from '../checkout/temporary-folder';
import { sha256 } from '../revision/revisions';

function makeStore(): { readonly store: ObjectStore; readonly folder: string } {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'objects'));
  return { store: new ObjectStore(path.join(folder, 'objects')), folder };
}

describe('the object store', () => {
  it('takes a file in under its sha256, once, and gives it back', async () => {
    const { store, folder } = makeStore();
    writeFiles(folder, { file: 'content' });
    const file = path.join(folder, 'file');
    const id = sha256('content');
    assert.deepEqual(await store.put(file), { sha256: id, size: 7, isNew: true });
    assert.deepEqual(await store.put(file), { sha256: id, size: 7, isNew: false });
    assert.deepEqual(await store.put(file, { expected: id }), { sha256: id, size: 7, isNew: false });
    assert.deepEqual(readdirSync(store.directory), [id]);
    await store.takeOut(id, path.join(folder, 'out'));
    assert.equal(readFileSync(path.join(folder, 'out'), 'utf8'), 'content');
  });

  it('names a file by what it was when it was read, whatever was expected', async () => {
    const { store, folder } = makeStore();
    writeFiles(folder, { file: 'content' });
    const { sha256: id } = await store.put(path.join(folder, 'file'), { expected: sha256('another') });
    assert.equal(id, sha256('content'));
  });

  it('replaces a damaged object, of the same size as well', async () => {
    const { store, folder } = makeStore();
    writeFiles(folder, { file: 'content' });
    const id = sha256('content');
    for (const damaged of ['', 'CONTENT']) {
      writeFileSync(path.join(store.directory, id), damaged);
      assert.equal(await store.isWhole(id), false);
      assert.equal((await store.put(path.join(folder, 'file'), { expected: id })).isNew, true);
      assert.equal(await store.isWhole(id), true);
    }
  });

  it('refuses names that are no sha256 in lower case', async () => {
    const { store, folder } = makeStore();
    for (const id of ['../pwn', '', 'A'.repeat(64), `${'a'.repeat(63)}\0`, `${'a'.repeat(64)}\n`])
      await assert.rejects(store.takeOut(id, path.join(folder, 'out')), /no object's name/);
  });

  it('gives a further name of an object, which nobody may write to then, and none of a damaged one', async () => {
    const { store, folder } = makeStore();
    writeFiles(folder, { file: 'content' });
    const { sha256: id } = await store.put(path.join(folder, 'file'));
    const out = path.join(folder, 'out');
    assert.equal(await store.takeOut(id, out, { way: 'link' }), 'link');
    const [object, linked] = [statSync(store.pathOf(id)), statSync(out)];
    assert.deepEqual([linked.ino, linked.mode & 0o777], [object.ino, 0o444]);
    rmSync(out);
    chmodSync(store.pathOf(id), 0o644);
    writeFileSync(store.pathOf(id), 'CONTENT');
    await assert.rejects(store.takeOut(id, out, { way: 'link' }), /it is damaged/);
    assert.equal(existsSync(out), false);
  });

  it('removes what a killed process left of an object, once nobody can be at it any more', async () => {
    const { store, folder } = makeStore();
    const [old, young, others] = [`pvx-${randomUUID()}.new`, `pvx-${randomUUID()}.new`, 'mine.new'];
    writeFiles(store.directory, { [old]: 'half', [young]: 'half', [others]: 'whole' });
    for (const name of [old, others]) utimesSync(path.join(store.directory, name), 0, 0);
    writeFiles(folder, { file: 'content' });
    await store.put(path.join(folder, 'file'));
    await store.flush();
    assert.deepEqual(readdirSync(store.directory).sort(), [sha256('content'), others, young].sort());
  });

  it('leaves no draft where a file could not be read', async () => {
    const { store, folder } = makeStore();
    await assert.rejects(store.put(path.join(folder, 'missing')), /does not exist/);
    assert.deepEqual(readdirSync(store.directory), []);
  });
});
