import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { describeFileKind, type FileKind, ignoreMissing, isMissing } from '../../files/file-problem';
import { retryWhileInUse } from '../../files/retry-while-in-use';
import { errorCode } from '../../files/system-error';
import { Problem } from '../../problem';
import { identityOfThisProcess, type ProcessIdentity } from './process-identity';

/** What a lock file says. */
export interface LockRecord {
  /** Tells this lock from every other one, also of the same process. */
  readonly token: string;
  readonly process: ProcessIdentity;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly what: string;
}

/** A lock file that this process made. */
export class LockFile {
  private constructor(
    readonly path: string,
    private readonly token: string,
  ) {}

  /**
   * Undefined when the file exists, or somebody just had it and tidied up. It appears with all of its content, or not at all.
   */
  static async create(path: string, what: string): Promise<LockFile | undefined> {
    const record = await newRecord(what);
    return withDraft(path, record, async (draft) => {
      try {
        await link(draft, path);
      } catch (error) {
        if (errorCode(error) === 'EEXIST' || isMissing(error)) return undefined;
        if (!noHardLinks.has(errorCode(error) ?? '')) throw error;
        if (!(await createExclusively(path, record))) return undefined;
      }
      return new LockFile(path, record.token);
    });
  }

  /** Takes the place of an existing file, in one step. Undefined when somebody who has the lock tidied up meanwhile. */
  static async replace(path: string, what: string): Promise<LockFile | undefined> {
    const record = await newRecord(what);
    return withDraft(path, record, async (draft) => {
      try {
        await retryWhileInUse(() => rename(draft, path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
      return new LockFile(path, record.token);
    });
  }

  /** @throws Problem when it is no file; nobody's lock ever is (to read a pipe would last for ever). */
  static async read(path: string): Promise<LockRecord | 'missing' | 'unreadable'> {
    try {
      const stats = await stat(path);
      if (!stats.isFile()) throw notALock(path, stats);
      return recordOf(await readFile(path, 'utf8')) ?? 'unreadable';
    } catch (error) {
      if (isMissing(error)) return 'missing';
      throw error;
    }
  }

  /**
   * Removes what processes that were killed while they took the lock left beside it. Whoever is taking it right now loses a
   * file as well, and finds that the lock is taken.
   */
  async removeLeftovers(): Promise<void> {
    const folder = dirname(this.path);
    const prefix = `${basename(this.path)}.`;
    for (const name of await readdir(folder)) {
      if (name.startsWith(prefix)) await unlink(join(folder, name)).catch(() => undefined);
    }
  }

  /**
   * Removes the file, unless somebody else's has taken its place (after a person deleted this one). Whoever tidies up may be
   * first.
   */
  async remove(): Promise<void> {
    const current = await LockFile.read(this.path);
    if (typeof current === 'object' && current.token === this.token) {
      await retryWhileInUse(() => unlink(this.path)).catch(ignoreMissing);
    }
  }
}

function notALock(path: string, kind: FileKind): Problem {
  return new Problem({
    doing: 'locking the checkout',
    found: `${path} is ${describeFileKind(kind)} instead of a file`,
    remedy: 'Move it out of the way: it is no lock of anybody',
  });
}

async function newRecord(what: string): Promise<LockRecord> {
  return {
    token: randomUUID(),
    process: await identityOfThisProcess(),
    startedAt: new Date().toISOString(),
    what,
  };
}

/** A file of our own beside the lock, with its content. */
async function withDraft<Result>(
  path: string,
  record: LockRecord,
  use: (draft: string) => Promise<Result>,
): Promise<Result> {
  const draft = `${path}.${record.token}.draft`;
  try {
    await writeFile(draft, textOf(record), { flag: 'wx' });
    return await use(draft);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/** What `link` answers where a file system has no hard links (FAT, some network shares). */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK']);

/** For file systems without hard links. A process that is killed in here leaves an empty file, for a person to delete. */
async function createExclusively(path: string, record: LockRecord): Promise<boolean> {
  try {
    await writeFile(path, textOf(record), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

const fileContent = z.object({
  pid: z.int().check(z.positive()),
  host: z.string(),
  startedAt: z.string(),
  what: z.string(),
  // It becomes part of a file name.
  token: z.string().check(z.regex(/^[\w-]+$/)),
  linux: z.optional(
    z.object({
      machine: z.optional(z.string()),
      boot: z.string(),
      pidNamespace: z.string(),
      startTicks: z.string(),
    }),
  ),
});

function textOf({ token, process: { pid, host, linux }, startedAt, what }: LockRecord): string {
  const content: z.input<typeof fileContent> = { pid, host, startedAt, what, token, linux };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function recordOf(text: string): LockRecord | undefined {
  try {
    const { pid, host, linux, ...rest } = fileContent.parse(JSON.parse(text));
    return { ...rest, process: { pid, host, linux } };
  } catch {
    return undefined;
  }
}
