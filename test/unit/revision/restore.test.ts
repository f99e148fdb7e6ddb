import assert from 'node:assert/strict';
import { readdirSync, statSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { newFiles, RevisionCheckout, sha256 } from './revisions';

const state = {
  'web/conf': sha256('conf\n'),
  'web/n.json': { h: '<a&b>', f: 0.5, e: {}, l: [], u: 'é\u2028' },
};
const objects = ['conf\n'];

describe('a checkout of the last commit', () => {
  it('writes files as pvr does: JSON with four spaces, sorted keys and the escapes of Go', async () => {
    const checkout = new RevisionCheckout({}, { state, objects });
    const { files } = await checkout.restore();
    assert.deepEqual(files, ['web/conf', 'web/n.json']);
    assert.equal(checkout.read('web/conf'), 'conf\n');
    assert.equal(
      checkout.read('web/n.json'),
      '{\n    "e": {},\n    "f": 0.5,\n    "h": "\\u003ca\\u0026b\\u003e",\n    "l": [],\n    "u": "é\\u2028"\n}',
    );
    assert.deepEqual(await checkout.status(), []);
  });

  it(
    'writes names with any characters that a file system has',
    { skip: process.platform === 'win32' },
    async () => {
      const names = ['web/a\\b', 'web/\'" #%ü\n', 'web/C:'];
      const checkout = new RevisionCheckout(
        {},
        { state: Object.fromEntries(names.map((name) => [name, sha256('conf\n')])), objects },
      );
      await checkout.restore();
      for (const name of names) assert.equal(checkout.read(name), 'conf\n', name);
      assert.deepEqual(await checkout.status(), []);
    },
  );

  it('writes canonical JSON where that is wanted', async () => {
    const checkout = new RevisionCheckout({}, { state, objects });
    await checkout.restore({ form: 'canonical' });
    assert.equal(checkout.read('web/n.json'), '{"e":{},"f":5.0E-1,"h":"<a&b>","l":[],"u":"é\u2028"}');
  });

  it('names what was edited and leaves everything, unless it is to go', async () => {
    const files = {
      'web/conf': 'edited',
      new: 'x',
      '.pvr/new': newFiles({ new: 'inline' }),
      note: 'untracked',
    };
    const checkout = new RevisionCheckout(files, { state, objects });
    await assert.rejects(checkout.restore(), /what was edited since would be lost: web\/conf\. .*--force/);
    assert.equal(checkout.read('web/conf'), 'edited');
    assert.equal(checkout.read('web/n.json'), undefined);
    assert.notEqual(checkout.read('.pvr/new'), undefined);
    const { lost, forgotten } = await checkout.restore({ isForced: true });
    assert.deepEqual([lost, forgotten], [['web/conf'], ['new']]);
    assert.equal(checkout.read('web/conf'), 'conf\n');
    assert.equal(checkout.read('.pvr/new'), undefined);
    assert.deepEqual(await checkout.status(), ['? new', '? note']);
  });

  it('deletes what was added since where that is wanted, and nothing that is not tracked', async () => {
    const files = {
      'web/conf': 'edited',
      'web/new': 'x',
      'web/kept': 'y',
      'web/note': 'untracked',
      '.pvr/new': newFiles({ 'web/new': 'inline', 'web/kept': 'inline' }),
    };
    const checkout = new RevisionCheckout(files, { state, objects });
    await checkout.restore({ paths: ['web/conf', 'web/n.json', 'web/new'], isForced: true, added: 'delete' });
    assert.equal(checkout.read('web/new'), undefined);
    assert.equal(checkout.read('web/conf'), 'conf\n');
    assert.deepEqual(await checkout.status(), ['A web/kept', '? web/note']);
  });

  it('of the paths that are named leaves the others', async () => {
    const checkout = new RevisionCheckout(
      { 'db/x': 'edited', new: 'x', '.pvr/new': newFiles({ new: 'inline' }) },
      { state: { ...state, 'db/x': sha256('x') }, objects },
    );
    await checkout.restore({ paths: ['web/'] });
    assert.deepEqual(await checkout.status(), ['C db/x', 'A new']);
    await assert.rejects(
      checkout.restore({ paths: ['web/nothing'] }),
      /nothing in the last commit has that name/,
    );
  });

  it('writes nothing before all objects are there and right', async () => {
    const missing = new RevisionCheckout({}, { state });
    await assert.rejects(missing.restore(), /it is not in .*objects/);
    const damaged = new RevisionCheckout({ [`.pvr/objects/${sha256('conf\n')}`]: 'other' }, { state });
    await assert.rejects(damaged.restore(), /it is damaged/);
    await assert.rejects(damaged.restore({ way: 'link' }), /it is damaged/);
    for (const checkout of [missing, damaged]) {
      assert.deepEqual(readdirSync(checkout.folder), ['.pvr']);
      assert.ok(!readdirSync(checkout.path('.pvr')).includes('tmp'));
    }
  });

  it('refuses what is no object and no document', async () => {
    for (const value of ['../pwn', 'abc', 7, { a: 1 }, null]) {
      const checkout = new RevisionCheckout({}, { state: { 'web/x': value } });
      await assert.rejects(checkout.restore({ isForced: true }), /something else in its place/);
    }
  });

  it(
    'follows no link out of the checkout, and removes no folder',
    { skip: process.platform === 'win32' },
    async () => {
      const checkout = new RevisionCheckout({}, { state, objects });
      const outside = new RevisionCheckout();
      symlinkSync(outside.folder, checkout.path('web'));
      await assert.rejects(checkout.restore({ isForced: true }), /web is not a folder of its own/);
      assert.deepEqual(readdirSync(outside.folder), ['.pvr']);
      const other = new RevisionCheckout({ 'web/conf/kept': 'x' }, { state, objects });
      await assert.rejects(other.restore({ isForced: true }), /a folder lies in its place/);
      assert.equal(other.read('web/conf/kept'), 'x');
      assert.equal(other.read('web/n.json'), undefined);
    },
  );

  it(
    'by hard links shares files with the store, where nobody may write to them',
    { skip: process.platform === 'win32' },
    async () => {
      const checkout = new RevisionCheckout({}, { state, objects });
      const object = checkout.path(`.pvr/objects/${sha256('conf\n')}`);
      await checkout.restore({ way: 'link' });
      assert.equal(statSync(checkout.path('web/conf')).ino, statSync(object).ino);
      assert.equal(statSync(object).mode & 0o777, 0o444);
      assert.equal(checkout.read('web/n.json'), '{"e":{},"f":5.0E-1,"h":"<a&b>","l":[],"u":"é\u2028"}');
      await checkout.restore();
      assert.notEqual(statSync(checkout.path('web/conf')).ino, statSync(object).ino);
      assert.equal(statSync(checkout.path('web/conf')).mode & 0o777, 0o644);
    },
  );

  it('never makes a file that somebody may write to a part of the store', async () => {
    const checkout = new RevisionCheckout({ 'web/conf': 'edited' }, { state, objects });
    await checkout.commit();
    assert.equal(checkout.object('conf\n'), 'conf\n');
    const object = checkout.path(`.pvr/objects/${sha256('edited')}`);
    assert.notEqual(statSync(checkout.path('web/conf')).ino, statSync(object).ino);
  });
});
