import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { DamagedStream } from '../../damaged-stream';
import type { Job } from '../../job';
import type { BlobCache } from '../blob-cache';
import { compressionOf, magicLength } from '../layer-compression';
import type { ArchiveFiles } from './archive-files';
import { archiveProblem, unreadableArchive } from './archive-problem';
import { readRange, TarFileInput } from './file-bytes';
import { TarIndex } from './tar-index';
import { UnpackedArchives } from './unpacked-archives';

/** Opens folders and tar archives. Files are read where they lie; only those of a compressed archive are unpacked. */
export class ArchiveOpener {
  readonly #unpacked: UnpackedArchives;

  /** @param codecs the folder that holds `liblzma.wasm` and `libbz2.wasm`. */
  constructor(cache: BlobCache, codecs: string) {
    this.#unpacked = new UnpackedArchives(cache, codecs);
  }

  /** @throws Problem when it is neither, or can't be read. */
  async open(file: string, job: Job): Promise<ArchiveFiles> {
    try {
      const stats = await stat(file);
      if (stats.isDirectory()) return explainingErrors(file, folderFiles(file));
      // Opening a pipe waits for a writer, and nothing can interrupt it; nor can its content be read twice.
      if (!stats.isFile()) {
        throw archiveProblem(file, 'it is neither a file nor a folder', {
          remedy: 'Save the image to a file first: its layers are read more than once',
        });
      }
      return explainingErrors(file, await this.#openTar(file, job));
    } catch (error) {
      throw explain(file, error);
    }
  }

  async #openTar(file: string, job: Job): Promise<ArchiveFiles> {
    const handle = await open(file);
    try {
      if (compressionOf(await startOf(handle)) === 'none') return await filesInPlace(handle);
      const files = await this.#unpacked.open(handle, file, job);
      await handle.close();
      return files;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

async function startOf(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(magicLength), 0, magicLength, 0);
  return buffer.subarray(0, bytesRead);
}

async function filesInPlace(handle: FileHandle): Promise<ArchiveFiles> {
  const { size: total } = await handle.stat();
  const index = await TarIndex.read(new TarFileInput(handle, total), ({ offset, size }) => ({
    size,
    read: () => readRange(handle, offset, offset + size),
  }));
  return { find: (name) => Promise.resolve(index.find(name)), close: () => handle.close() };
}

/** Archives lie on sticks and network drives, which go away while they are read. */
function explainingErrors(archive: string, files: ArchiveFiles): ArchiveFiles {
  async function* explained(chunks: AsyncIterable<Uint8Array>) {
    try {
      yield* chunks;
    } catch (error) {
      throw explain(archive, error);
    }
  }
  return {
    async find(name) {
      const file = await files.find(name);
      return file && { size: file.size, read: () => explained(file.read()) };
    },
    close: () => files.close(),
  };
}

function explain(archive: string, error: unknown): unknown {
  if (error instanceof DamagedStream) return archiveProblem(archive, error.message, { cause: error });
  const isFromSystem = error instanceof Error && 'syscall' in error;
  return isFromSystem ? unreadableArchive(archive, error) : error;
}

/** The files of a folder; names that would lead out of it name nothing. */
function folderFiles(folder: string): ArchiveFiles {
  return {
    async find(name) {
      const inside = path.posix.normalize(name);
      if (path.posix.isAbsolute(inside) || /^\.\.(?:\/|$)|\\/.test(inside)) return undefined;
      const file = path.join(folder, inside);
      const stats = await stat(file).catch(() => undefined);
      return stats?.isFile() === true
        ? { size: stats.size, read: () => wholeFile(file, stats.size) }
        : undefined;
    },
    close: () => Promise.resolve(),
  };
}

async function* wholeFile(file: string, size: number): AsyncGenerator<Buffer, void, undefined> {
  const handle = await open(file);
  try {
    yield* readRange(handle, 0, size);
  } finally {
    await handle.close();
  }
}
