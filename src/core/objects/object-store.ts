import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  type FileHandle,
  link,
  lstat,
  open,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';
import { isSha256 } from '../bytes/sha256-name';
import { syncFile, syncFolder } from '../files/durable';
import { type FileIdentity, identityOf, isSameFile } from '../files/file-identity';
import { fileProblem, ignoreMissing, isMissing } from '../files/file-problem';
import { sha256OfFile } from '../files/hash-file';
import { makeFolder } from '../files/make-folder';
import { errorCode, systemErrorWords } from '../files/system-error';
import { Problem } from '../problem';
import {
  appendToLedger,
  emptyLedger,
  type LedgerEntry,
  noteCheckout,
  readLedger,
  type StoreLedger,
} from './store-ledger';

/** What was put into a store. */
export interface StoredObject {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** It wasn't there before, or not whole. */
  readonly isNew: boolean;
}

/** How a file came out of a store. `link` shares its bytes with the object, which nobody may write to any more. */
export type WayOut = 'link' | 'copy';

/** A draft that nobody has touched for so long (milliseconds) is what a killed process left. */
const staleAfter = 60 * 60 * 1000;

/** @param stats of the draft; undefined where there is none. */
function isStaleDraft(stats: Stats | undefined): boolean {
  return stats?.isFile() === true && Date.now() - stats.mtimeMs > staleAfter;
}

const chunkSize = 1 << 20;

/**
 * pvr's object store: a folder with the content of committed files, each under its sha256 (pvr libpvr/repolib.go). All checkouts of a
 * user may share it, with pvr as well.
 *
 * Objects are never written in place: each comes as a new file that is on the disk before it takes its name, and its bytes are hashed
 * on their way in. So what has a name is whole, unless somebody else broke it; a broken one is replaced by the next that brings it.
 */
export class ObjectStore {
  /** What {@link flush} writes down. */
  readonly #done: LedgerEntry[] = [];
  #ledger: Promise<StoreLedger> | undefined;
  /** Objects whose bytes were hashed here, on their way in or since, as they were then. */
  readonly #hashed = new Map<string, FileIdentity>();

  /**
   * @param directory absolute path.
   * @param checkout the folder of the checkout that needs the objects, where there is one.
   */
  constructor(
    readonly directory: string,
    readonly checkout?: string,
  ) {}

  /** @param id lower-case hex, see {@link requireObjectId}. */
  pathOf(id: string): string {
    requireObjectId(id);
    return path.join(this.directory, id);
  }

  /** Whether there is an object of that name; {@link isWhole} reads it. */
  async has(id: string): Promise<boolean> {
    return (await lstat(this.pathOf(id)).catch(ignoreMissing))?.isFile() === true;
  }

  /** Bytes; undefined where there is no such object. */
  async sizeOf(id: string): Promise<number | undefined> {
    const stats = await lstat(this.pathOf(id)).catch(ignoreMissing);
    return stats?.isFile() === true ? stats.size : undefined;
  }

  /** Whether an object is there with the bytes that its name says. @throws what the system says; the signal's reason. */
  async isWhole(id: string, signal?: AbortSignal): Promise<boolean> {
    const identity = await identityOf(this.pathOf(id));
    if (identity === undefined || (await sha256OfFile(this.pathOf(id), signal)) !== id) return false;
    this.#hashed.set(id, identity);
    return true;
  }

  /**
   * The path of an object that has been read and is what its name says.
   * @throws Problem when it is missing or damaged.
   */
  async requireWhole(id: string, signal?: AbortSignal): Promise<string> {
    const object = this.pathOf(id);
    try {
      requireWhole(id, await sha256OfFile(object, signal));
      return object;
    } catch (error) {
      signal?.throwIfAborted();
      throw isMissing(error) ? missingObject(id, this.directory, error) : error;
    }
  }

  /** Makes the folder where it is missing. @throws Problem. */
  async make(): Promise<void> {
    await makeFolder(this.directory).catch((error: unknown) => {
      throw fileProblem('making the folder for objects', this.directory, error);
    });
  }

