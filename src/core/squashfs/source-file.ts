import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { errorCode, systemErrorWords } from '../files/system-error';
import { describeError, Problem } from '../problem';
import { damaged, UnusableSquashfs } from './damaged';

/** Without the latter, to open a pipe would last until somebody writes to it. Windows has neither pipes nor the flag. */
const toRead = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** An open file that is read by position. Whoever opens it closes it. */
export class SourceFile {
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  /** When it was last written, in whole milliseconds since 1970. */
  readonly modified: number;
  /** Another one for other bytes, unless somebody takes pains to hide that they changed. */
  readonly version: string;
  readonly #handle: FileHandle;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle) {
    this.path = path;
    this.size = Number(stats.size);
    this.modified = Number(stats.mtimeMs);
    this.version = versionOf(stats);
    this.#handle = handle;
  }

  static async open(path: string): Promise<SourceFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, toRead);
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw new Error('it is not a regular file');
      return new SourceFile(path, stats, handle);
    } catch (error) {
      await handle?.close();
      throw unreadable(path, error);
    }
  }

  /** Exactly `length` bytes; the caller has checked that the file claims to have them. @throws Problem when it hasn't. */
  async read(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#handle
        .read(bytes, done, length - done, position + done)
        .catch((error: unknown) => {
          throw unreadable(this.path, error);
        });
      if (bytesRead === 0) throw endsEarly(this.path, position + done, length - done);
      done += bytesRead;
    }
    return bytes;
  }

  /** @throws Problem when another file, or another content, has this path by now. */
  async requireSame(): Promise<void> {
    const now = await stat(this.path, { bigint: true }).catch((error: unknown) => {
      throw unreadable(this.path, error);
    });
    requireVersion(this.path, now, this.version);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(':');
}

/** For whoever reads a file by its path, beside another who has it open. @throws Problem when they don't read the same. */
export function requireVersion(path: string, found: BigIntStats, version: string): void {
  if (versionOf(found) === version) return;
  throw new Problem({
    doing: `reading ${path}`,
    found: 'it was changed or replaced while it was read',
    remedy: 'Wait until no other program writes to it, then try again',
  });
}

/** For what the system says when a file can't be opened or read. */
export function unreadable(path: string, error: unknown): Problem {
  const words = systemErrorWords(error, path) ?? {
    found: describeError(error),
    remedy: 'Check that the file is there, that you may read it, and that its disk is well',
  };
  const parts = { doing: `reading ${path}`, ...words, cause: error };
  return errorCode(error) === 'ENOENT' ? new UnusableSquashfs(path, parts) : new Problem(parts);
}

/** For a file that has become shorter than it claims: `wanted` bytes are missing at `position`. */
export function endsEarly(path: string, position: number, wanted: number): Problem {
  return damaged(path, `${wanted} bytes are missing at byte ${position}; it was cut short while it was read`);
}
