import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { type ByteString, byteStringToBytes } from '../../src/core/bytes/byte-string';
import type { Listed, Listing } from './listing';
import { freshCode, sourceOfCompiled } from './python';

/** Lists what the kernel shows below `root`, an absolute path; needs to be run as root, who may read everything. */
export async function listFolder(root: string): Promise<Listing> {
  const xattrs = await readXattrs(root);
  const listing = new Map<ByteString, Listed>();
  const visit = (path: ByteString): void => {
    const location = byteStringToBytes(path === '' ? root : `${root}/${path}`);
    const stats = lstatSync(location, { bigint: true });
    const facts = new Map([...factsOf(location, stats), ...(xattrs.get(path) ?? [])]);
    const code = stats.isFile() ? freshCodeAt(root, path) : undefined;
    listing.set(path, { facts, inode: `${stats.dev}:${stats.ino}`, ...(code !== undefined && { code }) });
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(location, { encoding: 'latin1' })) {
      visit(path === '' ? name : `${path}/${name}`);
    }
  };
  visit('');
  return listing;
}

function freshCodeAt(root: string, path: ByteString): string | undefined {
  const source = sourceOfCompiled(path);
  if (source === undefined) return undefined;
  const stats = lstatSync(behindLinks(root, source), { throwIfNoEntry: false });
  const found = stats && { mtime: Math.floor(stats.mtimeMs / 1000), size: stats.size };
  return freshCode(readFileSync(byteStringToBytes(`${root}/${path}`)), found);
}

/** What a link leads to for whoever has `root` as its root. */
function behindLinks(root: string, path: ByteString): Buffer {
  const location = byteStringToBytes(`${root}/${path}`);
  if (lstatSync(location, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return location;
  const target = readlinkSync(location, 'latin1');
  const folder = target.startsWith('/') ? '' : path.slice(0, path.lastIndexOf('/') + 1);
  return behindLinks(root, posix.normalize(`/${folder}${target}`).slice(1));
}

function* factsOf(location: Buffer, stats: BigIntStats): Generator<[name: string, value: string]> {
  const kind = kindOf(stats);
  yield ['kind', kind];
  yield ['mode', modeFact(Number(stats.mode))];
  yield ['owner', `${stats.uid}:${stats.gid}`];
  if (kind === 'symlink') yield ['target', readlinkSync(location, 'latin1')];
  if (kind === 'char' || kind === 'block') yield ['device', deviceFact(stats.rdev)];
  if (kind === 'file') {
    const content = readFileSync(location);
    yield ['size', String(stats.size)];
    yield ['sha256', contentFact(content)];
  }
}

/** Mode without the kind's bits, as chmod takes it. */
export function modeFact(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

export function contentFact(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return 'char';
  if (stats.isBlockDevice()) return 'block';
  return stats.isFIFO() ? 'fifo' : 'socket';
}

/** How glibc packs the two numbers (sys/sysmacros.h, gnu_dev_major and gnu_dev_minor). */
function deviceFact(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

/** Attributes that overlayfs keeps for itself: no fact about the tree that it shows. */
export const ofOverlayfs = 'trusted.overlay.';

/**
 * Parses getfattr's dump: a line `# file: <path>`, a line `<name>=0x<hex>` for each attribute, an empty line. It writes
 * backslashes, line ends and, in names of attributes, equals signs as octal numbers (attr, libmisc/quote.c).
 */
async function readXattrs(root: string): Promise<ReadonlyMap<ByteString, readonly [string, string][]>> {
  const all = new Map<ByteString, [string, string][]>();
  let current: [string, string][] = [];
  for (const line of (await dumpXattrs(root)).split('\n')) {
    if (line.startsWith('# file: ')) {
      current = [];
      all.set(unquoted(line.slice('# file: '.length)).slice(root.length + 1), current);
    } else if (line !== '') {
      const [name = '', value = ''] = line.split('=');
      if (!name.startsWith(ofOverlayfs)) current.push([`xattr ${unquoted(name)}`, value]);
    }
  }
  return all;
}

async function dumpXattrs(root: string): Promise<ByteString> {
  const what = ['--dump', '--match=-', '--no-dereference', '--physical', '--recursive', '--absolute-names'];
  const options = { env: { ...process.env, LC_ALL: 'C' }, encoding: 'latin1', maxBuffer: Infinity } as const;
  const { error, stdout, stderr } = await new Promise<ReturnType<typeof finished>>((resolve) => {
    execFile('getfattr', [...what, '--encoding=hex', root], options, (...ended) =>
      resolve(finished(...ended)),
    );
  });
  // What the kernel answers for all that lies in a SquashFS file without any attributes.
  if (error !== null && !/^(getfattr: [^]*?: Operation not supported\n)+$/.test(stderr)) throw error;
  return stdout;
}

const finished = (error: Error | null, stdout: string, stderr: string) => ({ error, stdout, stderr });

function unquoted(text: ByteString): ByteString {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
