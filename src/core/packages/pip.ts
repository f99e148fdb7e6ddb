import type { ByteString } from '../bytes/byte-string';
import { walk } from '../rootfs/tree';
import { eachInTurn } from '../turns';
import { paragraphsOf } from './control-file';
import { linesOf, type MetadataFiles } from './metadata-files';
import type { Package } from './package';

/** Folders in which Python's installers keep what they know of a package, wherever a package was put. */
function isMetadataFolder(path: ByteString): boolean {
  return path.endsWith('.dist-info') || path.endsWith('.egg-info');
}

/** More are no system's. */
const mostFolders = 20_000;

export function hasPip({ root }: MetadataFiles): boolean {
  for (const [path, node] of walk(root)) {
    if (node.kind === 'directory' && isMetadataFolder(path)) {
      if (node.children.has('RECORD') || node.children.has('installed-files.txt')) return true;
    }
  }
  return false;
}

/**
 * `NAME-VERSION.dist-info/RECORD` lists files from the folder that `.dist-info` lies in, `METADATA` has name and version
 * (packaging.python.org, "Recording installed projects" and "Core metadata specifications"); `.egg-info` has
 * `installed-files.txt`, from the folder itself (setuptools' install_egg_info), and `PKG-INFO`.
 */
export async function readPip(files: MetadataFiles): Promise<readonly Package[]> {
  const folders: ByteString[] = [];
  await eachInTurn(walk(files.root), files.job, ([path, { kind }]) => {
    if (kind === 'directory' && isMetadataFolder(path) && folders.length < mostFolders) folders.push(path);
  });
  const packages: Package[] = [];
  for (const folder of folders) {
    const paths = await pathsOf(files, folder);
    if (paths === undefined) continue;
    const isEgg = folder.endsWith('.egg-info');
    const metadata = (await files.text(`${folder}/${isEgg ? 'PKG-INFO' : 'METADATA'}`)) ?? '';
    packages.push({ manager: 'pip', ...projectOf(metadata, folder), paths: files.taken(paths) });
  }
  return packages;
}

/** Undefined where an installer left no list. */
async function pathsOf(files: MetadataFiles, folder: ByteString): Promise<Iterable<ByteString> | undefined> {
  if (folder.endsWith('.egg-info')) {
    const list = await files.text(`${folder}/installed-files.txt`);
    return list === undefined ? undefined : within(folder, linesOf(list));
  }
  const record = await files.text(`${folder}/RECORD`);
  return record === undefined
    ? undefined
    : within(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))), recordPaths(record));
}

function* within(folder: ByteString, paths: Iterable<ByteString>): Generator<ByteString, void, undefined> {
  for (const path of paths) yield path.startsWith('/') ? path : `${folder}/${path}`;
}

const ofProject: ReadonlySet<string> = new Set(['name', 'version']);

/** Headers as in mail; what the package says of itself at length follows behind an empty line. */
export function projectOf(metadata: ByteString, folder: ByteString): Pick<Package, 'name' | 'version'> {
  const [fields] = paragraphsOf(metadata, ofProject);
  const [, stem = '', version = ''] = /([^/]*?)(?:-([^/-]*)(?:-py[\d.]+)?)?\.\w+-info$/.exec(folder) ?? [];
  return {
    name: fields?.get('name') ?? stem,
    version: fields?.get('version') ?? version,
  };
}

/** The first field of each row: CSV as Python's csv writes it, quoted where a name has commas, quotes or line feeds (RFC 4180). */
export function* recordPaths(record: ByteString): Generator<ByteString, void, undefined> {
  for (let at = 0; at < record.length;) {
    let path = '';
    if (record[at] === '"') {
      at += 1;
      for (;;) {
        const quote = record.indexOf('"', at);
        // Nothing ends it: whatever this is, it is no list.
        if (quote < 0) return;
        path += record.slice(at, quote);
        at = quote + 1;
        if (record[at] !== '"') break;
        path += '"';
        at += 1;
      }
    }
    const feed = record.indexOf('\n', at);
    const end = feed < 0 ? record.length : feed;
    if (path === '') path = record.slice(at, end).split(',', 1)[0]?.trimEnd() ?? '';
    if (path !== '') yield path;
    at = end + 1;
  }
}
