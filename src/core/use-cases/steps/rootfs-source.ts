import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type ByteString } from '../../bytes/byte-string';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { fileProblem, isMissing } from '../../files/file-problem';
import { decompressed } from '../../image/layer-compression';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import type { CompiledPython } from '../../rootfs/compiled-python';
import { inLayerOrder, streamContents } from '../../rootfs/contents';
import { readFolder, streamFolder } from '../../rootfs/folder';
import { indexLayer } from '../../rootfs/index-layer';
import { mergeLayers } from '../../rootfs/merge';
import type { StoredContent } from '../../rootfs/stored-content';
import { type Directory, type Hashed, regularFiles, type RegularFile, walk } from '../../rootfs/tree';
import type { Workshop } from '../environment';
import { type AppTree, readOnce, type TreeSource, withLeftOut } from './app-tree';
import { openBase } from './base-contents';
import { download } from './download';
import { findGnuTar, tarOfFolder } from './gnu-tar';
import { storedTree } from './stacked-tree';

/** A root file system, opened; its files stay open until it is disposed of. */
export interface RootfsSource extends TreeSource, AsyncDisposable {}

/**
 * Opens a root file system: a folder, a tar archive in any compression, a SquashFS file, or the address of such a file. pvr takes
 * folders, and archives with gzip or without, here or at an address, which it unpacks to disk (libpvr/approotfslib.go).
 *
 * @param folder that paths start from.
 * @throws Problem when there is nothing of the kind.
 */
export async function openRootfs(
  reference: string,
  folder: string,
  change: ChangingCheckout,
  workshop: Workshop,
): Promise<RootfsSource> {
  if (isWebAddress(reference)) {
    const file = change.transaction.path('root-file-system');
    await download(new URL(reference), file, workshop.downloads, workshop.job);
    return openFile(file, reference, workshop);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(reference))
    throw notThere(reference, 'of addresses, only those of the web (http and https) are understood');
  const place = pathOf(reference, folder);
  const stats = await stat(place).catch((error: unknown) => {
    if (isMissing(error)) throw notThere(reference, 'nothing lies there', error);
    throw fileProblem(`reading ${reference}`, place, error);
  });
  return stats.isDirectory() ? folderSource(place) : openFile(place, reference, workshop);
}

export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** As shells and pvr take `~`. */
function pathOf(reference: string, folder: string): string {
  return /^~(?:\/|$)/.test(reference)
    ? path.join(homedir(), reference.slice(1))
    : path.resolve(folder, reference);
}

