import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followLinks } from '../../../src/core/rootfs/open-tree';
import { file, folder, symlink, tree } from './trees';

describe('a path in a root of its own', () => {
  const root = tree({
    'usr/lib/x': file('x'),
    lib: symlink('usr/lib'),
    lib64: symlink('/lib'),
    'usr/up': symlink('..'),
    'usr/out': symlink('../../../../lib'),
    'usr/root': symlink('/'),
    'usr/here': symlink('.'),
    'usr/odd': symlink('.//lib/./../lib//'),
    empty: folder(),
    dangling: symlink('no/such/folder'),
    circle: symlink('circle'),
    one: symlink('two/x'),
    two: symlink('/one'),
  });

  for (const [path, reached] of [
    ['', ''],
    ['usr/lib', 'usr/lib'],
    ['lib', 'usr/lib'],
    ['lib/x', 'usr/lib/x'],
    ['lib64/x', 'usr/lib/x'],
    ['usr/up/lib', 'usr/lib'],
    ['usr/up/up', 'up'],
    ['usr/out/x', 'usr/lib/x'],
    ['usr/root/usr/root/lib64', 'usr/lib'],
    ['usr/here/here/lib', 'usr/lib'],
    ['usr/odd/x', 'usr/lib/x'],
    ['dangling/y', 'no/such/folder/y'],
    ['no/such/path', 'no/such/path'],
    ['usr/lib/x/below', 'usr/lib/x/below'],
    ['lib/../lib', 'usr/lib'],
    ['../../lib', 'usr/lib'],
    ['empty/../../..', ''],
  ] as const) {
    it(`leads from ${JSON.stringify(path)} to ${JSON.stringify(reached)}`, () => {
      assert.equal(followLinks(root, path)?.join('/'), reached);
    });
  }

  it('leads nowhere if links lead in a circle', () => {
    for (const path of ['circle', 'circle/x', 'one', 'two/y'])
      assert.equal(followLinks(root, path), undefined);
  });

  it('leads nowhere if links make it longer than a path can be', () => {
    const long = tree({ l: symlink('n/'.repeat(2000)) });
    assert.equal(followLinks(long, 'l/x')?.length, 2001);
    assert.equal(followLinks(long, `l/${'n/'.repeat(60)}`), undefined);
    assert.deepEqual(followLinks(long, `l/${'../'.repeat(2000)}x`), ['x']);
  });
});
