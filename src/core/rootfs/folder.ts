import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { type ByteString, byteStringToBytes } from '../bytes/byte-string';
import { createConcurrencyLimit } from '../files/concurrently';
import { fileProblem } from '../files/file-problem';
import type { Job } from '../job';
import { Problem } from '../problem';
import { type CompiledPython, CompiledPythonHash, isCompiledName } from './compiled-python';
import type { Attributes, Directory, FileContent, Hashed, Node, RegularFile } from './tree';
import { noXattrs } from './tree';

/** A file of a folder of this machine. */
export interface FolderContent extends Hashed {
  readonly compiled?: CompiledPython | undefined;
}

/** Files that are read at once: the disk is what is waited for. */
const atOnce = 8;

/**
 * The tree of a folder of this machine, with owners and modes as they are there, and all its files read once. Extended attributes
 * are not seen. Whatever is a hard link of something else in it is one in the tree.
 *
 * @throws Problem when something in it can't be read; the signal's reason.
 */
export async function readFolder(folder: string, job: Job): Promise<Directory<FolderContent>> {
  const known = new Map<string, Promise<Node<FolderContent>>>();
  const limit = createConcurrencyLimit(atOnce);

  async function nodeAt(place: Buffer, name: ByteString): Promise<Node<FolderContent>> {
    job.signal.throwIfAborted();
    const stats = await inWords(place, lstat(place, { bigint: true }));
    if (stats.isDirectory()) return directoryAt(place, stats);
    const key = `${stats.dev}:${stats.ino}`;
    const linked = stats.nlink > 1n ? known.get(key) : undefined;
    if (linked !== undefined) return linked;
    const made = makeNode(place, name, stats);
    known.set(key, made);
    return made;
  }

  async function directoryAt(place: Buffer, stats: BigIntStats): Promise<Directory<FolderContent>> {
    const names = await inWords(place, readdir(place, { encoding: 'buffer' }));
    const children = await settled(
      names.map(async (bytes) => {
        const name = bytes.toString('latin1');
        return [name, await nodeAt(below(place, bytes), name)] as const;
      }),
    );
    return { kind: 'directory', attributes: attributesOf(stats), children: new Map(children) };
  }

  async function makeNode(place: Buffer, name: ByteString, stats: BigIntStats): Promise<Node<FolderContent>> {
    const attributes = attributesOf(stats);
    if (stats.isSymbolicLink()) {
      const target = (await inWords(place, readlink(place, { encoding: 'buffer' }))).toString('latin1');
      return { kind: 'symlink', attributes: { ...attributes, mode: 0o777 }, target };
    }
    if (stats.isFile()) {
      const { size, ...content } = await limit(() => inWords(place, hashed(place, name, job)));
      return { kind: 'file', attributes, size, content };
    }
    if (stats.isFIFO()) return { kind: 'fifo', attributes };
    if (stats.isSocket()) return { kind: 'socket', attributes };
    const kind = stats.isBlockDevice() ? 'block' : 'char';
    return { kind, attributes, ...deviceNumbers(stats.rdev) };
  }

  const place = Buffer.from(folder, 'utf8');
  return directoryAt(place, await inWords(place, lstat(place, { bigint: true })));
}

/**
 * Streams files of a folder, each once and checked.
 *
 * @param pathOf where each lies below the folder.
 * @throws Problem when one isn't what it was any more.
 */
export async function* streamFolder<C extends Hashed>(
  folder: string,
  wanted: readonly RegularFile<C>[],
  pathOf: ReadonlyMap<RegularFile<C>, ByteString>,
  job: Job,
): AsyncGenerator<FileContent<C>, void, undefined> {
  for (const file of wanted) {
    const place = below(Buffer.from(folder, 'utf8'), byteStringToBytes(pathOf.get(file) ?? ''));
    yield await Promise.resolve({ file, chunks: checked(place, file, job) });
  }
}

async function* checked<C extends Hashed>(
  place: Buffer,
  file: RegularFile<C>,
  job: Job,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (file.size === 0) return;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunksOf(place, job)) {
    hash.update(chunk);
    size += chunk.length;
    if (size > file.size) break;
    yield chunk;
  }
  if (size === file.size && hash.digest('hex') === file.content.sha256) return;
  throw new Problem({
    doing: `reading ${place.toString('utf8')}`,
    found: 'it has changed while it was read',
    remedy: 'Try again when nothing writes to it any more',
  });
}

async function hashed(
  place: Buffer,
  name: ByteString,
  job: Job,
): Promise<FolderContent & { readonly size: number }> {
  const hash = createHash('sha256');
  const compiled = isCompiledName(name) ? new CompiledPythonHash() : undefined;
  let size = 0;
  for await (const chunk of chunksOf(place, job)) {
    hash.update(chunk);
    compiled?.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex'), compiled: compiled?.finish() };
}

async function* chunksOf(place: Buffer, job: Job): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of createReadStream(place, { highWaterMark: 256 * 1024 })) {
      job.signal.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    job.signal.throwIfAborted();
    throw wordsOf(place, error);
  }
}

const latest = 0xffff_ffffn;

function attributesOf({ mode, uid, gid, mtimeNs }: BigIntStats): Attributes {
  const seconds = mtimeNs / 1_000_000_000n;
  return {
    mode: Number(mode & 0o7777n),
    uid: Number(uid),
    gid: Number(gid),
    mtime: Number(seconds < 0n ? 0n : seconds > latest ? latest : seconds),
    xattrs: noXattrs,
  };
}

/** As glibc's gnu_dev_major and gnu_dev_minor take them apart. */
function deviceNumbers(rdev: bigint): { readonly major: number; readonly minor: number } {
  return {
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xffff_f000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffff_ff00n)),
  };
}

function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}

async function inWords<T>(place: Buffer, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw wordsOf(place, error);
  });
}

function wordsOf(place: Buffer, error: unknown): unknown {
  const shown = place.toString('utf8');
  return fileProblem(`reading ${shown}`, shown, error);
}

/** All of them, once none is under way any more. */
async function settled<T>(all: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(all);
  return Promise.all(all);
}
