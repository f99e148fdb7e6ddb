import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OverlayChange, overlayChanges } from '../../../src/core/rootfs/overlay-changes';
import { whiteout } from '../../../src/core/rootfs/stack';
import { device, file, folder, sameText, special, symlink, tree, xattrs } from './trees';

const change = (some: Partial<OverlayChange>): OverlayChange => ({
  path: 'x',
  change: 'changed',
  kind: 'file',
  size: 0,
  details: [],
  ...some,
});

const paths = (changes: readonly OverlayChange[]) => changes.map(({ path }) => path);

describe('the changes that an overlay makes', () => {
  it('are none if it holds nothing', () => {
    assert.deepEqual(overlayChanges(tree({ x: file('x') }), tree({}), sameText), []);
  });

  it('are additions where the base has nothing', () => {
    const xs = { 'd/f': file('four'), l: symlink('d'), c: device(1, 3), p: special('fifo') };
    assert.deepEqual(overlayChanges(tree({}), tree(xs), sameText), [
      change({ path: 'c', change: 'added', kind: 'char' }),
      change({ path: 'd', change: 'added', kind: 'directory' }),
      change({ path: 'd/f', change: 'added', size: 4 }),
      change({ path: 'l', change: 'added', kind: 'symlink' }),
      change({ path: 'p', change: 'added', kind: 'fifo' }),
    ]);
  });

  it('are changes of content, attributes or both', () => {
    const base = tree({ x: file('1234') });
    const of = (overlay: ReturnType<typeof file>) => overlayChanges(base, tree({ x: overlay }), sameText);
    assert.deepEqual(of(file('123456')), [change({ size: 6, baseSize: 4, details: ['size 4 → 6'] })]);
    assert.deepEqual(of(file('4321')), [change({ size: 4, baseSize: 4 })]);
    assert.deepEqual(of(file('1234', { mode: 0o600, uid: 5 })), [
      change({
        change: 'attributes',
        size: 4,
        baseSize: 4,
        details: ['mode 0644 → 0600', 'owner 0:0 → 5:0'],
      }),
    ]);
    assert.deepEqual(of(file('1', { mode: 0o600 })), [
      change({ size: 1, baseSize: 4, details: ['size 4 → 1', 'mode 0644 → 0600'] }),
    ]);
    assert.deepEqual(of(file('1234')), [change({ change: 'unchanged', size: 4, baseSize: 4 })]);
  });

  it('are changes of content as long as nobody can tell', () => {
    const trees = [tree({ x: file('1234'), y: file('') }), tree({ x: file('1234'), y: file('') })] as const;
    assert.deepEqual(
      overlayChanges(...trees).map(({ path, change: what }) => [path, what]),
      [
        ['x', 'changed'],
        ['y', 'unchanged'],
      ],
    );
  });

  it('are changes of links, devices and kinds', () => {
    const base = tree({
      l: symlink('a'),
      c: device(1, 3),
      f: file('12'),
      d: folder(),
      'd/x': file('123'),
      p: special('fifo'),
    });
    const overlay = tree({
      l: symlink('b'),
      c: device(1, 5),
      f: symlink('a'),
      d: file('1'),
      'p/x': file('1'),
    });
    assert.deepEqual(overlayChanges(base, overlay, sameText), [
      change({ path: 'c', kind: 'char', details: ['device 1:3 → 1:5'] }),
      change({
        path: 'd',
        size: 1,
        hidden: { entries: 1, bytes: 3 },
        details: ['kind directory → file', 'mode 0755 → 0644'],
      }),
      change({
        path: 'f',
        kind: 'symlink',
        baseSize: 2,
        details: ['kind file → symlink', 'mode 0644 → 0777'],
      }),
      change({ path: 'l', kind: 'symlink', details: ['target a → b'] }),
      change({ path: 'p', kind: 'directory', details: ['kind fifo → directory', 'mode 0644 → 0755'] }),
      change({ path: 'p/x', change: 'added', size: 1 }),
    ]);
  });

  it('are those of folders only if the folders themselves changed', () => {
    const base = tree({ 'a/b/x': file('1') });
    assert.deepEqual(paths(overlayChanges(base, tree({ 'a/b/x': file('2') }), sameText)), ['a/b/x']);
    const overlay = tree({ '': folder({ uid: 1 }), 'a/b': folder(xattrs({ 'user.x': '1' })) });
    assert.deepEqual(overlayChanges(base, overlay, sameText), [
      change({ path: '', change: 'attributes', kind: 'directory', details: ['owner 0:0 → 1:0'] }),
      change({ path: 'a/b', change: 'attributes', kind: 'directory', details: ['attribute user.x added'] }),
    ]);
  });

  it('are deletions, with what disappears', () => {
    const linked = file('12345');
    const base = tree({
      f: file('123'),
      l: symlink('f'),
      'd/a': linked,
      'd/e/b': linked,
      'd/e/c': file('1'),
      'd/l': symlink('a'),
    });
    const overlay = tree({
      f: whiteout,
      l: whiteout,
      d: whiteout,
      nothing: whiteout,
      'new/nothing': whiteout,
    });
    assert.deepEqual(overlayChanges(base, overlay, sameText), [
      change({ path: 'd', change: 'deleted', kind: 'directory', hidden: { entries: 5, bytes: 6 } }),
      change({ path: 'f', change: 'deleted', baseSize: 3 }),
      change({ path: 'l', change: 'deleted', kind: 'symlink' }),
      change({ path: 'new', change: 'added', kind: 'directory' }),
    ]);
  });

  it('count hard links once', () => {
    const linked = file('1234');
    const base = tree({ a: file('1234'), b: file('old') });
    const changes = overlayChanges(base, tree({ a: linked, b: linked, 'd/c': linked }), sameText);
    assert.deepEqual(changes, [
      change({ path: 'a', change: 'unchanged', size: 4, baseSize: 4 }),
      change({ path: 'b', size: 4, baseSize: 3, hardLinkOf: 'a', details: ['size 3 → 4'] }),
      change({ path: 'd', change: 'added', kind: 'directory' }),
      change({ path: 'd/c', change: 'added', size: 4, hardLinkOf: 'a' }),
    ]);
    const total = changes.reduce(
      (sum, { size, hardLinkOf }) => sum + (hardLinkOf === undefined ? size : 0),
      0,
    );
    assert.equal(total, 4);
  });

  it("do not see the base's own whiteouts", () => {
    const base = tree({ x: device(0, 0), y: device(0, 0), 'd/z': device(0, 0) });
    assert.deepEqual(overlayChanges(base, tree({ x: file('1'), y: whiteout, d: whiteout }), sameText), [
      change({ path: 'd', change: 'deleted', kind: 'directory', hidden: { entries: 0, bytes: 0 } }),
      change({ change: 'added', size: 1 }),
    ]);
  });

  it('are the first ones where more are not wanted, and nothing else is looked at', () => {
    const unseen: ReturnType<typeof folder> = {
      ...folder(),
      get children(): never {
        throw new Error('looked into it');
      },
    };
    const withUnseen = (root: ReturnType<typeof tree>) => ({
      ...root,
      children: new Map([...root.children, ['z', unseen]]),
    });
    const base = withUnseen(tree({ 'a/x': file('1') }));
    const overlay = withUnseen(tree({ 'a/x': file('2'), 'a/y': file('3'), b: file('4') }));
    assert.deepEqual(paths(overlayChanges(base, overlay, sameText, 2)), ['a/x', 'a/y']);
    assert.deepEqual(overlayChanges(base, overlay, sameText, 0), []);
    assert.throws(() => overlayChanges(base, overlay, sameText, 4), /looked into it/);
  });

  it('are in byte order, folders before what is in them', () => {
    const names = ['b', 'a.b', 'a', 'a/z', 'a-b', 'B', '\xff', 'a/b/c'];
    const nodes = Object.fromEntries(names.map((name) => [name, name === 'a' ? folder() : file()]));
    assert.deepEqual(paths(overlayChanges(tree({}), tree(nodes), sameText)), [
      'B',
      'a',
      'a/b',
      'a/b/c',
      'a/z',
      'a-b',
      'a.b',
      'b',
      '\xff',
    ]);
  });
});
