import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metadataReference } from '../../../src/core/squashfs/format';
import { encodeListing, type ListedEntry } from '../../../src/core/squashfs/writer/encode-listing';

const entry = (name: string, number: number, block = 0): ListedEntry => ({
  name,
  kind: 'file',
  number,
  inode: metadataReference(block, number % 8192),
});

interface Run {
  readonly offset: number;
  readonly block: number;
  readonly entries: readonly { readonly name: string; readonly number: number; readonly offset: number }[];
}

/** The runs of a listing, read by the letter of the kernel's struct squashfs_dir_header and squashfs_dir_entry. */
function runsOf(bytes: Buffer): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < bytes.length;) {
    const offset = at;
    const [count, block, number] = [0, 4, 8].map((field) => bytes.readUInt32LE(at + field));
    assert.ok(count !== undefined && block !== undefined && number !== undefined);
    at += 12;
    const entries = Array.from({ length: count + 1 }, () => {
      const nameEnd = at + 8 + bytes.readUInt16LE(at + 6) + 1;
      const read = {
        name: bytes.toString('latin1', at + 8, nameEnd),
        number: number + bytes.readInt16LE(at + 2),
        offset: bytes.readUInt16LE(at),
      };
      assert.equal(bytes.readUInt16LE(at + 4), 2);
      at = nameEnd;
      return read;
    });
    runs.push({ offset, block, entries });
  }
  return runs;
}

const sizesOf = (entries: readonly ListedEntry[]) =>
  runsOf(encodeListing(entries).bytes).map((run) => run.entries.length);

describe('encodeListing', () => {
  it('has nothing for nothing', () => {
    assert.deepEqual(encodeListing([]), { bytes: Buffer.alloc(0), index: [] });
  });

  it('lists names, numbers and places of inodes', () => {
    const { bytes, index } = encodeListing([
      entry('a', 7),
      entry('\xff\xfe', 5),
      entry('long name', 40_000, 3),
    ]);
    assert.deepEqual(runsOf(bytes), [
      {
        offset: 0,
        block: 0,
        entries: [
          { name: 'a', number: 7, offset: 7 },
          { name: '\xff\xfe', number: 5, offset: 5 },
        ],
      },
      { offset: 31, block: 3, entries: [{ name: 'long name', number: 40_000, offset: 40_000 % 8192 }] },
    ]);
    assert.deepEqual(index, []);
  });

  it('begins a run after 256 entries', () => {
    assert.deepEqual(sizesOf(Array.from({ length: 600 }, (_, i) => entry('n', i))), [256, 256, 88]);
  });

  it('begins a run where the inodes lie in another block', () => {
    assert.deepEqual(
      sizesOf([entry('a', 1, 0), entry('b', 2, 0), entry('c', 3, 5), entry('d', 4, 0)]),
      [2, 1, 1],
    );
  });

  it('begins a run where 16 bits cannot hold the distance to the first number', () => {
    assert.deepEqual(sizesOf([entry('a', 50_000), entry('b', 50_000 + 0x7fff)]), [2]);
    assert.deepEqual(sizesOf([entry('a', 50_000), entry('b', 50_000 + 0x8000)]), [1, 1]);
    assert.deepEqual(sizesOf([entry('a', 50_000), entry('b', 50_000 - 0x7fff)]), [2]);
    assert.deepEqual(sizesOf([entry('a', 50_000), entry('b', 50_000 - 0x8000)]), [1, 1]);
  });

  it('has a place in the index at least every 8 KiB, each at a header and the first name below it', () => {
    const entries = Array.from({ length: 3000 }, (_, i) => entry(`${String(i).padStart(5, '0')}-name`, i));
    const { bytes, index } = encodeListing(entries);
    const runs = runsOf(bytes);
    assert.deepEqual(
      runs.flatMap((run) => run.entries.map(({ name }) => name)),
      entries.map(({ name }) => name),
    );
    for (const { offset, name } of index) {
      assert.equal(runs.find((run) => run.offset === offset)?.entries[0]?.name, name);
    }
    const places = [0, ...index.map(({ offset }) => offset), bytes.length];
    for (const [i, place] of places.entries()) {
      assert.ok(i === 0 || place - (places[i - 1] ?? 0) <= 8192);
    }
    assert.ok(index.length <= Math.ceil(bytes.length / (8192 - 300)));
  });
});
