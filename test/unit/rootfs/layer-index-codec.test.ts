import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { LayerEntry, LayerIndex } from '../../../src/core/rootfs/layer-index';
import { decodeLayerIndex, encodeLayerIndex } from '../../../src/core/rootfs/layer-index-codec';
import { type Attributes, noXattrs } from '../../../src/core/rootfs/tree';
import { sha256 } from './layers';

const attributes: Attributes = {
  mode: 0o7777,
  uid: 0xffff_fffe,
  gid: 0,
  mtime: 0xffff_ffff,
  xattrs: noXattrs,
};
const xattrs = new Map([
  ['user.empty', Buffer.alloc(0)],
  ['user.\xff', Buffer.from([0, 10, 255])],
  ['user.long', Buffer.alloc(65536, 'x')],
]);

const entries: readonly LayerEntry[] = [
  { kind: 'directory', path: '', attributes },
  { kind: 'file', path: 'a/b', attributes, size: 5, content: { offset: 512, sha256: sha256('1') } },
  {
    kind: 'file',
    path: 'a/bc',
    attributes: { ...attributes, xattrs },
    size: Number.MAX_SAFE_INTEGER,
    content: {
      offset: 2 ** 52 + 1,
      sha256: sha256('2'),
      segments: [
        { offset: 0, length: 127 },
        { offset: 128, length: 2 ** 40 },
      ],
    },
  },
  {
    kind: 'file',
    path: 'hole',
    attributes,
    size: 9,
    content: { offset: 0, sha256: sha256('3'), segments: [] },
  },
  {
    kind: 'file',
    path: 'hole.pyc',
    attributes,
    size: 16,
    content: {
      offset: 0,
      sha256: sha256('4'),
      segments: [{ offset: 0, length: 16 }],
      compiled: { sourceTime: 0xffff_ffff, others: sha256('5') },
    },
  },
  {
    kind: 'file',
    path: 'mod.pyc',
    attributes,
    size: 16,
    content: { offset: 0, sha256: sha256('6'), compiled: { sourceTime: 0, others: sha256('7') } },
  },
  { kind: 'symlink', path: 'a/\xff\0', attributes, target: 't'.repeat(4095) },
  { kind: 'char', path: 'c', attributes, major: 4095, minor: 1_048_575 },
  { kind: 'block', path: 'c', attributes, major: 0, minor: 0 },
  { kind: 'fifo', path: 'n'.repeat(4096), attributes },
  { kind: 'hardlink', path: 'n'.repeat(4000), target: '' },
  { kind: 'whiteout', path: 'a' },
  { kind: 'opaque', path: '' },
];
const diffId = `sha256:${sha256('')}`;
const index: LayerIndex = { entries, warnings: ['of – somebody', ''] };

describe('the index of a layer as bytes', () => {
  it('is the same index again', () => {
    assert.deepEqual(decodeLayerIndex(diffId, encodeLayerIndex(diffId, index)), index);
    const empty: LayerIndex = { entries: [], warnings: [] };
    assert.deepEqual(decodeLayerIndex(diffId, encodeLayerIndex(diffId, empty)), empty);
  });

  it('is small where entries are alike', () => {
    const alike = Array.from({ length: 1000 }, (_, at): LayerEntry => ({
      kind: 'file',
      path: `usr/share/a/folder/with/a/long/name/file-${at}`,
      attributes: { ...attributes, uid: 0, mtime: 1_700_000_000 },
      size: 1000,
      content: { offset: at * 2048, sha256: sha256(String(at)) },
    }));
    assert.ok(encodeLayerIndex(diffId, { ...index, entries: alike }).length < 1000 * 60);
  });

  it('is the same bytes for the same index, as large as it may be', () => {
    const many = Array.from({ length: 100 }, () => entries)
      .flat()
      .filter(({ kind }) => kind !== 'file');
    const bytes = encodeLayerIndex(diffId, { ...index, entries: many });
    assert.ok(bytes.equals(encodeLayerIndex(diffId, { ...index, entries: many })));
    assert.deepEqual(decodeLayerIndex(diffId, bytes)?.entries.length, many.length);
  });

  it('keeps values that outlive the bytes they came from', () => {
    const bytes = encodeLayerIndex(diffId, index);
    const decoded = decodeLayerIndex(diffId, bytes);
    bytes.fill(0);
    assert.deepEqual(decoded, index);
  });

  it('is nothing if a bit is another', () => {
    const bytes = encodeLayerIndex(diffId, {
      ...index,
      entries: entries.filter(({ kind }) => kind !== 'file').slice(0, 1),
    });
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.equal(decodeLayerIndex(diffId, changed), undefined, `bit ${bit}`);
    }
  });

  it('is nothing if it is cut short, or goes on', () => {
    const bytes = encodeLayerIndex(diffId, {
      ...index,
      entries: entries.filter(({ kind }) => kind !== 'file'),
    });
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(decodeLayerIndex(diffId, bytes.subarray(0, length)), undefined, `${length} bytes`);
    }
    assert.equal(decodeLayerIndex(diffId, Buffer.concat([bytes, Buffer.alloc(1)])), undefined);
  });

  it('is nothing if it was not made by this version, even with a right checksum', () => {
    const bytes = encodeLayerIndex(diffId, index);
    const magic = Buffer.from('layer index 2\n');
    assert.ok(bytes.subarray(0, magic.length).equals(magic));
    const body = bytes.subarray(magic.length + 32);
    const withBody = (other: Buffer) =>
      Buffer.concat([magic, createHash('sha256').update(other).digest(), other]);
    assert.deepEqual(decodeLayerIndex(diffId, withBody(body)), index);

    for (let length = 0; length < 600; length += 1) {
      assert.equal(
        decodeLayerIndex(diffId, withBody(body.subarray(0, length))),
        undefined,
        `${length} bytes`,
      );
    }
    assert.equal(decodeLayerIndex(diffId, withBody(Buffer.concat([body, Buffer.alloc(1)]))), undefined);
    assert.equal(decodeLayerIndex(diffId, withBody(Buffer.alloc(100, 0xff))), undefined);
    const withRest = (...rest: readonly number[]) =>
      withBody(Buffer.concat([Buffer.from([diffId.length]), Buffer.from(diffId), Buffer.from(rest)]));
    assert.deepEqual(decodeLayerIndex(diffId, withRest(0, 0)), { entries: [], warnings: [] });
    const unknownKind = [0, 1, 9, 0, 0];
    assert.equal(decodeLayerIndex(diffId, withRest(...unknownKind)), undefined);
    const hugeList = [0, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert.equal(decodeLayerIndex(diffId, withRest(...hugeList)), undefined);
  });

  it('is nothing if it is that of another layer', () => {
    assert.equal(decodeLayerIndex(`sha256:${sha256('another')}`, encodeLayerIndex(diffId, index)), undefined);
  });
});
