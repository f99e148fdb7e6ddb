import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { ByteReader } from '../../../src/core/bytes/byte-reader';
import { decodeBzip2 } from '../../../src/core/codecs/bzip2';
import { decodeXz } from '../../../src/core/codecs/xz';
import { DamagedStream } from '../../../src/core/damaged-stream';
import { Problem } from '../../../src/core/problem';

const codecs = path.resolve('dist');

/** test/fixtures/compressed/make.sh made them. */
const fixture = (name: string) => readFileSync(path.resolve('test/fixtures/compressed', name));
const text = Buffer.alloc(2_000_000, 'the same again and again\n');
const more = Buffer.from('more');

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

for (const [name, decode, whole, second, module] of [
  ['xz', decodeXz, fixture('text.xz'), fixture('more-9.xz'), 'liblzma.wasm'],
  ['bzip2', decodeBzip2, fixture('text.bz2'), fixture('more-1.bz2'), 'libbz2.wasm'],
] as const) {
  const unpack = (stored: Buffer, pieceSize = 1000) =>
    buffer(decode(new ByteReader(inPieces(stored, pieceSize)), codecs));
  const damaged = (found: RegExp) => (error: unknown) =>
    error instanceof DamagedStream && found.test(error.message);

  describe(`a stream of ${name}`, () => {
    it('is decompressed, however it comes in pieces', async () => {
      for (const size of [1, 7, 100_000]) assert.deepEqual(await unpack(whole, size), text);
    });

    it('may be followed by others', async () => {
      for (const size of [1, 100_000])
        assert.deepEqual(
          await unpack(Buffer.concat([second, whole, second]), size),
          Buffer.concat([more, text, more]),
        );
    });

    it('fails where it ends early, wherever that is', async () => {
      for (let length = 6; length < second.length; length += 1)
        await assert.rejects(unpack(second.subarray(0, length)), damaged(/ends early/), `${length}`);
      const both = Buffer.concat([second, whole]);
      await assert.rejects(unpack(both.subarray(0, -1)), damaged(/ends early/));
      await assert.rejects(unpack(both.subarray(0, second.length + 5)), damaged(/ends early/));
    });

    it('never gives other bytes than went in', async () => {
      for (let at = 6; at < second.length; at += 1) {
        const other = Buffer.from(second);
        other.writeUInt8((other[at] ?? 0) ^ 0x10, at);
        // Some bits say nothing, such as those of a table that no symbol uses.
        const bytes = await unpack(other).catch((error: unknown) => error);
        if (!(bytes instanceof DamagedStream)) assert.deepEqual(bytes, more, `${at}`);
      }
    });

    it('fails where something else follows', async () => {
      const garbage = Buffer.concat([whole, Buffer.alloc(100, 'garbage')]);
      await assert.rejects(unpack(garbage), damaged(/lies in it|else follows it/));
    });

    it('is decompressed only as far as somebody wants, and leaves others their turns', async () => {
      let taken = 0;
      const stored = Buffer.concat(Array.from({ length: 100 }, () => whole));
      const source = async function* () {
        for await (const piece of inPieces(stored, 1000)) {
          taken += 1;
          yield piece;
        }
      };
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 0);
      let bytes = 0;
      for await (const chunk of decode(new ByteReader(source()), codecs)) {
        assert.ok(chunk.length <= 65_536);
        bytes += chunk.length;
        if (bytes > 10_000_000) break;
      }
      clearInterval(timer);
      assert.ok(taken < 10, `${taken} pieces`);
      assert.ok(turns > 0);
    });

    it('may be one of many that are read at once', async () => {
      const all = await Promise.all(Array.from({ length: 10 }, (_, at) => unpack(at % 2 ? whole : second)));
      all.forEach((bytes, at) => assert.deepEqual(bytes, at % 2 ? text : more));
    });

    it(`says so when ${module} is not as it should be`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'codecs-'));
      const failing = () => buffer(decode(new ByteReader(inPieces(whole, 1000)), folder));
      const problem = (found: RegExp) => (error: unknown) =>
        error instanceof Problem && found.test(error.message);
      await assert.rejects(failing(), problem(/^loading the .* from .*ENOENT.*Install the program again/));
      writeFileSync(path.join(folder, module), Buffer.from('0061736d01000000', 'hex'));
      await assert.rejects(failing(), problem(/it lacks functions/));
      rmSync(folder, { recursive: true });
    });
  });
}

describe('xz', () => {
  const unpack = (stored: Buffer) => buffer(decodeXz(new ByteReader(inPieces(stored, 1000)), codecs));

  it('may have been made by several threads, with any check and filter', async () => {
    assert.deepEqual(await unpack(fixture('blocks.xz')), text);
  });

  it('may have zeros between its streams, four by four', async () => {
    const stream = fixture('more-9.xz');
    const padded = Buffer.concat([stream, Buffer.alloc(8), stream, Buffer.alloc(4)]);
    assert.deepEqual(await unpack(padded), Buffer.from('moremore'));
    await assert.rejects(unpack(Buffer.concat([stream, Buffer.alloc(5)])), DamagedStream);
  });

  it('is refused when it needs more memory than xz -9, with what to do about it', async () => {
    await assert.rejects(unpack(fixture('more-large.xz')), (error: unknown) => {
      assert.ok(error instanceof DamagedStream);
      assert.match(error.message, /needs more memory .* than what xz -9 makes/);
      assert.match(error.remedy ?? '', /xz -9 at most/);
      return true;
    });
  });
});
