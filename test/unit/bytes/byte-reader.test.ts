import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { ByteReader } from '../../../src/core/bytes/byte-reader';

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) {
    await new Promise(setImmediate);
    yield Buffer.from(text);
  }
}

describe('ByteReader', () => {
  it('reads by counts, whatever the pieces', async () => {
    const reader = new ByteReader(pieces('ab', '', 'cdef', 'g'));
    assert.equal(String(await reader.read(3)), 'abc');
    assert.equal(reader.position, 3);
    assert.equal(String(await reader.some(2)), 'de');
    await reader.skipTo(6);
    assert.equal(String(await reader.read(5)), 'g');
    assert.equal(String(await reader.read(5)), '');
    assert.equal(await reader.some(1), undefined);
    assert.equal(reader.position, 7);
  });

  it('peeks without reading', async () => {
    const reader = new ByteReader(pieces('ab', 'cd', 'ef'));
    assert.equal(String(await reader.peek(3)), 'abc');
    assert.equal(reader.position, 0);
    assert.equal(String(await reader.peek(100)), 'abcdef');
    assert.equal(String(await reader.read(4)), 'abcd');
    assert.equal(String(await reader.peek(1)), 'e');
    assert.equal(String(await buffer(reader.take())), 'ef');
    assert.equal(String(await reader.peek(1)), '');
  });

  it('goes no further than the end', async () => {
    const reader = new ByteReader(pieces('ab'));
    await reader.skipTo(10);
    assert.equal(reader.position, 2);
    await reader.skipTo(1);
    assert.equal(reader.position, 2);
  });

  it('gives views, and copies only what spans pieces', async () => {
    const piece = Buffer.from('abcdef');
    const source = async function* () {
      await new Promise(setImmediate);
      yield piece;
    };
    const reader = new ByteReader(source());
    const first = await reader.read(2);
    const rest = await reader.read(2);
    piece.fill('x');
    assert.equal(`${String(first)} ${String(rest)}`, 'xx xx');
  });

  it('shows each piece to who observes it, and stops with what that throws', async () => {
    const seen: string[] = [];
    const reader = new ByteReader(pieces('ab', 'cd', 'ef'), (piece) => {
      seen.push(String(piece));
      if (seen.length === 2) throw new Error('enough');
    });
    assert.equal(String(await reader.read(1)), 'a');
    await assert.rejects(reader.read(2), /^Error: enough$/);
    assert.deepEqual(seen, ['ab', 'cd']);
  });

  it('tells its source when no more is wanted', async () => {
    let isClosed = false;
    const source = async function* () {
      try {
        yield* pieces('ab', 'cd');
      } finally {
        isClosed = true;
      }
    };
    const reader = new ByteReader(source());
    await reader.read(1);
    await reader.close();
    assert.ok(isClosed);
  });
});
