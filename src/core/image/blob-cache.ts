import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evict, removeAbandoned } from '../files/evict';
import { makeFolder } from '../files/make-folder';
import type { Job } from '../job';
import { cacheProblem } from './blob-cache/settings';
import {
  algorithmOf,
  createVerifier,
  finishDigest,
  hexOf,
  type Digest,
  type ExpectedContent,
} from './digest';
import { SharedWork } from './shared-work';

/** Bytes that the cache holds. */
export interface CachedBlob {
  readonly digest: Digest;
  readonly size: number;
}

const chunkSize = 1024 * 1024;

/** Another process may be about to read a blob that it has just asked for. */
const youngMs = 60 * 60 * 1000;
/** A download that still runs has been written to since then. */
const abandonedMs = 24 * 60 * 60 * 1000;

const evictable = ['blobs/sha256', 'blobs/sha512', 'layers/sha256', 'layers/sha512'];

/** So that backup programs leave the folder out (bford.info/cachedir). */
const cacheTag = 'Signature: 8a477f597d28d172789f06886806bc55\n# The cache of Pantavisor Checkouts.\n';

/**
 * Content-addressed files in one folder, shared with other processes: a file appears under its digest when it is whole
 * and checked, and any file may vanish that nobody here holds. Every method that writes throws a Problem that names the
 * folder when it can't.
 */
export class BlobCache {
  readonly #downloads = new SharedWork<CachedBlob>();
  /** Sizes of the blobs whose content this process has checked. */
  readonly #checked = new Map<Digest, number>();
  /** How often each file is held. */
  readonly #held = new Map<string, number>();
  #prepared: Promise<void> | undefined;
  /** Bytes in the folder as far as this process knows. */
  #used = 0;
  #evictAbove = 0;

  /** @param limit bytes that may stay; the least recently used blobs go first, none younger than an hour. */
  constructor(
    readonly directory: string,
    readonly limit: number,
  ) {}

  /**
   * The blob, if it is here. The first time that a process asks for it, all of its bytes are checked, and a file that was
   * damaged is removed; later on only its size is.
   */
  async find({ digest, size }: ExpectedContent, signal: AbortSignal): Promise<CachedBlob | undefined> {
    const file = this.#fileOf(digest);
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() !== true) return undefined;
    const blob = { digest, size: stats.size };
    const isWhole = size === undefined || size === stats.size;
    if (!isWhole || !(await this.#check(blob, signal))) {
      await rm(file, { force: true }).catch(() => undefined);
      return undefined;
    }
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return blob;
  }

  /** The blob, downloaded unless it is here; many that want the same one at the same time share a download. */
  fetch(
    content: ExpectedContent,
    download: (job: Job) => AsyncIterable<Uint8Array>,
    job: Job,
  ): Promise<CachedBlob> {
    return this.#downloads.join(content.digest, job, async (shared) => {
      const here = await this.find(content, shared.signal);
      return here ?? this.#keep(download(shared), shared.signal, content);
    });
  }

  /** Keeps bytes whose digest is not known beforehand. */
  store(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<CachedBlob> {
    return this.#keep(chunks, signal);
  }

  /** The bytes of a blob from {@link find}, {@link fetch} or {@link store}. */
  async *read({ digest }: CachedBlob): AsyncGenerator<Uint8Array, void, undefined> {
    const release = this.hold(digest);
    try {
      const handle = await open(this.#fileOf(digest)).catch((error: unknown) => {
        throw cacheProblem(this.directory, error);
      });
      for await (const chunk of handle.createReadStream({ highWaterMark: chunkSize })) {
        if (chunk instanceof Uint8Array) yield chunk;
      }
    } finally {
      release();
    }
  }

  /** Keeps this process from evicting a blob until the answer is called; it need not be here yet. */
  hold(digest: Digest): () => void {
    const file = this.#fileOf(digest);
    this.#held.set(file, (this.#held.get(file) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const others = (this.#held.get(file) ?? 1) - 1;
      if (others > 0) this.#held.set(file, others);
      else this.#held.delete(file);
    };
  }

  async #check(blob: CachedBlob, signal: AbortSignal): Promise<boolean> {
    if (this.#checked.get(blob.digest) === blob.size) return true;
    const hash = createHash(algorithmOf(blob.digest));
    for await (const chunk of this.read(blob)) {
      signal.throwIfAborted();
      hash.update(chunk);
    }
    if (finishDigest(hash, algorithmOf(blob.digest)) !== blob.digest) return false;
    this.#checked.set(blob.digest, blob.size);
    return true;
  }

  async #keep(
    chunks: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    expected?: ExpectedContent,
  ): Promise<CachedBlob> {
    await (this.#prepared ??= this.#prepare());
    const temporary = path.join(this.#partialFolder, randomUUID());
    try {
      const blob = await this.#write(chunks, temporary, signal, expected);
      await this.#moveIntoPlace(temporary, blob);
      this.#checked.set(blob.digest, blob.size);
      this.#used += blob.size;
      if (this.#used > this.#evictAbove) await this.#evict();
      return blob;
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async #write(
    chunks: AsyncIterable<Uint8Array>,
    file: string,
    signal: AbortSignal,
    expected: ExpectedContent | undefined,
  ): Promise<CachedBlob> {
    const verifier = expected && createVerifier(expected, `keeping ${expected.digest}`);
    const hash = createHash('sha256');
    let size = 0;
    const handle = await this.#using(open(file, 'wx'));
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        (verifier ?? hash).update(chunk);
        size += chunk.length;
        await this.#using(handle.writeFile(chunk));
      }
    } finally {
      await this.#using(handle.close());
    }
    verifier?.finish();
    return { digest: expected?.digest ?? finishDigest(hash, 'sha256'), size };
  }

  /** Trouble with the folder, as opposed to trouble with what is to be kept in it. */
  async #using<T>(operation: Promise<T>): Promise<T> {
    return operation.catch((error: unknown) => {
      throw cacheProblem(this.directory, error);
    });
  }

  async #moveIntoPlace(temporary: string, { digest, size }: CachedBlob): Promise<void> {
    const file = this.#fileOf(digest);
    try {
      await makeFolder(path.dirname(file));
      await rename(temporary, file);
    } catch (error) {
      // Windows does not replace a file that another process reads; being named so, it is the same.
      const there = await stat(file).catch(() => undefined);
      if (there?.size !== size) throw cacheProblem(this.directory, error);
    }
  }

  async #prepare(): Promise<void> {
    try {
      await makeFolder(this.#partialFolder);
      await writeFile(path.join(this.directory, 'CACHEDIR.TAG'), cacheTag);
    } catch (error) {
      this.#prepared = undefined;
      throw cacheProblem(this.directory, error);
    }
    await removeAbandoned(this.#partialFolder, abandonedMs);
    await this.#evict();
  }

  async #evict(): Promise<void> {
    const folders = evictable.map((folder) => path.join(this.directory, folder));
    this.#used = await evict(folders, {
      limit: this.limit,
      keptFor: youngMs,
      isInUse: (file) => this.#held.has(file),
    });
    // When all that is left must stay, looking again after each small blob would find the same.
    this.#evictAbove = Math.max(this.limit, this.#used + this.limit / 20);
  }

  get #partialFolder(): string {
    return path.join(this.directory, 'partial');
  }

  #fileOf(digest: Digest): string {
    return path.join(this.directory, 'blobs', algorithmOf(digest), hexOf(digest));
  }
}
