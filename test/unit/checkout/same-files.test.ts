import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { findSameFiles } from '../../../src/core/checkout/find-same-files';
import { filesOfSameSize } from '../../../src/core/checkout/same-files';
import { sha256OfFile } from '../../../src/core/files/hash-file';
import { temporaryCheckout } from './temporary-folder';

const large = (letter: string, size = 100_000) => letter.repeat(size);

describe('files that are the same', () => {
  it('are looked for among large ones of the same size, in apps and parts, the largest first', async () => {
    const checkout = temporaryCheckout({
      'web/src.json': '{}',
      'web/root.squashfs': large('w'),
      'web/notes': 'small',
      'shop/src.json': '{}',
      'shop/root.squashfs': large('s'),
      'shop/notes': 'small',
      'shop/large': large('l', 200_000),
      'bsp/kernel.img': large('k', 200_000),
      'bsp/alone': large('a', 300_000),
    });
    assert.deepEqual(filesOfSameSize(await readCheckout(checkout)), [
      { files: ['bsp/kernel.img', 'shop/large'], size: 200_000 },
      { files: ['shop/root.squashfs', 'web/root.squashfs'], size: 100_000 },
    ]);
  });

  it('are told apart by all of their bytes', async () => {
    const files = {
      'a/root.squashfs': large('x'),
      'b/root.squashfs': `${large('x', 99_999)}y`,
      'c/root.squashfs': large('x'),
      'd/root.squashfs': `${large('x', 99_999)}y`,
      'e/root.squashfs': large('z'),
    };
    const checkout = temporaryCheckout(files);
    assert.deepEqual(
      await findSameFiles(checkout, [{ files: Object.keys(files), size: 100_000 }], hashing()),
      [
        { files: ['a/root.squashfs', 'c/root.squashfs'], size: 100_000 },
        { files: ['b/root.squashfs', 'd/root.squashfs'], size: 100_000 },
      ],
    );
  });

  it('are none where they can’t be read', async () => {
    const checkout = temporaryCheckout({ 'a/root.squashfs': large('x') });
    const candidates = [{ files: ['a/root.squashfs', 'gone/root.squashfs'], size: 100_000 }];
    assert.deepEqual(await findSameFiles(checkout, candidates, hashing()), []);
    const stopped = findSameFiles(checkout, candidates, hashing(AbortSignal.abort(new Error('stopped'))));
    await assert.rejects(stopped, /stopped/);
  });
});

function hashing(signal = new AbortController().signal) {
  return { hash: (file: string) => sha256OfFile(file, signal), signal };
}
