import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stackTrees, whiteout, withoutWhiteouts } from '../../../src/core/rootfs/stack';
import { nodeAt } from '../../../src/core/rootfs/tree';
import { device, file, folder, shown, symlink, tree, xattrs } from './trees';

describe('an overlay over a base', () => {
  const base = tree({ 'd/a': file('a'), 'd/e/b': file('b'), x: file('x'), l: symlink('d') });

  it('shows the base where it is empty, and itself over nothing', () => {
    assert.deepEqual(shown(stackTrees(base, tree({}))), shown(base));
    assert.deepEqual(shown(stackTrees(tree({}), base)), shown(base));
  });

  it('adds, replaces, and shows its own folders merged with those below', () => {
    const overlay = tree({
      '': folder({ uid: 3 }),
      d: folder({ mode: 0o700 }),
      'd/a': file('A'),
      'd/new': file('n'),
    });
    assert.deepEqual(shown(stackTrees(base, overlay)), [
      '/ 3:0',
      'd/ 0700',
      'd/a "A"',
      'd/e/',
      'd/e/b "b"',
      'd/new "n"',
      'l -> d',
      'x "x"',
    ]);
  });

  it('hides what its whiteouts name, and its whiteouts', () => {
    const overlay = tree({ 'd/a': whiteout, x: whiteout, nothing: whiteout, 'new/nothing': whiteout });
    assert.deepEqual(shown(stackTrees(base, overlay)), ['d/', 'd/e/', 'd/e/b "b"', 'l -> d', 'new/']);
  });

  it('does not merge a folder with anything but a folder', () => {
    const overlay = tree({ 'x/y': file('y'), 'l/z': file('z'), d: file('d') });
    assert.deepEqual(shown(stackTrees(base, overlay)), ['d "d"', 'l/', 'l/z "z"', 'x/', 'x/y "y"']);
  });

  it('hides what the whiteouts of the base name', () => {
    const hidden = tree({ a: whiteout, 'd/b': whiteout, 'd/c': file('c') });
    assert.deepEqual(shown(stackTrees(hidden, tree({}))), ['d/', 'd/c "c"']);
    assert.deepEqual(shown(stackTrees(hidden, tree({ a: file('a') }))), ['a "a"', 'd/', 'd/c "c"']);
  });

  it('does not honour opaque marks, which devices do not read', () => {
    const overlay = tree({ d: folder(xattrs({ 'trusted.overlay.opaque': 'y' })) });
    assert.ok(shown(stackTrees(base, overlay)).includes('d/a "a"'));
  });

  it('leaves both trees as they were, and shares their nodes', () => {
    const overlay = tree({ 'd/a': whiteout });
    const before = [shown(base), shown(overlay)];
    const view = stackTrees(base, overlay);
    assert.deepEqual([shown(base), shown(overlay)], before);
    assert.equal(nodeAt(view, 'd/e/b'), nodeAt(base, 'd/e/b'));
    assert.equal(nodeAt(view, 'd/e'), nodeAt(base, 'd/e'));
  });
});

describe('a tree without its whiteouts', () => {
  it('has none anywhere, and is copied only where it had any', () => {
    const before = tree({
      a: whiteout,
      'd/e/x': device(0, 0),
      'd/e/y': file('y'),
      'f/g': file('g'),
      c: device(0, 1),
    });
    const after = withoutWhiteouts(before);
    assert.deepEqual(shown(after), ['c char 0:1', 'd/', 'd/e/', 'd/e/y "y"', 'f/', 'f/g "g"']);
    assert.equal(nodeAt(after, 'f'), nodeAt(before, 'f'));
    assert.equal(withoutWhiteouts(after), after);
    assert.ok(nodeAt(before, 'd/e/x') !== undefined);
  });
});
