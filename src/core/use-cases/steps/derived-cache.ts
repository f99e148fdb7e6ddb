import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { evict } from '../../files/evict';
import { makeFolder } from '../../files/make-folder';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Nothing here is worth more than this; a layer of 20,000 files takes about 1 MB. */
const largestEntry = 256 * 1024 * 1024;

/**
 * What builds have worked out about content-addressed input, so that the next build needn't: the entries of a layer, the
 * hashes of a base's files. An entry's key names everything that it depends on, so one can be missing but never wrong, and
 * any entry may be deleted at any time. Failing to read or write one never fails a build.
 */
export class DerivedCache {
  /** @param limit bytes that all entries may take together; the least recently used go first. */
  constructor(
    private readonly directory: string,
    private readonly limit: number,
  ) {}

  /** @param key hex, usually the sha256 of the input, below a `kind` that names what was derived and its version. */
  async get(kind: string, key: string): Promise<Buffer | undefined> {
    const file = this.fileOf(kind, key);
    try {
      const value = await decompress(await readFile(file), { maxOutputLength: largestEntry });
      const now = new Date();
      // Somebody else's entry, as after a build with sudo, is as good as one's own.
      await utimes(file, now, now).catch(() => undefined);
      return value;
    } catch {
      return undefined;
    }
  }

  async put(kind: string, key: string, value: Buffer): Promise<void> {
    const file = this.fileOf(kind, key);
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await makeFolder(this.directory);
      await writeFile(temporary, await compress(value, { level: 1 }));
      await rename(temporary, file);
      await evict([this.directory], { limit: this.limit });
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  private fileOf(kind: string, key: string): string {
    return path.join(this.directory, `${kind}-${key}`);
  }
}
