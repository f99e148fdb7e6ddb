import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveFiles } from './archive-files';
import { readRange } from './file-bytes';

/** The files of a folder; names that would lead out of it name nothing. */
export function folderFiles(folder: string): ArchiveFiles {
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
