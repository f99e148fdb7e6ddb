import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences } from '../../../src/core/rootfs/differences';
import { device, file, folder, sameText, special, symlink, tree, xattrs, type TextTree } from './trees';

const between = (actual: TextTree, expected: TextTree) => differences(actual, expected, sameText);

describe('the differences of two trees', () => {
  it('are none if only times and hard links differ', () => {
    const linked = file('x', { mtime: 5 });
    const actual = tree({
      '': folder({ mtime: 1 }),
      'd/a': linked,
      'd/b': linked,
      l: symlink('a'),
      p: special('fifo'),
    });
    const expected = tree({ 'd/a': file('x'), 'd/b': file('x'), p: special('fifo'), l: symlink('a') });
    assert.deepEqual(between(actual, expected), []);
  });

  it('are what is, after what should be', () => {
    const values = (value: string) => xattrs({ 'user.same': '1', 'user.other': value });
    for (const [actual, expected, line] of [
      [file('x', { mode: 0o4755 }), file('x', { mode: 0o600 }), 'mode 0600 → 4755'],
      [file('x', { uid: 1 }), file('x', { gid: 2 }), 'owner 0:2 → 1:0'],
      [file('x', values('1')), file('x', values('2')), 'attribute user.other changed'],
      [
        file('x', xattrs({ 'user.a': '' })),
        file('x', xattrs({ 'user.b': '' })),
        'attribute user.a added, attribute user.b removed',
      ],
      [file('xy'), file('x'), 'size 1 → 2, content differs'],
      [file('x'), file('y'), 'content differs'],
      [file('x', { mode: 0 }), file('y'), 'mode 0644 → 0000, content differs'],
      [file('x'), folder({ mode: 0o644 }), 'kind directory → file'],
      [symlink('x'), symlink('y\n'), 'target y\ufffd → x'],
      [device(1, 2), device(1, 3), 'device 1:3 → 1:2'],
      [device(1, 2), device(1, 2, 'block'), 'kind block → char'],
      [special('fifo'), special('socket'), 'kind socket → fifo'],
    ] as const) {
      assert.deepEqual(between(tree({ 'd/x': actual }), tree({ 'd/x': expected })), [`d/x: ${line}`]);
    }
  });

  it('are what is missing and what should not be there, without what is in it', () => {
    assert.deepEqual(between(tree({ a: file(), 'd/x/y': file() }), tree({ b: file(), 'e/x/y': file() })), [
      'a: not expected',
      'd: not expected',
      'b: missing',
      'e: missing',
    ]);
  });

  it('may be of the root', () => {
    assert.deepEqual(between(tree({ '': folder({ mode: 0o700 }) }), tree({})), ['/: mode 0755 → 0700']);
  });
});
