import type { ByteString } from '../bytes/byte-string';
import { byPackage, statusEntries } from './control-file';
import { linesOf, type MetadataFiles } from './metadata-files';
import type { Package } from './package';

const folder = 'var/lib/dpkg';

export function hasDpkg(files: MetadataFiles): boolean {
  return files.has(`${folder}/info`) || files.has(`${folder}/status.d`);
}

/**
 * `info/PACKAGE[:ARCHITECTURE].list` names a package's files, `status` says its version (dpkg(1), "Files").
 * distroless ones are, have a paragraph in `status.d/PACKAGE`, and the files in `status.d/PACKAGE.md5sums`.
 *
 * What lies in `info` of a package is its own, too, though no list says so.
 */
export async function readDpkg(files: MetadataFiles): Promise<readonly Package[]> {
  return [...(await installed(files)), ...(await putTogether(files))];
}

async function installed(files: MetadataFiles): Promise<readonly Package[]> {
  const status = await files.text(`${folder}/status`);
  const versions = dpkgVersions(status ?? '');
  if (status !== undefined && status !== '' && versions.size === 0) files.note(`${folder}/status`, 'damaged');
  const diversions = parseDiversions((await files.text(`${folder}/diversions`)) ?? '');
  const packages: Package[] = [];
  for (const [stem, own] of byPackage(files.names(`${folder}/info`))) {
    if (!own.includes(`${stem}.list`)) continue;
    const [name = stem] = stem.split(':', 1);
    const list = (await files.text(`${folder}/info/${stem}.list`)) ?? '';
    const paths = files.taken(
      dpkgPaths(list, name, diversions),
      own.map((file) => `${folder}/info/${file}`),
    );
    packages.push({ manager: 'dpkg', name, version: versions.get(stem) ?? '', paths });
  }
  return packages;
}

async function putTogether(files: MetadataFiles): Promise<readonly Package[]> {
  const packages: Package[] = [];
  for (const file of files.names(`${folder}/status.d`)) {
    if (file.endsWith('.md5sums')) continue;
    const path = `${folder}/status.d/${file}`;
    const [entry] = statusEntries((await files.text(path)) ?? '');
    if (entry === undefined) continue;
    const sums = (await files.text(`${path}.md5sums`)) ?? '';
    const paths = files.taken([path, `${path}.md5sums`], parseMd5sums(sums));
    packages.push({ manager: 'dpkg', name: entry.name, version: entry.version, paths });
  }
  return packages;
}

/** Versions by the names that lists have: with an architecture where several can be installed side by side. */
export function dpkgVersions(status: ByteString): ReadonlyMap<ByteString, ByteString> {
  const versions = new Map<ByteString, ByteString>();
  for (const { name, version, architecture } of statusEntries(status)) {
    versions.set(name, version);
    if (architecture !== undefined) versions.set(`${name}:${architecture}`, version);
  }
  return versions;
}

/** Where files lie that another package, or the administrator, has put out of the way. */
export type Diversions = ReadonlyMap<ByteString, { readonly to: ByteString; readonly by: ByteString }>;

/** Three lines each: from where, to where, and the package whose own file stays in place, `:` for none (dpkg-divert(1)). */
export function parseDiversions(text: ByteString): Diversions {
  const found = new Map<ByteString, { to: ByteString; by: ByteString }>();
  const lines = linesOf(text);
  for (const from of lines) {
    const { value: to } = lines.next();
    const { value: by } = lines.next();
    if (to !== undefined && by !== undefined) found.set(from, { to, by });
  }
  return found;
}

/** One path a line, folders among them, with a slash before. */
export function* dpkgPaths(
  list: ByteString,
  name: ByteString,
  diversions: Diversions,
): Generator<ByteString, void, undefined> {
  for (const path of linesOf(list)) {
    const diversion = diversions.get(path);
    yield diversion !== undefined && diversion.by !== name ? diversion.to : path;
  }
}

/** A sum, two spaces (the second may be a star), and a path without a slash before (md5sum(1)). */
export function* parseMd5sums(text: ByteString): Generator<ByteString, void, undefined> {
  for (const line of linesOf(text)) {
    const path = /^[0-9a-f]{32} [ *](.+)$/.exec(line)?.[1];
    if (path !== undefined) yield path;
  }
}
