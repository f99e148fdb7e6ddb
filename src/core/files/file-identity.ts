import type { BigIntStats } from 'node:fs';
import { lstat, stat, statfs } from 'node:fs/promises';
import { ignoreMissing } from './file-problem';

/**
 * What tells a file from another one, and from itself after somebody wrote to it, without reading it. Renaming a file and
 * making further links to it leave it the same.
 */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  /** When it was last written to: nanoseconds since 1970, as exact as its file system is. */
  readonly mtimeNs: bigint;
  /** 0 where a file system has no numbers that last, see {@link numbersLast}. */
  readonly inode: bigint;
}

/**
 * @returns undefined when there is nothing at the path, or something else than a file: a symbolic link is not followed.
 * @throws what the system says when nobody can look.
 */
export async function identityOf(file: string): Promise<FileIdentity | undefined> {
  return new Identities().identity(file, await lstat(file, { bigint: true }).catch(ignoreMissing));
}

/** For looking at many files: file systems are asked once about their numbers. */
export class Identities {
  /** By device number, which may become another file system's when one is unmounted: not to be kept for long. */
  readonly #numbersLast = new Map<bigint, Promise<boolean>>();

  /**
   * As {@link identityOf}, but that a symbolic link counts as what it leads to.
   * @throws what the system says, also where there is nothing.
   */
  async ofTarget(file: string): Promise<FileIdentity | undefined> {
    return this.identity(file, await stat(file, { bigint: true }));
  }

  /** @param stats of what is at the path; undefined: nothing is. */
  async identity(file: string, stats: BigIntStats | undefined): Promise<FileIdentity | undefined> {
    if (stats?.isFile() !== true) return undefined;
    const known = this.#numbersLast.get(stats.dev) ?? numbersLast(file);
    this.#numbersLast.set(stats.dev, known);
    return {
      size: Number(stats.size),
      mtimeNs: stats.mtimeNs,
      inode: (await known) ? stats.ino : 0n,
    };
  }
}

/**
 * Whether two identities are of one file that nobody wrote to in between. A file whose number nobody knows is told by its
 * size and time alone.
 */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  const mayBeOne = a.inode === b.inode || a.inode === 0n || b.inode === 0n;
  return mayBeOne && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/** An identity on one line: {@link identityFromText} reads it again. */
export function identityToText({ size, mtimeNs, inode }: FileIdentity): string {
  return [size, mtimeNs, inode].join(' ');
}

/** undefined of any other text. */
export function identityFromText(text: string): FileIdentity | undefined {
  const [, size, mtimeNs, inode] = /^(\d{1,15}) (-?\d{1,20}) (\d{1,20})$/.exec(text) ?? [];
  if (size === undefined || mtimeNs === undefined || inode === undefined) return undefined;
  return { size: Number(size), mtimeNs: BigInt(mtimeNs), inode: BigInt(inode) };
}

/** As statfs(2) calls them: FAT, exFAT, and whatever a process serves (FUSE). */
const makeNumbersUp: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0, 0x65735546]);

/**
 * Whether a file keeps its inode number. Where the file system has none on disk, Linux makes them up, and anew after it forgot
 * the file, or was started again. Windows has numbers of its own, which NTFS keeps; where it has none, such as on some
 * shares, they are 0, and on FAT they may change when the file is renamed: then it is taken for another one, never another
 * one for it.
 */
async function numbersLast(file: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const type = (await statfs(file).catch(ignoreMissing))?.type;
  return type === undefined || !makeNumbersUp.has(type);
}
