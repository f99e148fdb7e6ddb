import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Item, itemsOf } from '../../../webview/overlay/contents';
import { type Layout, laidOut, type Rectangle, type Tile } from '../../../webview/overlay/treemap-layout';
import { neighbour, ownPlace } from '../../../webview/overlay/treemap-moves';

const area = { x: 0, y: 0, width: 1200, height: 600 };
const layout: Layout = {
  weightOf: ({ size }) => size,
  headHeight: 20,
  fits: (name, width) => width >= Math.min(name.length * 8, 90),
};

function tree(files: Readonly<Record<string, number>>): Item {
  const entries = Object.entries(files).map(
    ([path, size]) => ({ path, kind: 'file', change: undefined, size, baseSize: 0, details: '' }) as const,
  );
  return itemsOf(entries.sort((a, b) => (a.path < b.path ? -1 : 1)));
}

function texts(tiles: readonly Tile[]): readonly string[] {
  return tiles.map(({ kind, name, level }) => `${level} ${kind} ${name}`);
}

function overlap(one: Rectangle, other: Rectangle): number {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > 0 && down > 0 ? across * down : 0;
}

/** About what a file system holds: few large files, many small ones, and folders of all sizes. */
function someTree(count: number): Item {
  const files: Record<string, number> = {};
  for (let at = 0; at < count; at++)
    files[`usr/${at % 7}/${at % 61}/${at % 311}/f${at}`] = 1 + Math.floor(1e8 / (1 + ((at * 7919) % count)));
  return tree(files);
}

describe('the treemap', () => {
  it('shows three levels at once, the largest first, and makes one of folders that hold nothing but the next', () => {
    const root = tree({
      'etc/a': 300,
      'usr/share/www/deep/down/below/x': 300,
      'usr/share/www/deep/down/below/y': 300,
      'usr/share/www/film': 200,
    });
    assert.deepEqual(texts(laidOut(root, area, layout)), [
      '1 group usr/share/www',
      '2 group deep/down/below',
      '3 leaf x',
      '3 leaf y',
      '2 leaf film',
      '1 group etc',
      '2 leaf a',
    ]);
  });

  it('puts the rest of small ones where its weight belongs', () => {
    const small = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`s${at}`, 2]));
    const tiles = laidOut(tree({ large: 9000, medium: 4000, ...small }), area, layout);
    assert.deepEqual(texts(tiles), ['1 leaf large', '1 rest ', '1 leaf medium']);
    const [, rest] = tiles;
    assert.deepEqual([rest?.count, rest?.weight], [3000, 6000]);
  });

  it('names a single small one, and shows folders whole in which nothing can be seen', () => {
    const root = tree({ a: 500_000, 'b/1': 130, 'b/2': 120, c: 250, d: 250, e: 250 });
    assert.deepEqual(texts(laidOut(root, area, layout)), ['1 leaf a', '1 rest ']);
    const crowd = Object.fromEntries(Array.from({ length: 9000 }, (_, at) => [`b/${at}`, 1]));
    assert.deepEqual(texts(laidOut(tree({ a: 9000, ...crowd }), area, layout)), ['1 leaf a', '1 leaf b']);
  });

  it('covers the picture, each by its weight, in its group and over no other', () => {
    const tiles = laidOut(someTree(2000), area, layout);
    assert.ok(tiles.length > 50 && tiles.length < 1500, String(tiles.length));
    const own = tiles.map((tile) => ownPlace(tile, layout.headHeight));
    for (const [at, place] of own.entries()) {
      assert.ok(place.width > 0 && place.height > 0);
      assert.equal(overlap(place, area), place.width * place.height);
      for (const other of own.slice(at + 1)) assert.equal(overlap(place, other), 0);
    }
    const leaves = tiles.filter(({ kind }) => kind !== 'group');
    const covered = leaves.reduce((sum, { place }) => sum + place.width * place.height, 0);
    assert.ok(covered > 0.65 * area.width * area.height, String(covered));
  });

  it('has no more of 100,000 files than can be seen', () => {
    const tiles = laidOut(someTree(100_000), area, layout);
    assert.ok(tiles.length < 1500, String(tiles.length));
  });

  it('takes nothing, and no room', () => {
    assert.deepEqual(laidOut(tree({}), area, layout), []);
    assert.deepEqual(laidOut(tree({ a: 0 }), area, layout), []);
    assert.deepEqual(laidOut(tree({ a: 5 }), { ...area, width: 0 }, layout), []);
  });
});

describe('the keys of the treemap', () => {
  //  0 0 0 0 0
  //  1 1 | 2 2
  //  3 3 | 2 2
  const places = [
    { x: 0, y: 0, width: 100, height: 10 },
    { x: 0, y: 10, width: 49, height: 20 },
    { x: 50, y: 10, width: 50, height: 40 },
    { x: 0, y: 31, width: 49, height: 19 },
  ];
  const steps = (from: number) =>
    ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'].map((key) => neighbour(places, from, key));

  it('lead to what lies beside, and nowhere else', () => {
    assert.deepEqual(steps(0), [undefined, undefined, undefined, 2]);
    assert.deepEqual(steps(1), [undefined, 0, 2, 3]);
    assert.deepEqual(steps(2), [1, 0, undefined, undefined]);
    assert.deepEqual(steps(3), [undefined, 1, 2, undefined]);
  });

  it('lead to the first and the last, and others mean nothing', () => {
    assert.deepEqual([neighbour(places, 2, 'Home'), neighbour(places, 1, 'End')], [0, 3]);
    assert.equal(neighbour(places, 0, 'x'), undefined);
    assert.equal(neighbour([], 0, 'Home'), undefined);
  });

  it('reach every tile', () => {
    const own = laidOut(someTree(500), area, layout).map((tile) => ownPlace(tile, layout.headHeight));
    const seen = new Set([0]);
    for (const at of seen)
      for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']) {
        const next = neighbour(own, at, key);
        if (next !== undefined) seen.add(next);
      }
    assert.equal(seen.size, own.length);
  });
});
