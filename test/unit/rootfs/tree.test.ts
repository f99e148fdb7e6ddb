import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteStringFromText, byteStringToBytes, byteStringToText } from '../../../src/core/bytes/byte-string';
import { splitPath } from '../../../src/core/rootfs/entry-path';
import { nodeAt, regularFiles, walk, walkBoth, type Extent } from '../../../src/core/rootfs/tree';
import { file, folder, symlink, tree } from './trees';

describe('a tree', () => {
  const linked = file('linked');
  const root = tree({
    'b/x': linked,
    'a-b': file('1'),
    'a/z': linked,
    'a/b': symlink('z'),
    '\xff': file('2'),
    Z: folder(),
  });

  it('is walked in byte order, folders before what is in them', () => {
    assert.deepEqual(
      [...walk(root)].map(([path]) => path),
      ['Z', 'a', 'a/b', 'a/z', 'a-b', 'b', 'b/x', '\xff'],
    );
  });

  it('is walked however deep it is', () => {
    let deep = folder();
    for (let depth = 0; depth < 20_000; depth += 1) deep = { ...folder(), children: new Map([['d', deep]]) };
    assert.equal([...walk(deep)].length, 20_000);
  });

  it('is walked beside another one as far as is asked for', () => {
    const before = tree({ 'gone/x': file(), 'both/b': file(), 'both/x': file(), 'kind/x': file() });
    const after = tree({ 'both/a': file(), 'both/b': file(), 'new/x': file(), kind: file() });
    const walked = (extent: Extent) =>
      [...walkBoth(before, after, extent)].map(
        (pair) => `${pair.before ? '-' : ''}${pair.after ? '+' : ''} ${pair.path}`,
      );
    const all = [
      '-+ ',
      '-+ both',
      '+ both/a',
      '-+ both/b',
      '- both/x',
      '- gone',
      '-+ kind',
      '+ new',
      '+ new/x',
    ];
    assert.deepEqual(walked('all'), all);
    assert.deepEqual(
      walked('after'),
      all.filter((line) => !line.startsWith('- ')),
    );
    assert.deepEqual(
      walked('shared'),
      all.filter((line) => line !== '+ new/x'),
    );
  });

  it('has each file once', () => {
    assert.deepEqual(
      regularFiles(root).map(({ content }) => content),
      ['linked', '1', '2'],
    );
  });

  it('has a node at each path, without following links', () => {
    for (const [path, node] of walk(root)) assert.equal(nodeAt(root, path), node);
    assert.equal(nodeAt(root, ''), root);
    for (const path of ['c', 'a/c', 'a/z/c', 'a/b/c', 'Z/x']) assert.equal(nodeAt(root, path), undefined);
  });
});

describe('a byte string', () => {
  it('keeps all bytes, and sorts as they do', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const string = bytes.toString('latin1');
    assert.equal(string.length, 256);
    assert.deepEqual(byteStringToBytes(string), bytes);
    const characters = Array.from({ length: 256 }, (_, at) => string.charAt(at));
    assert.deepEqual(characters.toReversed().sort(), characters);
  });

  it('is UTF-8 where people see it', () => {
    assert.deepEqual(byteStringToBytes(byteStringFromText('é🚀')), Buffer.from('é🚀', 'utf8'));
    assert.equal(byteStringToText(byteStringFromText('é🚀')), 'é🚀');
    assert.equal(byteStringToText('a\xff'), 'a\ufffd');
  });
});

describe('a path', () => {
  it('has a parent and a name', () => {
    assert.deepEqual(splitPath('usr/bin/env'), ['usr/bin', 'env']);
    assert.deepEqual(splitPath('usr'), ['', 'usr']);
  });
});
