import type { BlobCache, CachedBlob } from '../blob-cache';
import { ByteReader } from '../../bytes/byte-reader';
import { DamagedStream } from '../layer/damaged-stream';
import { TarIndex } from './tar-index';

/**
 * Puts every file of a tar archive into the cache, each under its own digest, as the stream brings them.
 *
 * @throws DamagedStream when it is no tar archive or ends early; the files before that are in the cache all the same, and
 * none of them is wrong.
 */
export async function unpackTar(
  tar: AsyncIterable<Uint8Array>,
  cache: BlobCache,
  signal: AbortSignal,
): Promise<TarIndex<CachedBlob>> {
  const input = new ByteReader(tar);
  try {
    return await TarIndex.read(input, ({ size }) => {
      // Between files, since those without bytes may come without end.
      signal.throwIfAborted();
      return cache.store(exactly(input, size), signal);
    });
  } finally {
    await input.close();
  }
}

async function* exactly(input: ByteReader, size: number): AsyncGenerator<Buffer> {
  const end = input.position + size;
  yield* input.take(size);
  if (input.position < end) throw new DamagedStream('it ends early');
}