  /**
   * Takes a file in, as it is when it is read. {@link flush} belongs behind the last one.
   *
   * @param expected its sha256, where that is known: an object that is there whole saves the copy.
   * @throws Problem naming what can't be read or written; the signal's reason.
   */
  async put(
    file: string,
    { expected, signal }: { readonly expected?: string | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<StoredObject> {
    try {
      const known = expected === undefined ? undefined : await this.#whole(expected, file, signal);
      return known ?? (await this.#take(file, signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw await this.#failure(`keeping ${file} as an object`, error);
    }
  }

  /**
   * Takes in what comes from elsewhere under a name, whatever it says of itself.
   *
   * @param source where it comes from, for messages.
   * @throws Problem when its bytes are not those of the name, and nothing is kept; the signal's reason; what the source throws.
   */
  async receive(
    id: string,
    content: AsyncIterable<Uint8Array>,
    { source, signal }: { readonly source: string; readonly signal?: AbortSignal },
  ): Promise<StoredObject> {
    requireObjectId(id);
    const draft = this.#draft();
    try {
      const target = await open(draft, 'wx', 0o644);
      const hash = createHash('sha256');
      let size = 0;
      try {
        // What comes from a network comes in small pieces, each of which would be a write of its own.
        let [pieces, waiting]: [Uint8Array[], number] = [[], 0];
        for await (const chunk of content) {
          signal?.throwIfAborted();
          hash.update(chunk);
          size += chunk.length;
          pieces.push(chunk);
          waiting += chunk.length;
          if (waiting < chunkSize) continue;
          await writeAll(target, pieces);
          [pieces, waiting] = [[], 0];
        }
        await writeAll(target, pieces);
      } finally {
        await target.close();
      }
      const sha256 = hash.digest('hex');
      if (sha256 !== id) throw wrongContent(id, source, sha256);
      return await this.#keep(draft, { sha256, size }, signal);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      signal?.throwIfAborted();
      throw await this.#failure(`taking the object ${id} from ${source}`, error);
    }
  }

  /**
   * Waits until the names of all that was put are on the disk, has the ledger know what came from here, and removes what killed processes
   * left.
   */
  async flush(): Promise<void> {
    await syncFolder(this.directory).catch(ignoreMissing);
    if (this.checkout !== undefined) await noteCheckout(this.directory, this.checkout);
    // What is not written down is never cleared up, which is all: so in a folder that no checkout uses, as one that is put to.
    const done = this.#done.splice(0);
    const isUsed = this.checkout !== undefined || (await this.#known()).checkouts.size > 0;
    if (isUsed) await appendToLedger(this.directory, done).catch(() => undefined);
    await this.removeOwnDrafts({ isPreview: false });
  }

  /**
   * Says that objects are going to be needed that may be there, before somebody looks whether they are: {@link clearAway} leaves alone
   * what has been needed lately. Only what came from here is ever cleared away, and so the rest isn't touched.
   */
  async freshen(ids: Iterable<string>): Promise<void> {
    const { own } = await this.#known();
    for (const id of ids) {
      if (!own.has(id)) continue;
      const now = new Date();
      await utimes(this.pathOf(id), now, now).catch(() => undefined);
      this.#done.push({ used: id, at: now.getTime() });
    }
  }

  /** All objects, sorted, whole or not. @throws Problem when the folder can't be listed; none where it is missing. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw fileProblem('listing the objects', this.directory, error);
    });
    return names.filter((name) => isSha256(name)).sort();
  }

  /** When an object's file was last written, in milliseconds since 1970; undefined where there is none. */
  async writtenAt(id: string): Promise<number | undefined> {
    const stats = await lstat(this.pathOf(id)).catch(ignoreMissing);
    return stats?.isFile() === true ? stats.mtimeMs : undefined;
  }

  /**
   * Removes an object unless somebody has written it, or freshened it, since a time (milliseconds since 1970): looked at when nobody finds
   * it any more, so that whoever needs it at this moment either is seen, or brings it anew.
   *
   * @returns whether it was removed.
   * @throws Problem when that fails.
   */
  async clearAway(id: string, since: number): Promise<boolean> {
    const aside = this.#draft();
    try {
      await rename(this.pathOf(id), aside);
      const { mtimeMs } = await lstat(aside);
      const isNeeded = mtimeMs > since;
      if (isNeeded) await rename(aside, this.pathOf(id));
      else await rm(aside);
      if (!isNeeded) this.#done.push({ removed: id });
      return !isNeeded;
    } catch (error) {
      if (isMissing(error)) return false;
      throw fileProblem(`removing the object ${id}`, this.directory, error);
    }
  }

  /** Removes what processes that were killed here left. @returns how many there were, and their bytes. */
  async removeOwnDrafts({
    isPreview,
  }: {
    readonly isPreview: boolean;
  }): Promise<{ readonly count: number; readonly size: number }> {
    let [count, size] = [0, 0];
    for (const name of await readdir(this.directory).catch(() => [])) {
      if (!ownDraft.test(name)) continue;
      const draft = path.join(this.directory, name);
      const stats = await lstat(draft).catch(ignoreMissing);
      if (!isStaleDraft(stats)) continue;
      if (!isPreview) await rm(draft, { force: true });
      [count, size] = [count + 1, size + (stats?.size ?? 0)];
    }
    return { count, size };
  }

  /**
   * Makes a file that has an object's bytes, checked on the way out, unless this store has hashed them itself and nobody wrote to the
   * object since.
   *
   * @param target a path where nothing lies.
   * @param way `link` makes the object read-only and the file a further name of it, where the file system can; else it is a copy.
   * @returns which it became.
   * @throws Problem when the object is missing or damaged, or the file can't be written; the signal's reason.
   */
  async takeOut(
    id: string,
    target: string,
    { way = 'copy', signal }: { readonly way?: WayOut; readonly signal?: AbortSignal } = {},
  ): Promise<WayOut> {
    const object = this.pathOf(id);
    try {
      if (way === 'link' && (await this.#link(id, target, signal))) return 'link';
      if (!(await this.#copied(id, target, signal)))
        requireWhole(id, await copyHashed(object, target, signal));
      return 'copy';
    } catch (error) {
      signal?.throwIfAborted();
      if (isMissing(error) && !(await this.has(id))) throw missingObject(id, this.directory, error);
      throw fileProblem(`taking the object ${id} out`, target, error);
    }
  }

  /** Copies an object that is known to be whole, which the system does by itself. @returns whether it was one. */
  async #copied(id: string, target: string, signal?: AbortSignal): Promise<boolean> {
    const known = this.#hashed.get(id);
    if (known === undefined) return false;
    const isAsHashed = async () => {
      const identity = await identityOf(this.pathOf(id));
      return identity !== undefined && isSameFile(identity, known);
    };
    if (!(await isAsHashed())) return false;
    signal?.throwIfAborted();
    await copyFile(this.pathOf(id), target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    // Somebody may have written to it meanwhile.
    if (await isAsHashed()) return true;
    await rm(target, { force: true });
    return false;
  }

  /** Of an object that is there whole, which nothing need be done about. */
  async #whole(id: string, file: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    await this.freshen([id]);
    const size = await this.sizeOf(id);
    if (size === undefined || size !== (await stat(file)).size) return undefined;
    return (await this.isWhole(id, signal)) ? { sha256: id, size, isNew: false } : undefined;
  }

  async #take(file: string, signal?: AbortSignal): Promise<StoredObject> {
    const draft = this.#draft();
    try {
      const sha256 = await copyHashed(file, draft, signal);
      const { size } = await stat(draft);
      const stored = await this.#keep(draft, { sha256, size }, signal);
      await this.#removeStaleDraft(sha256);
      return stored;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Gives a draft its name, once it is on the disk, unless an object is there whole. */
  async #keep(
    draft: string,
    { sha256, size }: Omit<StoredObject, 'isNew'>,
    signal?: AbortSignal,
  ): Promise<StoredObject> {
    await chmod(draft, 0o644).catch(() => undefined);
    await syncFile(draft);
    const present = await this.sizeOf(sha256);
    if (present !== undefined) await this.freshen([sha256]);
    const isNew = present !== size || !(await this.isWhole(sha256, signal));
    if (isNew) {
      const identity = await identityOf(draft);
      await rename(draft, this.pathOf(sha256));
      if (identity !== undefined) this.#hashed.set(sha256, identity);
    } else await rm(draft);
    // One that was there stays whose it was, also where it had to be mended.
    if (present === undefined) this.#done.push({ added: sha256, at: Date.now() });
    return { sha256, size, isNew };
  }

  /** As it was when it was first wanted: whatever comes into it meanwhile is fresh. */
  #known(): Promise<StoreLedger> {
    return (this.#ledger ??= readLedger(this.directory).catch(() => emptyLedger));
  }

  /** Of what could not be taken in. */
  async #failure(doing: string, error: unknown): Promise<Problem> {
    if (isMissing(error) && (await stat(this.directory).catch(ignoreMissing)) === undefined)
      return noFolder(this.directory, error);
    // Of the folder as such: a copy of the checkout would have the same one.
    const words = errorCode(error) === 'EROFS' ? systemErrorWords(error, this.directory) : undefined;
    return words ? new Problem({ doing, ...words, cause: error }) : fileProblem(doing, this.directory, error);
  }

  #draft(): string {
    return path.join(this.directory, `pvx-${randomUUID()}.new`);
  }

  /** What a pvr that was killed left in place of this object. */
  async #removeStaleDraft(id: string): Promise<void> {
    await removeIfStale(`${this.pathOf(id)}.new`);
  }

  async #link(id: string, target: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await link(this.pathOf(id), target);
      // Before the look, so that nobody writes to it through its name after that.
      await chmod(target, 0o444);
      requireWhole(id, await sha256OfFile(target, signal));
      return true;
    } catch (error) {
      await rm(target, { force: true });
      if (noLinks.has(errorCode(error) ?? '')) return false;
      throw error;
    }
  }
}

/** What a system says that has no further link to give: another file system, one without links, one too many, another's file. */
const noLinks = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);
/** What is on its way into a store, see `#draft`. */
const ownDraft = /^pvx-[0-9a-f-]{36}\.new$/;

/** Removes what a process that was killed left, unless somebody may be at it still. @param draft absolute path of one, if there is one. */
export async function removeIfStale(draft: string): Promise<void> {
  const stats = await lstat(draft).catch(() => undefined);
  if (isStaleDraft(stats)) await rm(draft, { force: true }).catch(() => undefined);
}

/** @throws Problem for anything but a sha256 in lower-case hex: `../x` would be a path elsewhere. */
export function requireObjectId(id: string): void {
  const isName: boolean = isSha256(id);
  if (isName) return;
  throw new Problem({
    doing: 'looking for an object',
    found: `${JSON.stringify(id.slice(0, 80))} is no object's name, which has 64 hexadecimal digits`,
    remedy: 'Get the state again from where it came from: somebody has changed it',
  });
}

/**
 * Copies a file, by sharing its blocks where the file system does that, and hashes what was written.
 * @returns the sha256 of the copy.
 */
async function copyHashed(from: string, to: string, signal?: AbortSignal): Promise<string> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return await sha256OfFile(to, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (isMissing(error) || errorCode(error) === 'EEXIST') throw error;
    await rm(to, { force: true });
  }
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o644);
    try {
      const hash = createHash('sha256');
      const chunk = Buffer.allocUnsafeSlow(chunkSize);
      for (;;) {
        signal?.throwIfAborted();
        const { bytesRead } = await source.read(chunk, 0, chunkSize);
        if (bytesRead === 0) return hash.digest('hex');
        const bytes = chunk.subarray(0, bytesRead);
        hash.update(bytes);
        for (let written = 0; written < bytesRead;) {
          written += (await target.write(bytes, written, bytesRead - written)).bytesWritten;
        }
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function writeAll(target: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const wanted = pieces.reduce((sum, { length }) => sum + length, 0);
  if (wanted === 0) return;
  const { bytesWritten } = await target.writev([...pieces]);
  // A nearly full disk takes a part; what is left tells why.
  if (bytesWritten < wanted) await target.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

function requireWhole(id: string, sha256: string): void {
  if (sha256 === id) return;
  throw new Problem({
    doing: `taking the object ${id} out`,
    found: `it is damaged: its bytes have the sha256 ${sha256}`,
    remedy:
      'Get it again from where it came from, or commit a file with the right content, which replaces it',
  });
}

function wrongContent(id: string, source: string, sha256: string): Problem {
  return new Problem({
    doing: `taking the object ${id} from ${source}`,
    found: `it is damaged: its bytes have the sha256 ${sha256}`,
    remedy: 'Make the source anew, or get it from elsewhere',
  });
}

function missingObject(id: string, directory: string, cause: unknown): Problem {
  return new Problem({
    doing: `taking the object ${id} out`,
    found: `it is not in ${directory}`,
    remedy: 'Get it again from where it came from: a device, an export or another checkout',
    cause,
  });
}

function noFolder(directory: string, cause: unknown): Problem {
  return new Problem({
    doing: 'keeping what is committed',
    found: `the folder for objects, ${directory}, does not exist`,
    remedy: 'Make it, or correct "ObjectsDir" in .pvr/config',
    cause,
  });
}
