import { Problem } from '../../problem';
import type { FileContent } from '../../rootfs/tree';

/**
 * A file's bytes in blocks: each of `blockSize` bytes but the last, which may be shorter. Every block has memory of its own.
 * @throws Problem when there are more or fewer bytes than the file is to have.
 */
export async function* contentBlocks(
  { file, chunks }: FileContent<unknown>,
  blockSize: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let left = file.size;
  const nextBlock = () => Buffer.allocUnsafeSlow(Math.min(blockSize, left));
  let block = nextBlock();
  let filled = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (filled + chunk.length > left) throw wrongLength(file.size, 'more');
    for (let taken = 0; taken < chunk.length;) {
      const step = Math.min(chunk.length - taken, block.length - filled);
      block.set(chunk.subarray(taken, taken + step), filled);
      filled += step;
      taken += step;
      if (filled === block.length) {
        yield block;
        left -= filled;
        block = nextBlock();
        filled = 0;
      }
    }
  }
  if (left > 0) throw wrongLength(file.size, `only ${file.size - left + filled}`);
}

function wrongLength(expected: number, found: string): Problem {
  return new Problem({
    doing: 'reading the files of the image',
    found: `a file of ${expected} bytes gave ${found}`,
    remedy: 'Try again; if it happens again, clear the cache and pull the image anew',
  });
}