async function openFile(file: string, name: string, opener: Workshop): Promise<RootfsSource> {
  if (!(await startsWith(file, name, 'hsqs'))) return tarSource(file, name);
  const base = await openBase(file, opener);
  return {
    read: readOnce(async (leftOut, workshop) => {
      requireRootfs(base.root, name);
      return withLeftOut(await storedTree(base, workshop), leftOut, workshop);
    }),
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

function tarSource(file: string, name: string): RootfsSource {
  const read = readOnce(async (leftOut, workshop) => {
    const { job, pool } = workshop;
    const open = () =>
      inWordsOf(name, decompressed(createReadStream(file), pool.directory, `reading ${name}`));
    const { root, time } = await treeOfTar(open(), name, job);
    const tree: AppTree<StoredContent & { readonly layer: number }> = {
      root,
      time,
      inReadingOrder: inLayerOrder,
      contents: (wanted) => inWordsOf(name, streamContents([{ open }], wanted, job)),
      compiled: (files) => Promise.resolve(knownCompiled(files)),
    };
    return withLeftOut(tree, leftOut, workshop);
  });
  return { read, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** The tree of an archive that holds a whole file system: a name is nothing but a name. */
async function treeOfTar(bytes: AsyncIterable<Uint8Array>, name: string, job: Job) {
  try {
    const index = await indexLayer(counted(bytes, job), job, 'plain');
    const time = index.entries.reduce(
      (newest, entry) => ('attributes' in entry ? Math.max(newest, entry.attributes.mtime) : newest),
      0,
    );
    const { root, warnings } = await mergeLayers([index], { time }, job);
    warnings.forEach((warning) => job.warn(warning));
    requireRootfs(root, name);
    return { root, time };
  } catch (error) {
    throw asOf(name, error);
  }
}

/** Reading it takes as long as it is large, which nobody knows before. */
async function* counted(bytes: AsyncIterable<Uint8Array>, job: Job): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of bytes) {
    done += chunk.length;
    job.progress('index', done, undefined);
    yield chunk;
  }
}

function folderSource(folder: string): RootfsSource {
  const read = readOnce(async (leftOut, workshop) => {
    const { job } = workshop;
    const root = await treeOfFolder(folder, job);
    requireRootfs(root, folder);
    warnOfOwner(folder, root, job);
    const pathOfFile = new Map<RegularFile<Known>, ByteString>();
    for (const [place, node] of walk(root)) if (node.kind === 'file') pathOfFile.set(node, place);
    const order = new Map([...pathOfFile.keys()].map((file, at) => [file, at]));
    const orderOf = (file: RegularFile<Known>) => order.get(file) ?? 0;
    const tree: AppTree<Known> = {
      root,
      time: newestTime(root),
      inReadingOrder: (files) => [...new Set(files)].sort((a, b) => orderOf(a) - orderOf(b)),
      contents: (wanted) => streamFolder(folder, wanted, pathOfFile, job),
      compiled: (files) => Promise.resolve(knownCompiled(files)),
    };
    return withLeftOut(tree, leftOut, workshop);
  });
  return { read, [Symbol.asyncDispose]: () => Promise.resolve() };
}

interface Known extends Hashed {
  readonly compiled?: CompiledPython | undefined;
}

async function treeOfFolder(folder: string, job: Job): Promise<Directory<Known>> {
  const tar = await findGnuTar();
  if (tar !== undefined) return (await treeOfTar(tarOfFolder(tar, folder, job), folder, job)).root;
  if (isFakeroot())
    throw new Problem({
      doing: `reading ${folder}`,
      found: 'fakeroot says whose its files are, and only GNU tar, which is not installed, can ask it',
      remedy: 'Install tar, or read the folder without fakeroot',
    });
  job.warn(
    `${folder} is read without its files' extended attributes, such as capabilities, for which GNU tar would have to be installed on Linux`,
  );
  if (process.platform === 'win32')
    job.warn(
      `${folder} lies on Windows, which has neither owners nor modes as Linux has them; use an archive`,
    );
  return readFolder(folder, job);
}

/** Also of Yocto's pseudo, which `fakeroot` is there. */
function isFakeroot(): boolean {
  return /libfakeroot|libpseudo/.test(process.env['LD_PRELOAD'] ?? '') || 'FAKEROOTKEY' in process.env;
}

/** pvr runs as root, or has fakeroot make root the owner; an ordinary user's folder would bring that user along. */
function warnOfOwner(folder: string, root: Directory<unknown>, job: Job): void {
  const user = process.getuid?.() ?? 0;
  if (user === 0 || isFakeroot()) return;
  const count = [...walk(root)].filter(([, { attributes }]) => attributes.uid === user).length;
  if (count === 0) return;
  job.warn(
    `${count} of what is in ${folder} belongs to you (user ${user}), and so it will on the device; ` +
      `to have root own it, as pvr does, run this within fakeroot or as root`,
  );
}

function newestTime(root: Directory<unknown>): number {
  let newest = root.attributes.mtime;
  for (const [, { attributes }] of walk(root)) newest = Math.max(newest, attributes.mtime);
  return newest;
}

function knownCompiled<C extends Known>(
  files: readonly RegularFile<C>[],
): ReadonlyMap<RegularFile<C>, CompiledPython> {
  return new Map(
    files.flatMap((file) => (file.content.compiled === undefined ? [] : [[file, file.content.compiled]])),
  );
}

/** @throws Problem for what is something else than a root file system, by what lies at its top. */
function requireRootfs(root: Directory<unknown>, name: string): void {
  const has = (...names: readonly string[]) => names.every((one) => root.children.has(one));
  const refuse = (found: string, instead: Parameters<typeof way.from>[0]) =>
    new Problem({
      doing: `reading ${name}`,
      found: `${found}, not a root file system`,
      remedy: remedy`Add it ${way.from(instead)}`,
    });
  if (has('oci-layout') || (has('manifest.json') && !has('etc') && !has('usr')))
    throw refuse('it is the archive of an image', 'archive');
  if (has('.pvr')) throw refuse('it is a checkout', 'pvr');
  if (has('json', 'objects') && root.children.size === 2)
    throw refuse('it is an export of a checkout', 'pvr');
  if (regularFiles(root).length === 0)
    throw new Problem({
      doing: `reading ${name}`,
      found: 'there is no file in it',
      remedy: 'Name the folder, the tar archive or the SquashFS file of a root file system',
    });
}

async function startsWith(file: string, name: string, magic: string): Promise<boolean> {
  try {
    await using handle = await open(file, 'r');
    const start = Buffer.alloc(magic.length);
    await handle.read(start, 0, magic.length, 0);
    return start.toString('latin1') === magic;
  } catch (error) {
    throw fileProblem(`reading ${name}`, file, error);
  }
}

function notThere(reference: string, found: string, cause?: unknown): Problem {
  return new Problem({
    doing: `reading ${reference}`,
    found,
    remedy:
      'Name the folder, the tar archive or the SquashFS file of a root file system, or its address in the web',
    cause,
  });
}

/** Those who read layers speak of these. */
function asOf(name: string, error: unknown): unknown {
  if (!(error instanceof Problem) || !/^reading (?:a|files from a) layer/.test(error.doing)) return error;
  const { found, cause } = error;
  return new Problem({
    doing: `reading ${name}`,
    found,
    remedy: 'Make it anew, or get it again from where it came from',
    cause,
  });
}

async function* inWordsOf<T>(name: string, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw asOf(name, error);
  }
}
