import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256Of } from '../../bytes/sha256';
import { concurrently } from '../../files/concurrently';
import { syncFile, syncFolder } from '../../files/durable';
import { identityOf } from '../../files/file-identity';
import { fileProblem, isMissing, pathExists } from '../../files/file-problem';
import { sha256OfFile } from '../../files/hash-file';
import { factsOf, type PathFacts } from '../../files/path-facts';
import { isAtOrBelow } from '../paths';
import { applyJournal, removeTransaction } from './apply-journal';
import { type Journal, type JournalStep, writeJournal, type WrittenFile } from './journal';
import { recover, type Recovered } from './recover';
import type { KnownFile } from './remember-built';
import type { Site } from './step-state';
import { checkTargetPath, missingParents } from './target-path';
import { transactionsFolder } from './transaction-folders';

/** Characters of a private name; all file systems allow for more. */
const longestName = 100;

/** What is to happen to a file (or, removed, a folder), by its path below the checkout with `/` between its parts. */
export type Change =
  | {
      readonly kind: 'replace';
      readonly target: string;
      readonly staged: string;
      /** Of its bytes, where whoever wrote it knows. */
      readonly sha256?: string | undefined;
      /** It is a further name of an object of pvr's store, whose mode stays. */
      readonly isLink?: boolean | undefined;
    }
  | { readonly kind: 'remove'; readonly target: string };

export interface TransactionOptions {
  /** What it is for: `updating web`. Whoever finds it interrupted reads that. */
  readonly what: string;
  /** Takes what became of each transaction that was found interrupted: people are to know. */
  readonly onRecovered: (recovered: Recovered) => void;
}

/**
 * Changes to a checkout's files that happen all at once or not at all, wherever the process may be killed.
 *
 * New files are written to a private folder, `.pvr/tmp/<id>`. A commit writes down what is to be done with them, and that
 * journal is what decides: without it nothing has happened, and with it the rest follows, at the latest in the next
 * {@link recover}. Files are never written in place, since those of `pvr checkout --hardlink` share their content with the
 * object store.
 *
 * Whoever uses one holds the checkout's lock, and ends it with {@link commit} or {@link rollback}.
 */
export class Transaction implements AsyncDisposable {
  readonly checkoutDirectory: string;
  readonly #folder: string;
  readonly #what: string;
  readonly #changes = new Map<string, Change>();
  readonly #confirmed = new Map<string, KnownFile>();
  #names = 0;
  /** The journal says what is to be done, and is what the checkout's old files are kept for until it is done. */
  #isDecided = false;

  private constructor({ checkoutDirectory, folder }: Site, what: string) {
    this.checkoutDirectory = checkoutDirectory;
    this.#folder = folder;
    this.#what = what;
  }

