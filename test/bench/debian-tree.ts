import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ByteString } from '../../src/core/bytes/byte-string';
import { pathExists } from '../../src/core/files/file-problem';
import { DebianMaker } from '../device-view/debian';

const run = promisify(execFile);

/** `large`: a server with its tools, some 550 MB. `small`: a minimal system, some 130 MB. */
export type TreeKind = 'large' | 'small';

const packagesOf: Readonly<Record<TreeKind, readonly string[]>> = {
  large: ['gcc', 'git', 'nginx-full', 'python3', 'systemd', 'vim'],
  small: ['netbase'],
};

/** An unpacked Debian root file system in `folder`, made when it isn't there yet; a later run finds it. */
export async function debianTree(kind: TreeKind, folder: string): Promise<string> {
  const tree = path.join(folder, `debian-${kind}`);
  if (await pathExists(tree)) return tree;

  const draft = path.join(folder, `debian-${kind}.draft`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const tar = path.join(folder, `debian-${kind}.tar`);
  await new DebianMaker(path.join(folder, 'packages')).make(tar, {
    packages: packagesOf[kind],
    updates: true,
  });
  await run('tar', ['xf', tar, '-C', draft, '--xattrs', '--xattrs-include=*', '--exclude=./dev/*']);
  await rm(tar);
  await rename(draft, tree);
  return tree;
}

export interface TreeEntry {
  /** As find(1) names it: `f` for files. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly path: ByteString;
}

/**
 * As much of a tree as makes `megabytes` of files: all of its folders and links, and an even choice of its files. The same
 * tree gives the same choice.
 * @throws Error when the tree is smaller than that.
 */
export async function partOfTree(tree: string, megabytes: number): Promise<readonly TreeEntry[]> {
  const all = await listTree(tree);
  const total = all.reduce((sum, { type, size }) => sum + (type === 'f' ? size : 0), 0);
  const fraction = (megabytes * 1e6) / total;
  if (fraction > 1)
    throw new Error(`${tree} has ${Math.floor(total / 1e6)} MB, and ${megabytes} MB are wanted`);
  return all.filter(({ type, path: name }) => type !== 'f' || dice(name) < fraction);
}

/** `count` files, chosen evenly; a larger choice has those of a smaller one. */
export function chooseFiles(entries: readonly TreeEntry[], count: number): readonly TreeEntry[] {
  const files = entries.filter(({ type, size }) => type === 'f' && size > 0);
  const rolled = files.map((file) => ({ file, rank: dice(`chosen ${file.path}`) }));
  return rolled
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ file }) => file);
}

/** A tar archive of these entries alone, as an image's layer has it. */
export async function tarOfTree(tree: string, entries: readonly TreeEntry[]): Promise<Buffer> {
  const args = ['--create', '--directory', tree, '--no-recursion', '--null', '--files-from=-'];
  const form = ['--format=pax', '--pax-option=delete=atime,delete=ctime', '--numeric-owner'];
  const tar = run('tar', [...args, ...form, '--xattrs', '--xattrs-include=*'], {
    encoding: 'buffer',
    maxBuffer: Infinity,
  });
  tar.child.stdin?.end(Buffer.from(entries.map(({ path: name }) => `${name}\0`).join(''), 'latin1'));
  return (await tar).stdout;
}

/** In the order of the paths, without the root. */
async function listTree(tree: string): Promise<readonly TreeEntry[]> {
  const { stdout } = await run('find', [tree, '-mindepth', '1', '-printf', '%y\\t%s\\t%P\\0'], {
    encoding: 'latin1',
    maxBuffer: Infinity,
  });
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [type = '', size, ...name] = line.split('\t');
      return { type, size: Number(size), path: name.join('\t') };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Evenly from 0 to 1, and always the same for the same text. */
function dice(seed: string): number {
  return createHash('sha256').update(seed, 'latin1').digest().readUInt32LE() / 2 ** 32;
}
