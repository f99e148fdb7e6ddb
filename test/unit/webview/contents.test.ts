import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry } from '../../../webview/overlay/entry';
import { filtered, itemsOf, rowsOf, type Item } from '../../../webview/overlay/contents';
import type { Order } from '../../../webview/overlay/look';
import { windowOf } from '../../../webview/overlay/virtual-rows';

const byName: Order = { by: 'name', isDescending: false };

function entry(path: string, size: number, more: Partial<Entry> = {}): Entry {
  return { path, kind: 'file', change: 'added', size, baseSize: 0, details: '', ...more };
}

const entries = [
  entry('etc/a.conf', 10, { change: 'changed', baseSize: 7 }),
  entry('etc/b.conf', 30),
  entry('usr', 0, { kind: 'directory', change: 'attributes' }),
  entry('usr/lib/libx.so', 500),
  entry('var', 0, { kind: 'directory', change: 'deleted', baseSize: 900 }),
];

function names(root: Item, order: Order = byName): readonly string[] {
  return rowsOf(root, order, () => true).map(({ name, level }) => `${'  '.repeat(level - 1)}${name}`);
}

describe('itemsOf', () => {
  it('puts entries into their folders, also into those that are not listed', () => {
    assert.deepEqual(names(itemsOf(entries)), [
      'etc',
      '  a.conf',
      '  b.conf',
      'usr',
      '  lib',
      '    libx.so',
      'var',
    ]);
  });

  it('orders names as people count', () => {
    const names = ['libtorch1', 'libtorch10', 'libtorch2'].map((name) => entry(`lib/${name}.so`, 1));
    const [lib] = itemsOf(names).children;
    assert.deepEqual(
      lib?.children.map(({ name }) => name),
      ['libtorch1.so', 'libtorch2.so', 'libtorch10.so'],
    );
  });

  it('sums folders up, and counts only what is listed', () => {
    const root = itemsOf(entries);
    const [etc, usr] = root.children;
    assert.deepEqual([root.size, root.baseSize, root.count], [540, 907, 5]);
    assert.deepEqual([etc?.size, etc?.baseSize, etc?.count, etc?.entry], [40, 7, 2, undefined]);
    assert.deepEqual([usr?.size, usr?.count, usr?.entry?.change], [500, 2, 'attributes']);
  });

  it('shows what happens to the root itself as a row of its own', () => {
    const root = itemsOf([entry('', 0, { kind: 'directory', change: 'attributes' }), entry('a', 1)]);
    assert.deepEqual(names(root), ['/', 'a']);
  });

  it('makes text of names that are bytes, and keeps apart those that read the same', () => {
    const root = itemsOf([entry('\xc3\xa9', 1), entry('\xfe', 1), entry('\xff', 1), entry('a\n', 1)]);
    assert.deepEqual(names(root), ['a\uFFFD', 'é', '\uFFFD', '\uFFFD']);
    assert.equal(root.children.length, 4);
  });
});

describe('filtered', () => {
  it('keeps what has the text anywhere in its path, in letters of any case', () => {
    const found = filtered(itemsOf(entries), { text: ' LIB ', only: undefined });
    assert.deepEqual(names(found), ['usr/lib', '  libx.so']);
    assert.deepEqual([found.size, found.count], [500, 1]);
  });

  it('takes a path that begins with a slash from the root on, and parts of one from there on', () => {
    const root = itemsOf(entries);
    assert.deepEqual(names(filtered(root, { text: '/usr', only: undefined })).slice(0, 1), ['usr']);
    assert.deepEqual(names(filtered(root, { text: '/sr', only: undefined })), []);
    assert.deepEqual(names(filtered(root, { text: '/a.c', only: undefined })), ['etc', '  a.conf']);
  });

  it('keeps one kind of change', () => {
    const found = filtered(itemsOf(entries), { text: '', only: 'changed' });
    assert.deepEqual(names(found), ['etc', '  a.conf']);
  });

  it('is the very same without a filter, and empty when nothing matches', () => {
    const root = itemsOf(entries);
    assert.equal(filtered(root, { text: ' ', only: undefined }), root);
    assert.deepEqual(names(filtered(root, { text: 'nowhere', only: undefined })), []);
  });
});

describe('rowsOf', () => {
  it('sorts within folders, by sums of what is in them', () => {
    assert.deepEqual(names(itemsOf(entries), { by: 'size', isDescending: true }), [
      'usr',
      '  lib',
      '    libx.so',
      'etc',
      '  b.conf',
      '  a.conf',
      'var',
    ]);
    assert.equal(names(itemsOf(entries), { by: 'name', isDescending: true })[0], 'var');
    assert.equal(names(itemsOf(entries), { by: 'baseSize', isDescending: true })[0], 'var');
  });

  it('has folders that hold nothing but the next in one row, unless one has something to tell', () => {
    const below = (path: string, more: Partial<Entry> = {}) => entry(path, 0, { kind: 'directory', ...more });
    assert.deepEqual(names(itemsOf([entry('usr/lib/python3/a.py', 1), entry('usr/lib/python3/b.py', 1)])), [
      'usr/lib/python3',
      '  a.py',
      '  b.py',
    ]);
    const changed = [
      below('usr', { change: 'attributes' }),
      entry('usr/lib/x/a', 1),
      below('var/old', { change: 'deleted' }),
    ];
    assert.deepEqual(names(itemsOf(changed)), ['usr', '  lib/x', '    a', 'var', '  old']);
    const asItIs = { change: undefined, details: '0755 0:0' };
    const listed = [
      below('a', asItIs),
      below('a/b', asItIs),
      below('a/b/c', { ...asItIs, details: '0700 0:0' }),
    ];
    assert.deepEqual(names(itemsOf([...listed, entry('a/b/c/d', 1)])), ['a/b', '  c', '    d']);
  });

  it('leaves out what is in folded folders', () => {
    const rows = rowsOf(itemsOf(entries), byName, ({ name }) => name === 'etc');
    assert.deepEqual(
      rows.map(({ item, isExpanded }) => [item.name, isExpanded]),
      [
        ['etc', true],
        ['a.conf', false],
        ['b.conf', false],
        ['usr', false],
        ['var', false],
      ],
    );
  });

  it('takes 100,000 entries, and paths as deep as they can be', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => entry(`d${at % 300}/f${at}`, at));
    assert.equal(rowsOf(itemsOf(many), { by: 'size', isDescending: true }, () => true).length, 100_300);
    const deep = itemsOf([entry(Array.from({ length: 2000 }, () => 'd').join('/'), 1)]);
    assert.equal(rowsOf(deep, byName, () => true).length, 2);
  });
});

describe('windowOf', () => {
  it('is what is seen, with a few rows around it', () => {
    assert.deepEqual(windowOf(100_000, 22, 22_000, 440), { start: 988, end: 1032 });
  });

  it('stays within the rows, and below 200 of them on any screen', () => {
    assert.deepEqual(windowOf(5, 22, 0, 600), { start: 0, end: 5 });
    assert.deepEqual(windowOf(0, 22, 0, 600), { start: 0, end: 0 });
    const { start, end } = windowOf(100_000, 22, 5000, 3000);
    assert.ok(end - start < 200);
    assert.deepEqual(windowOf(10, 22, 22_000, 440), { start: 9, end: 10 });
  });
});
