import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { newFiles, RevisionCheckout, sha256 } from './revisions';

describe('what changed since the last commit', () => {
  it('is told in the order of the paths: added, gone, changed and not tracked', async () => {
    const checkout = new RevisionCheckout(
      {
        '.pvr/new': newFiles({ 'web/new': 'inline' }),
        'web/new': 'n',
        'web/conf': 'changed',
        note: 'u',
        'a b#%"ü': 'u',
      },
      { state: { 'web/conf': sha256('as it was'), 'db/run.json': {}, 'db/data': sha256('gone') } },
    );
    assert.deepEqual(await checkout.status(), [
      '? a b#%"ü',
      'D db/data',
      'D db/run.json',
      '? note',
      'C web/conf',
      'A web/new',
    ]);
  });

  it('is nothing for JSON with other spaces, order, spelling of numbers and repeated keys', async () => {
    const checkout = new RevisionCheckout(
      { 'web/run.json': '{ "b": 1.0, "a": 7, "a": 1e0 }\n' },
      { state: { 'web/run.json': { a: 1, b: 1 } } },
    );
    assert.deepEqual(await checkout.status(), []);
  });

  it('is nothing for nulls, in the commit as in the file', async () => {
    const checkout = new RevisionCheckout(
      { 'a.json': '{"x":1,"y":null}', 'b.json': '[null]', 'c.json': '[{}]' },
      { state: { 'a.json': { x: 1 }, 'b.json': [null], 'c.json': [{ x: null }] } },
    );
    assert.deepEqual(await checkout.status(), []);
  });

  it('counts integers to their last digit, and fractions as a float64 holds them', async () => {
    const checkout = new RevisionCheckout({
      '.pvr/json': '{"#spec":"s","big.json":9007199254740992,"small.json":3.14E0}',
      'big.json': '9007199254740993',
      'small.json': '3.1400000000000000000001',
    });
    assert.deepEqual(await checkout.status(), ['C big.json']);
  });

  it('has one line for a broken file, and goes on', async () => {
    const checkout = new RevisionCheckout(
      {
        '1.json': '{ not json',
        '2.json': '',
        '3.json': '\ufeff{}',
        '4.json': '{} trailing garbage',
        '5.json': 'null',
        '6/below': 'a folder',
        '7.json': '{"a":1}',
      },
      {
        state: {
          '1.json': {},
          '2.json': {},
          '3.json': {},
          '4.json': {},
          '5.json': {},
          '6': sha256(''),
          '7.json': {},
        },
      },
    );
    assert.deepEqual(await checkout.status(), [
      '! 1.json',
      '! 2.json',
      '! 3.json',
      '! 4.json',
      '! 5.json',
      '! 6',
      '? 6/below',
      'C 7.json',
    ]);
  });

  it('passes over checkouts below, git and what belongs to pvr', async () => {
    const checkout = new RevisionCheckout({
      'sub/.pvr/json': '{}',
      'sub/.pvr/config': '{"AccessTokens":{"secret":"x"}}',
      'sub/web/run.json': '{}',
      '.git/config': '',
      '.pv/pv-kernel.img': '',
      '.pvhidden': '',
    });
    assert.deepEqual(await checkout.status(), ['? .pvhidden']);
    await checkout.add();
    assert.equal(checkout.read('.pvr/new'), '{}');
  });

  it(
    'follows links to files, waits at no pipe, and says of a tracked one that it is no file',
    { skip: process.platform === 'win32' },
    async () => {
      const checkout = new RevisionCheckout(
        { 'web/conf': 'c' },
        { state: { 'web/conf': sha256('c'), link: sha256('c'), dangling: sha256('c'), pipe: sha256('c') } },
      );
      symlinkSync('web/conf', checkout.path('link'));
      symlinkSync('nowhere', checkout.path('dangling'));
      execFileSync('mkfifo', [checkout.path('pipe'), checkout.path('other')]);
      assert.deepEqual(await checkout.status(), ['! dangling', '? other', '! pipe']);
    },
  );

  it('is refused for a state that names files outside', async () => {
    for (const key of [
      '../x',
      '/x',
      'a//b',
      'a/./b',
      'a/../b',
      '.pvr/config',
      '.PVR/config',
      '.pv/x',
      'a\0b',
      '',
    ]) {
      const checkout = new RevisionCheckout({}, { state: { [key]: sha256('') } });
      await assert.rejects(checkout.status(), /is no file of a checkout/, JSON.stringify(key));
      await assert.rejects(checkout.commit(), /is no file of a checkout/);
      await assert.rejects(checkout.restore({ isForced: true }), /is no file of a checkout/);
    }
    const checkout = new RevisionCheckout({}, { state: { a: sha256(''), 'a/b': sha256('') } });
    await assert.rejects(checkout.status(), /a is a file of it, too/);
  });

  it('is known of a large file without reading it again', async () => {
    const checkout = new RevisionCheckout(
      { 'web/root.squashfs': 'x'.repeat(100_000) },
      { state: { 'web/root.squashfs': sha256('x'.repeat(100_000)) } },
    );
    assert.deepEqual(await checkout.status(), []);
    rmSync(checkout.path('web/root.squashfs'));
    checkout.write('web/root.squashfs', 'y'.repeat(100_000));
    assert.deepEqual(await checkout.status(), ['C web/root.squashfs']);
  });
});
