import type { ByteString } from '../bytes/byte-string';
import { byPackage, statusEntries } from './control-file';
import { linesOf, type MetadataFiles } from './metadata-files';
import type { Package } from './package';

/** OpenWrt's, and that of OpenEmbedded, which has been both. */
const places = ['usr/lib/opkg', 'var/lib/opkg'] as const;

export function hasOpkg(files: MetadataFiles): boolean {
  return places.some((place) => files.has(`${place}/info`));
}

/** As dpkg has it: `info/PACKAGE.list` names the files, `status` says the version (opkg, libopkg/pkg.c and opkg_conf.c). */
export async function readOpkg(files: MetadataFiles): Promise<readonly Package[]> {
  const packages: Package[] = [];
  for (const place of places) {
    const own = byPackage(files.names(`${place}/info`));
    if (own.size === 0) continue;
    const status = await files.text(`${place}/status`);
    const entries = [...statusEntries(status ?? '')];
    if (status !== undefined && status !== '' && entries.length === 0) {
      files.note(`${place}/status`, 'damaged');
    }
    const versions = new Map(entries.map(({ name, version }) => [name, version]));
    for (const [name, names] of own) {
      if (!names.includes(`${name}.list`)) continue;
      const list = (await files.text(`${place}/info/${name}.list`)) ?? '';
      const paths = files.taken(
        opkgPaths(list),
        names.map((file) => `${place}/info/${file}`),
      );
      packages.push({ manager: 'opkg', name, version: versions.get(name) ?? '', paths });
    }
  }
  return packages;
}

/** One a line; since opkg 0.3 its mode follows behind a tab, and behind another one where a link leads. */
export function* opkgPaths(list: ByteString): Generator<ByteString, void, undefined> {
  for (const line of linesOf(list)) {
    const tab = line.indexOf('\t');
    yield tab < 0 ? line : line.slice(0, tab);
  }
}
