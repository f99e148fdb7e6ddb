import { silentJob, type Job } from '../job';
import { stackTrees } from '../rootfs/stack';
import { regularFiles, type Directory, type RegularFile } from '../rootfs/tree';
import { SquashfsReader, type BlockContent, type ByteRange } from '../squashfs/reader';

/**
 * The SquashFS files that are looked into as one file system, as absolute paths, the lowest first: one alone as it is,
 * whiteouts and all; several as a device stacks them.
 */
export type MountFiles = readonly string[];

/** A file system that can be looked into while somebody uses it. */
export interface Mount {
  readonly root: Directory<BlockContent>;
  /** When its files were last written, in milliseconds since 1970. */
  readonly modified: number;
  /** The one that holds a file of `root`. */
  readerOf(file: RegularFile<BlockContent>): SquashfsReader;
  /** The bytes of a file of `root`, or of a range of it. */
  read(file: RegularFile<BlockContent>, job: Job, range?: ByteRange): AsyncIterable<Uint8Array>;
}

/** What is kept of a mount that nobody uses. */
interface KnownTree {
  readonly version: string;
  readonly tree: Promise<MountedTree>;
}

interface MountedTree {
  readonly root: Directory<BlockContent>;
  /** For each file system above the lowest, the files that come from it. */
  readonly upper: readonly ReadonlySet<RegularFile<BlockContent>>[];
}

/** Two apps with three views each; a tree of 100,000 entries takes some 50 MB. */
const mostTrees = 6;

/**
 * Looks into SquashFS files, and remembers the trees of those that were used last. Files are open only while they are used,
 * so that a build can put others in their place on every operating system.
 */
export class Mounts {
  readonly #codecs: string;
  /** The one that was used last at the end. */
  readonly #known = new Map<string, KnownTree>();

  /** @param codecs the folder that holds `liblzma.wasm`. */
  constructor(codecs: string) {
    this.#codecs = codecs;
  }

  /** @throws Problem when a file is missing, damaged or compressed in a way that can't be read. */
  async use<T>(files: MountFiles, use: (mount: Mount) => T | Promise<T>): Promise<T> {
    const readers: SquashfsReader[] = [];
    try {
      for (const file of files) readers.push(await SquashfsReader.open(file, this.#codecs));
      const { root, upper } = await this.#treeOf(files, readers);
      const readerOf = (file: RegularFile<BlockContent>): SquashfsReader => {
        const reader = readers[upper.findLastIndex((ofIt) => ofIt.has(file)) + 1];
        if (reader === undefined) throw new Error('Mounts: nothing is mounted');
        return reader;
      };
      return await use({
        root,
        modified: Math.max(...readers.map(({ modified }) => modified)),
        readerOf,
        read: (file, job, range) => readerOf(file).read(file, job, range),
      });
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
  }

  /** The same of one file, for those who don't need its tree. */
  async useFile<T>(file: string, use: (reader: SquashfsReader) => T | Promise<T>): Promise<T> {
    const reader = await SquashfsReader.open(file, this.#codecs);
    try {
      return await use(reader);
    } finally {
      await reader.close();
    }
  }

  async #treeOf(files: MountFiles, readers: readonly SquashfsReader[]): Promise<MountedTree> {
    const key = JSON.stringify(files);
    const version = readers.map((reader) => reader.version).join();
    const known = this.#known.get(key);
    this.#known.delete(key);
    const current = known?.version === version ? known : { version, tree: readTrees(readers) };
    this.#known.set(key, current);
    for (const oldest of [...this.#known.keys()].slice(0, -mostTrees)) this.#known.delete(oldest);
    try {
      return await current.tree;
    } catch (error) {
      if (this.#known.get(key) === current) this.#known.delete(key);
      throw error;
    }
  }
}

async function readTrees(readers: readonly SquashfsReader[]): Promise<MountedTree> {
  // Others may wait for the same tree, so nobody's signal stops it.
  const [lowest, ...others] = await Promise.all(readers.map((reader) => reader.readTree(silentJob())));
  if (lowest === undefined) throw new Error('Mounts: nothing to be mounted');
  return {
    root: others.reduce(stackTrees<BlockContent, BlockContent>, lowest),
    upper: others.map((tree) => new Set(regularFiles(tree))),
  };
}
