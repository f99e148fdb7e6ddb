import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Job } from '../../job';
import type { BlobCache, CachedBlob } from '../blob-cache';
import { Holds } from '../blob-cache/holds';
import { compressionOf, decompressed, magicLength } from '../layer-compression';
import { DamagedStream } from '../layer/damaged-stream';
import type { ArchiveFiles } from './archive-files';
import { archiveProblem, unreadableArchive } from './archive-problem';
import { readRange, TarFileInput } from './file-bytes';
import { folderFiles } from './folder';
import { TarIndex } from './tar-index';
import { unpackTar } from './unpack-tar';

/**
 * Opens folders and tar archives. Files are read where they lie; only those of a compressed archive are unpacked, into the
 * cache, once as long as neither it nor the cache changes.
 */
export class ArchiveOpener {
  readonly #unpacked = new Map<string, TarIndex<CachedBlob>>();

  constructor(private readonly cache: BlobCache) {}

  /** @throws Problem when it is neither, or can't be read. */
  async open(file: string, job: Job): Promise<ArchiveFiles> {
    try {
      const isFolder = (await stat(file)).isDirectory();
      return isFolder ? folderFiles(file) : await this.#openTar(file, job);
    } catch (error) {
      if (error instanceof DamagedStream) throw archiveProblem(file, error.message, { cause: error });
      throw isFromSystem(error) ? unreadableArchive(file, error) : error;
    }
  }

  async #openTar(file: string, job: Job): Promise<ArchiveFiles> {
    const handle = await open(file);
    try {
      const compression = compressionOf(await startOf(handle));
      switch (compression) {
        case 'none':
          return await readInPlace(handle);
        case 'gzip':
        case 'zstd':
          return await this.#unpack(handle, file, job).finally(() => handle.close());
        case 'xz':
        case 'bzip2':
          throw archiveProblem(file, `it is compressed with ${compression}`, {
            remedy: `Unpack it first, with ${compression === 'xz' ? 'unxz' : 'bunzip2'}`,
          });
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #unpack(handle: FileHandle, file: string, job: Job): Promise<ArchiveFiles> {
    const { size, mtimeMs } = await handle.stat();
    const version = `${file}\0${size}\0${mtimeMs}`;
    const holds = new Holds(this.cache);
    try {
      const index =
        (await this.#stillThere(version, job)) ??
        (await unpackTar(
          decompressed(counted(readRange(handle, 0, size), size, job), `unpacking the image archive ${file}`),
          this.cache,
          job.signal,
        ));
      index.files().forEach(({ digest }) => holds.add(digest));
      this.#unpacked.set(version, index);
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
    } catch (error) {
      holds.release();
      throw error;
    }
  }

  async #stillThere(version: string, job: Job): Promise<TarIndex<CachedBlob> | undefined> {
    const index = this.#unpacked.get(version);
    for (const blob of index?.files() ?? []) {
      if ((await this.cache.find(blob, job.signal)) === undefined) return undefined;
    }
    return index;
  }
}

async function startOf(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(magicLength), 0, magicLength, 0);
  return buffer.subarray(0, bytesRead);
}

async function readInPlace(handle: FileHandle): Promise<ArchiveFiles> {
  const { size: total } = await handle.stat();
  const index = await TarIndex.read(new TarFileInput(handle, total), ({ offset, size }) => ({
    size,
    read: () => readRange(handle, offset, offset + size),
  }));
  return { find: (name) => Promise.resolve(index.find(name)), close: () => handle.close() };
}

async function* counted(chunks: AsyncIterable<Uint8Array>, total: number, job: Job) {
  let done = 0;
  for await (const chunk of chunks) {
    job.signal.throwIfAborted();
    done += chunk.length;
    job.progress('download', done, total);
    yield chunk;
  }
}

/** Of the file itself, as opposed to what is in it. */
function isFromSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
