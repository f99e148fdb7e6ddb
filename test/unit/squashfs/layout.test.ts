import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hashed, RegularFile } from '../../../src/core/rootfs/tree';
import { layOut, type Piece } from '../../../src/core/squashfs/writer/layout';
import { file, noise } from './memory-tree';

const blockSize = 4096;

/** Whether a file is the last of a run: it is of as many of its size as go into twelve blocks. */
const endsRun = ({ size, content }: RegularFile<Hashed>) =>
  parseInt(content.sha256.slice(0, 8), 16) / 2 ** 32 < size / (12 * blockSize);

/** Small files that aren't the last of a run, unless it is asked for. */
function small(size: number, seed: string, isLast = false): RegularFile<Hashed> {
  for (let attempt = 0; ; attempt++) {
    const candidate = file(noise(size, `${seed} ${attempt}`));
    if (endsRun(candidate) === isLast) return candidate;
  }
}

const shared = (pieces: readonly Piece<Hashed>[]) =>
  pieces.flatMap((piece) => (piece.kind === 'shared-block' ? [piece.files] : []));

describe('layOut', () => {
  it('gives a file of a block or more its own blocks, and lets shorter ones share one', () => {
    const [a, b, c] = [small(4095, 'a'), file(noise(4096)), file(noise(4097))];
    assert.deepEqual(layOut([a, b, c], blockSize), [
      { kind: 'own-blocks', file: b },
      { kind: 'own-blocks', file: c },
      { kind: 'shared-block', files: [a] },
    ]);
  });

  it('keeps a block open for what fits, beside one for what does not', () => {
    const files = [small(2000, 'a'), small(2500, 'b'), small(1500, 'c'), small(1500, 'd'), small(100, 'e')];
    const [a, b, c, d, e] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [
      [a, c, e],
      [b, d],
    ]);
  });

  it('ends the fuller of two where neither has room', () => {
    const files = [small(2000, 'a'), small(3000, 'b'), small(3500, 'c'), small(2000, 'd'), small(90, 'e')];
    const [a, b, c, d, e] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [[b], [a, d], [c, e]]);
  });

  it('keeps no block open that is nearly full', () => {
    const files = [small(3600, 'a'), small(600, 'b'), small(400, 'c')];
    const [a, b, c] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [[a], [b, c]]);
  });

  it('packs tighter than one block after the other', () => {
    const files = Array.from({ length: 3000 }, (_, index) =>
      file(noise(50 + ((index * index * 37) % 3000), `${index}`)),
    );
    let [blocks, filled] = [1, 0];
    for (const { size } of files) {
      if (filled + size > blockSize) [blocks, filled] = [blocks + 1, 0];
      filled += size;
    }
    const ours = shared(layOut(files, blockSize));
    for (const block of ours) assert.ok(block.reduce((sum, { size }) => sum + size, 0) <= blockSize);
    assert.deepEqual(new Set(ours.flat()), new Set(files));
    assert.ok(ours.length < blocks, `${ours.length} blocks, and ${blocks} one after the other`);
  });

  it('tells files of zeros by their hashes, whatever their sizes', () => {
    const zeros = [10, 4095, 1].map((size) => file(Buffer.alloc(size)));
    const other = small(10, 'other');
    assert.deepEqual(layOut([...zeros, other], blockSize), [
      ...zeros.map((one) => ({ kind: 'hole', file: one })),
      { kind: 'shared-block', files: [other] },
    ]);
    const large = file(Buffer.alloc(blockSize));
    assert.deepEqual(layOut([large], blockSize), [{ kind: 'own-blocks', file: large }]);
  });

  it('ends all blocks after a file whose hash says that it is the last of a run', () => {
    const files = [small(2500, 'a'), small(2000, 'b'), small(10, 'c', true), small(10, 'd')];
    const [a, b, c, d] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [[a, c], [b], [d]]);
  });

  it('has the same blocks as before again soon after a file is gone', () => {
    const files = Array.from({ length: 2000 }, (_, index) => file(noise(100 + (index % 700), `${index}`)));
    const keys = (of: readonly RegularFile<Hashed>[]) =>
      new Set(
        shared(layOut(of, blockSize)).map((block) => block.map(({ content }) => content.sha256).join()),
      );
    const before = keys(files);
    const changed = [300, 900, 1500].map((gone) => {
      const after = keys(files.toSpliced(gone, 1));
      return [...after].filter((key) => !before.has(key)).length;
    });
    assert.ok(before.size > 150);
    for (const count of changed)
      assert.ok(count <= 15, `${changed.join()} of ${before.size} blocks are others`);
  });

  it('needs nothing to lay out nothing', () => {
    assert.deepEqual(layOut([], blockSize), []);
  });
});
