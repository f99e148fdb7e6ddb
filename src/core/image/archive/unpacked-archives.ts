import type { FileHandle } from 'node:fs/promises';
import type { Job } from '../../job';
import type { BlobCache, CachedBlob } from '../blob-cache';
import { Holds } from '../blob-cache/holds';
import { decompressed } from '../layer-compression';
import type { ArchiveFiles } from './archive-files';
import { readRange } from './file-bytes';
import { type TarIndex, unpackTar } from './tar-index';

/**
 * Reads compressed archives by unpacking them into the cache, once as long as neither the archive nor the cache loses
 * anything.
 */
export class UnpackedArchives {
  readonly #unpacked = new Map<string, TarIndex<CachedBlob>>();

  /** @param codecs the folder that holds `liblzma.wasm` and `libbz2.wasm`. */
  constructor(
    private readonly cache: BlobCache,
    private readonly codecs: string,
  ) {}

  /** `handle` is not needed any longer when the answer is there. */
  async open(handle: FileHandle, archive: string, job: Job): Promise<ArchiveFiles> {
    const { size, mtimeMs } = await handle.stat();
    const version = `${archive}\0${size}\0${mtimeMs}`;
    const index = (await this.#stillThere(version, job)) ?? (await this.#unpack(handle, archive, size, job));
    this.#unpacked.set(version, index);
    const holds = new Holds(this.cache);
    index.files().forEach(({ digest }) => holds.add(digest));
    return {
      find: (name) => {
        const blob = index.find(name);
        return Promise.resolve(blob && { size: blob.size, read: () => this.cache.read(blob) });
      },
      close() {
        holds.release();
        return Promise.resolve();
      },
    };
  }

  async #stillThere(version: string, job: Job): Promise<TarIndex<CachedBlob> | undefined> {
    const index = this.#unpacked.get(version);
    for (const blob of index?.files() ?? []) {
      if ((await this.cache.find(blob, job.signal)) === undefined) return undefined;
    }
    return index;
  }

  #unpack(handle: FileHandle, archive: string, size: number, job: Job): Promise<TarIndex<CachedBlob>> {
    const stored = watched(readRange(handle, 0, size), size, job);
    const tar = decompressed(stored, this.codecs, `unpacking the image archive ${archive}`);
    return unpackTar(tar, this.cache, job.signal);
  }
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  job: Job,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    job.signal.throwIfAborted();
    done += chunk.length;
    job.progress('download', done, total);
    yield chunk;
  }
}
