import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import { Problem } from '../problem';
import { behindLinks } from '../rootfs/open-tree';
import type { Directory, RegularFile } from '../rootfs/tree';
import type { PackageManager, UnreadMetadata } from './package';

/** A file tree of which some files are read. */
export interface PackageSource<C> {
  readonly root: Directory<C>;
  /** @throws Problem where the file is damaged; the signal's reason. */
  readonly read: (file: RegularFile<C>) => Promise<Buffer>;
}

/** The metadata of one manager, within bounds: an image may be anybody's, and of any size. */
export interface MetadataFiles {
  readonly root: Directory<unknown>;
  readonly job: Job;
  /** Undefined where there is no such file, or where it can't be read, which is noted then. Links are followed. */
  bytes(path: ByteString): Promise<Buffer | undefined>;
  text(path: ByteString): Promise<ByteString | undefined>;
  /** Of what lies in a folder, in byte order; none where there is no such folder. */
  names(folder: ByteString): readonly ByteString[];
  has(path: ByteString): boolean;
  note(path: ByteString, reason: UnreadMetadata['reason']): void;
  /** All paths of some lists that can be paths. @throws TooManyPaths */
  taken(...lists: readonly Iterable<ByteString>[]): readonly ByteString[];
}

/** Of all metadata of one manager: a Debian with a desktop, and all of Fedora's server, have less. */
const mostBytes = 64 << 20;
/** Of all packages of one manager, and the characters in them: a path may be built of parts that are stored once. */
const mostPaths = 2_000_000;
const mostCharacters = 4 * mostBytes;
/** What no kernel opens (PATH_MAX). */
const longestPath = 4095;

/** There are more than any system has: the metadata is made to be in the way. */
export class TooManyPaths extends Error {}

export function metadataFiles<C>(
  { root, read }: PackageSource<C>,
  manager: PackageManager,
  unread: UnreadMetadata[],
  job: Job,
): MetadataFiles {
  let bytesLeft = mostBytes;
  let pathsLeft = mostPaths;
  let charactersLeft = mostCharacters;

  const node = (path: ByteString) => {
    const found = behindLinks(root, path)?.node;
    return found?.kind === 'symlink' ? undefined : found;
  };
  const note = (path: ByteString, reason: UnreadMetadata['reason']) => {
    // Whatever comes after the first that is too much is too much as well.
    if (reason === 'tooLarge' && unread.some((one) => one.manager === manager && one.reason === reason))
      return;
    unread.push({ manager, path, reason });
  };
  const bytes = async (path: ByteString) => {
    job.signal.throwIfAborted();
    const file = node(path);
    if (file?.kind !== 'file') return undefined;
    if (file.size > bytesLeft) {
      note(path, 'tooLarge');
      return undefined;
    }
    bytesLeft -= file.size;
    try {
      return await read(file);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      note(path, 'damaged');
      return undefined;
    }
  };
  return {
    root,
    job,
    note,
    bytes,
    text: async (path) => (await bytes(path))?.toString('latin1'),
    has: (path) => node(path) !== undefined,
    names: (path) => {
      const folder = node(path);
      return folder?.kind === 'directory' ? [...folder.children.keys()].sort() : [];
    },
    taken: (...lists) => {
      const taken: ByteString[] = [];
      for (const list of lists) {
        for (const path of list) {
          pathsLeft -= 1;
          charactersLeft -= path.length;
          if (pathsLeft < 0 || charactersLeft < 0) throw new TooManyPaths();
          if (path.length <= longestPath && !path.includes('\0')) taken.push(path);
        }
      }
      return taken;
    },
  };
}

/** The lines of a text, without what ends them. */
export function* linesOf(text: ByteString): Generator<ByteString, void, undefined> {
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    start = end + 1;
  }
}
