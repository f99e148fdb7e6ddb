import path from 'node:path';
import { type FileIdentity, Identities, isSameFile } from '../../files/file-identity';
import { pathExists } from '../../files/file-problem';
import { isAtOrBelow } from '../paths';
import { type BuiltFile, type HashedFile, readHashIndex, writeHashIndex } from './index-file';

/**
 * What is known of the content of a checkout's large files without reading them again, as git's index knows it of its files: a
 * hash counts as long as the file has the size, time and inode with which it was hashed.
 *
 * It is kept in `.pvr/pvx-index`, which makes work shorter and is never needed: where it is lost, broken or can't be
 * written, files are hashed again.
 */
export class HashIndex {
  readonly checkoutDirectory: string;
  readonly #files: Map<string, HashedFile>;
  readonly #built: Map<string, BuiltFile>;
  readonly #identities = new Identities();
  /** Paths of what was learnt since it was opened. */
  readonly #learnt = new Set<string>();

  private constructor(
    checkoutDirectory: string,
    files: ReadonlyMap<string, HashedFile>,
    built: ReadonlyMap<string, BuiltFile>,
  ) {
    this.checkoutDirectory = checkoutDirectory;
    this.#files = new Map(files);
    this.#built = new Map(built);
  }

  static async open(checkoutDirectory: string): Promise<HashIndex> {
    const { files, built } = await readHashIndex(checkoutDirectory);
    return new HashIndex(checkoutDirectory, files, built);
  }

  /**
   * The sha256 of a file, where it was hashed and is still the same; a symbolic link counts as what it points to.
   * @param file path below the checkout.
   */
  async known(file: string): Promise<string | undefined> {
    const entry = this.#files.get(file);
    if (entry === undefined) return undefined;
    const identity = await this.#identity(file).catch(() => undefined);
    return identity !== undefined && isSameFile(identity, entry) && isSettled(identity, entry.hashedAt)
      ? entry.sha256
      : undefined;
  }

  /**
   * The sha256 of a file, by reading it where it isn't known.
   *
   * @param hash reads all of a file, given by its absolute path.
   * @throws what `hash` throws, and what the system says.
   */
  async hash(file: string, hash: (file: string) => Promise<string>): Promise<string> {
    const known = await this.known(file);
    if (known !== undefined) return known;
    const hashedAt = Date.now();
    const before = await this.#identity(file);
    const sha256 = await hash(path.join(this.checkoutDirectory, file));
    const after = await this.#identity(file);
    if (before && after && isSameFile(before, after)) this.#learn(file, { ...after, sha256, hashedAt });
    return sha256;
  }

  /**
   * Remembers a file that lies there with the bytes that were just written or compared, and what they were built from.
   * @param hashedAt milliseconds since 1970 at which nobody else could have written to it yet.
   */
  async noteBuilt(file: string, { sha256, recipe, hashedAt }: BuiltFile & { readonly hashedAt: number }) {
    this.#built.set(file, { sha256, recipe });
    this.#learnt.add(file);
    await this.note(file, { sha256, hashedAt });
  }

  /** The same of a file that was built elsewhere. */
  async note(file: string, { sha256, hashedAt }: { readonly sha256: string; readonly hashedAt: number }) {
    const identity = await this.#identity(file);
    if (identity !== undefined) this.#learn(file, { ...identity, sha256, hashedAt });
  }

  /** A file, or all that lay in a folder, was removed on purpose: what comes in its place owes nothing to it. */
  forget(target: string): void {
    for (const file of [...this.#files.keys(), ...this.#built.keys()]) {
      if (!isAtOrBelow(file, target)) continue;
      this.#files.delete(file);
      this.#built.delete(file);
      this.#learnt.add(file);
    }
  }

  /** What was built at a path last, whatever lies there now. */
  built(file: string): BuiltFile | undefined {
    return this.#built.get(file);
  }

  /**
   * Keeps what was learnt, together with what others have learnt meanwhile, and forgets files that are gone. That it can't be
   * written, as in a checkout that one may only read, costs time later and nothing else.
   */
  async save(): Promise<void> {
    if (this.#learnt.size === 0) return;
    const { files, built } = await readHashIndex(this.checkoutDirectory);
    const merged = { files: new Map(files), built: new Map(built) };
    for (const file of this.#learnt) {
      keep(merged.files, file, this.#files.get(file));
      keep(merged.built, file, this.#built.get(file));
    }
    for (const file of new Set([...merged.files.keys(), ...merged.built.keys()])) {
      if (await pathExists(path.join(this.checkoutDirectory, file))) continue;
      merged.files.delete(file);
      merged.built.delete(file);
    }
    await writeHashIndex(this.checkoutDirectory, merged).catch(() => undefined);
  }

  #learn(file: string, entry: HashedFile): void {
    this.#files.set(file, entry);
    this.#learnt.add(file);
  }

  #identity(file: string): Promise<FileIdentity | undefined> {
    return this.#identities.ofTarget(path.join(this.checkoutDirectory, file));
  }
}

/**
 * Whether a file has been left alone for long enough before it was hashed that writing to it afterwards would have given it
 * another time. Linux counts in ticks of at most 10 ms; where no time has more than seconds, as on FAT, they come in twos.
 */
function isSettled({ mtimeNs }: FileIdentity, hashedAt: number): boolean {
  const tick = mtimeNs % 1_000_000_000n === 0n ? 2_000 : 20;
  return mtimeNs < BigInt(hashedAt - tick) * 1_000_000n;
}

function keep<Value>(into: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) into.delete(key);
  else into.set(key, value);
}
