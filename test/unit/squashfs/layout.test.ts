import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hashed, RegularFile } from '../../../src/core/rootfs/tree';
import { layOut, type Piece } from '../../../src/core/squashfs/writer/layout';
import { file, noise } from './memory-tree';

const blockSize = 4096;

/** Small files that don't end a block by their bytes, unless it is asked for. */
function small(size: number, seed: string, endsBlock = false): RegularFile<Hashed> {
  for (let attempt = 0; ; attempt++) {
    const candidate = file(noise(size, `${seed} ${attempt}`));
    if (/^[01]/.test(candidate.content.sha256) === endsBlock) return candidate;
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

  it('begins a new block where a file does not fit, and goes on filling it', () => {
    const files = [small(2000, 'a'), small(2096, 'b'), small(1, 'c'), small(4000, 'd')];
    const [a, b, c, d] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [
      [a, b],
      [c, d],
    ]);
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

  it('ends a block in its second half after a file whose hash says so', () => {
    const files = [
      small(10, 'a'),
      small(10, 'b', true),
      small(2028, 'c'),
      small(10, 'd', true),
      small(9, 'e'),
    ];
    const [a, b, c, d, e] = files;
    assert.deepEqual(shared(layOut(files, blockSize)), [[a, b, c, d], [e]]);
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
      assert.ok(count <= 8, `${changed.join()} of ${before.size} blocks are others`);
  });

  it('needs nothing to lay out nothing', () => {
    assert.deepEqual(layOut([], blockSize), []);
  });
});
