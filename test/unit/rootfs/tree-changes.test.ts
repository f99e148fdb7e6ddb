import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameSizedFiles, treeChanges } from '../../../src/core/rootfs/overlay-changes';
import { device, file, folder, symlink, type TextTree, tree } from './trees';

function changes(before: TextTree, after: TextTree): readonly string[] {
  const asked = new Set<string>();
  const found = treeChanges(before, after, (was, is) => {
    asked.add(is.content);
    return was.content === is.content;
  });
  const offered = new Set(sameSizedFiles(before, after).map(([, is]) => is.content));
  for (const content of asked) assert.ok(offered.has(content), `${content} was not announced`);
  return found.map(({ path, change, kind, hardLinkOf, hidden, details }) =>
    [
      path === '' ? '/' : path,
      change,
      kind,
      ...details,
      ...(hardLinkOf === undefined ? [] : [`= ${hardLinkOf}`]),
      ...(hidden === undefined ? [] : [`hides ${hidden.entries}, ${hidden.bytes} B`]),
    ].join(' '),
  );
}

describe('treeChanges', () => {
  it('finds nothing between a tree and itself, whatever is in it', () => {
    const all = tree({ a: file('x'), 'd/l': symlink('a'), 'd/w': device(0, 0), e: folder() });
    assert.deepEqual(changes(all, all), []);
  });

  it('lists in byte order what came, went and changed', () => {
    const before = tree({
      b: file('1'),
      c: file('same'),
      'd/e/f': file('123'),
      'd/g': file('4'),
      z: symlink('b'),
    });
    const after = tree({ a: file('0'), b: file('2'), c: file('same'), z: symlink('c'), 'é/x': file() });
    assert.deepEqual(changes(before, after), [
      'a added file',
      'b changed file',
      'd deleted directory hides 3, 4 B',
      'z changed symlink target b → c',
      'é added directory',
      'é/x added file',
    ]);
  });

  it('takes a whiteout for the device that it is', () => {
    const before = tree({ gone: device(0, 0), x: file('x') });
    const after = tree({ gone: file('back'), x: device(0, 0) });
    assert.deepEqual(changes(before, after), [
      'gone changed file kind char → file',
      'x changed char kind file → char',
    ]);
  });

  it('counts an inode once, and sees attributes alone', () => {
    const both = file('long');
    const before = tree({ '': folder({ mode: 0o700 }), dir: folder() });
    const after = tree({ '': folder({ mode: 0o755 }), dir: folder({ uid: 5 }), 'n/a': both, 'n/b': both });
    assert.deepEqual(changes(before, after), [
      '/ attributes directory mode 0700 → 0755',
      'dir attributes directory owner 0:0 → 5:0',
      'n added directory',
      'n/a added file',
      'n/b added file = n/a',
    ]);
  });

  it('shows what is in a folder that took the place of a file', () => {
    assert.deepEqual(changes(tree({ a: file('x') }), tree({ 'a/b': file('y') })), [
      'a changed directory kind file → directory mode 0644 → 0755',
      'a/b added file',
    ]);
  });
});