  /** Ends what an interrupted transaction left, then begins a new one. @throws Problem. */
  static async begin(
    checkoutDirectory: string,
    { what, onRecovered }: TransactionOptions,
  ): Promise<Transaction> {
    (await recover(checkoutDirectory)).forEach(onRecovered);
    const folder = path.join(transactionsFolder(checkoutDirectory), randomUUID());
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw fileProblem('preparing to write to the checkout', folder, error);
    }
    return new Transaction({ checkoutDirectory, folder }, what);
  }

  /**
   * One that is never going to be committed, for a checkout that this user may only read: what it writes lies in the system's folder for
   * what doesn't last.
   *
   * @throws Problem.
   */
  static async rehearse(checkoutDirectory: string, what: string): Promise<Transaction> {
    try {
      const folder = path.join(await mkdtemp(path.join(tmpdir(), 'pvx-preview-')), randomUUID());
      await mkdir(folder);
      return new Transaction({ checkoutDirectory, folder }, what);
    } catch (error) {
      throw fileProblem(`preparing for ${what}`, tmpdir(), error);
    }
  }

  /** What has been asked for so far, in order. */
  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  /** Files that stay as they lie there, since they have the right bytes already. */
  get confirmed(): ReadonlyMap<string, KnownFile> {
    return this.#confirmed;
  }

  /** Whether a file at this path is going to be another one, or gone. */
  isChanged(target: string): boolean {
    return this.#changes.has(target);
  }

  /** Where the bytes lie now that a file is going to have after the commit; undefined when there will be no such file. */
  async contentOf(target: string): Promise<string | undefined> {
    const change = this.#changes.get(target);
    if (change !== undefined) return change.kind === 'replace' ? change.staged : undefined;
    const file = path.join(this.checkoutDirectory, target);
    return (await pathExists(file)) ? file : undefined;
  }

  /** A new path in the private folder, for a file that is going to take a place in the checkout, or for scratch. */
  path(name: string): string {
    return path.join(this.#folder, this.#privateName(name));
  }

  /**
   * On commit, the file at `staged` (from {@link path}) takes the place of whatever is at `target`.
   * @param sha256 of its bytes, where it is known already.
   * @param isLink it is a further name of an object of pvr's store.
   */
  replace(target: string, staged: string, sha256?: string, { isLink = false } = {}): void {
    if (path.dirname(staged) !== this.#folder)
      throw new TypeError(`${staged} is not a path of this transaction`);
    this.#plan({ kind: 'replace', target, staged, sha256, isLink });
  }

  /** Says that what lies at `target` needn't be replaced. */
  confirm(target: string, file: KnownFile): void {
    this.#confirmed.set(target, file);
  }

  async writeText(target: string, text: string): Promise<void> {
    const staged = this.path(path.posix.basename(target));
    this.replace(target, staged, sha256Of(text));
    try {
      await writeFile(staged, text, { flag: 'wx' });
    } catch (error) {
      throw fileProblem(`writing ${target}`, staged, error);
    }
  }

  /** On commit, the file or folder is removed, if it is there. */
  remove(target: string): void {
    this.#plan({ kind: 'remove', target });
  }

  /**
   * Makes all the changes. The signal counts until the journal is written.
   *
   * @throws Problem with the path that could not be written, or the signal's reason; the checkout is as it was then. Where it
   * can't be put back either, the Problem says so, and the next {@link recover} finishes the change.
   */
  async commit(signal?: AbortSignal): Promise<void> {
    const site = { checkoutDirectory: this.checkoutDirectory, folder: this.#folder };
    let journal: Journal;
    try {
      journal = await this.#journal();
      signal?.throwIfAborted();
      await writeJournal(this.#folder, journal);
    } catch (error) {
      await this.rollback();
      signal?.throwIfAborted();
      throw fileProblem('writing to the checkout', this.#folder, error);
    }
    this.#isDecided = true;
    await applyJournal(site, journal);
  }

  /** Forgets everything. Nothing happens after a commit, even one that failed: what became of it is up to the journal. */
  async rollback(): Promise<void> {
    if (this.#isDecided) return;
    await removeTransaction({ checkoutDirectory: this.checkoutDirectory, folder: this.#folder });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback();
  }

  #plan(change: Change): void {
    checkTargetPath(change.target);
    for (const { target } of this.#changes.values()) {
      const isWithin = isAtOrBelow(target, change.target) || isAtOrBelow(change.target, target);
      if (isWithin && target !== change.target)
        throw new TypeError(`${change.target} and ${target} can't both be changed`);
    }
    this.#changes.delete(change.target);
    this.#changes.set(change.target, change);
  }

  #privateName(name: string): string {
    // The end of a long one says more than its beginning.
    return `${++this.#names}-${name.replace(/[^\w.-]/g, '_').slice(-longestName)}`;
  }

  /**
   * Everything that can go wrong is looked at before the journal exists; what is staged is on the disk after this, and what it
   * replaces kept by a further link, where there are such.
   */
  async #journal(): Promise<Journal> {
    // At once: it is the disk that is waited for.
    const planned = await concurrently(this.changes, (change) => this.#step(change));
    const folders = new Set(planned.flatMap(({ missing }) => missing));
    const steps = planned.map(({ step }) => step);
    await syncFolder(this.#folder);
    return { version: 2, what: this.#what, folders: [...folders], steps };
  }

  /** What is to be done for a change, and the folders that have to be made for it. */
  async #step(change: Change): Promise<{ readonly missing: readonly string[]; readonly step: JournalStep }> {
    const { target } = change;
    const missing = await missingParents(this.checkoutDirectory, target);
    const place = path.join(this.checkoutDirectory, target);
    const kept = this.#privateName(`kept-${target}`);
    if (change.kind === 'remove')
      return { missing: [], step: { kind: 'remove', target, before: await factsOf(place), kept } };
    const after = await this.#seal(change);
    const staged = path.basename(change.staged);
    const keptPlace = path.join(this.#folder, kept);
    const isLinked = await linkedTo(place, keptPlace);
    // Of what is kept rather than of what lies there, which may have become another file since.
    const before: PathFacts = await factsOf(isLinked ? keptPlace : place);
    return { missing, step: { kind: 'replace', target, before, after, staged, kept, isLinked } };
  }

  async #seal({ staged, sha256, isLink }: Extract<Change, { kind: 'replace' }>): Promise<WrittenFile> {
    try {
      if (!isLink) {
        // Whatever the umask is. Some file systems, such as FAT, have no modes to set; then there is nothing to get right.
        await chmod(staged, 0o644).catch(() => undefined);
        await syncFile(staged);
      }
      const identity = await identityOf(staged);
      if (identity === undefined) throw new TypeError(`${staged} is not a file`);
      return { ...identity, sha256: sha256 ?? (await sha256OfFile(staged)) };
    } catch (error) {
      if (isMissing(error)) throw new TypeError(`${staged} was never written`, { cause: error });
      throw error;
    }
  }
}

/**
 * Makes a further link to a file, so that a rename can take its place while it is kept: then it is never missing.
 *
 * Not on Windows, which lets nobody take the place of a file that is read-only, as those of `pvr checkout --hardlink` are, or
 * that somebody has open, while it can be moved away. Where a file system has no links, or doesn't give one to this user, that
 * is the way, too.
 *
 * @returns whether there is one.
 */
async function linkedTo(file: string, another: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  try {
    const identity = await identityOf(file);
    if (identity === undefined) return false;
    await link(file, another);
    return true;
  } catch {
    return false;
  }
}
