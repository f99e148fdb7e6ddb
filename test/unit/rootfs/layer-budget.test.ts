import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { LayerBudget } from '../../../src/core/rootfs/layer-budget';
import { noXattrs } from '../../../src/core/rootfs/tree';
import type { TarEntry } from '../../../src/core/tar/read-tar';
import { indexOf } from './layers';
import { archive, paxEntry } from './read-tar';

const entry: TarEntry = {
  kind: 'file',
  type: '0',
  name: 'usr/share/doc/package/copyright',
  linkName: '',
  attributes: { mode: 0o644, uid: 0, gid: 0, mtime: 0, xattrs: noXattrs },
  major: 0,
  minor: 0,
  size: 1000,
  offset: 512,
};

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);
const charge = (entries: number, one: TarEntry) => () => {
  const budget = new LayerBudget();
  for (let left = entries; left > 0; left -= 1) budget.charge(one);
};

describe('the budget of a layer', () => {
  it('suffices for a million files, and for files of any size', () => {
    charge(1_000_000, entry)();
    charge(1000, { ...entry, size: 2 ** 50 })();
  });

  it('ends with more entries than any image has', () => {
    const many = problem(/more entries than any real layer/);
    assert.throws(charge(3_000_000, entry), many);
    assert.throws(charge(200_000, { ...entry, name: 'n'.repeat(4096) }), many);
    assert.throws(charge(200_000, { ...entry, linkName: 't'.repeat(4095) }), many);
    const xattrs = new Map([['user.x', Buffer.alloc(65536)]]);
    assert.throws(charge(10_000, { ...entry, attributes: { ...entry.attributes, xattrs } }), many);
    const segments = Array.from({ length: 1000 }, (_, at) => ({ offset: at, length: 1 }));
    assert.throws(charge(20_000, { ...entry, segments }), many);
  });

  it('ends with more holes than anybody would wait for', async () => {
    const holes = problem(/its sparse files have more than a tebibyte of holes/);
    const segments = [{ offset: 0, length: 1000 }];
    charge(1, { ...entry, size: 2 ** 40 + 1000, segments })();
    assert.throws(charge(1, { ...entry, size: 2 ** 40 + 1001, segments }), holes);
    assert.throws(charge(1025, { ...entry, size: 2 ** 30 + 1000, segments }), holes);
    const sparse = paxEntry([
      ['GNU.sparse.size', 2 ** 50],
      ['GNU.sparse.map', '0,0'],
    ]);
    await assert.rejects(indexOf(archive(sparse)), holes);
  });
});
