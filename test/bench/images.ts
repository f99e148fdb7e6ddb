import { lstat, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ByteString } from '../../src/core/bytes/byte-string';
import { pathExists } from '../../src/core/files/file-problem';
import { Random } from '../device-view/random';
import type { Entry } from '../image-maker/entry';
import { derive, type Image, makeImage } from '../image-maker/image';
import { layerFromTar, makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { chooseFiles, debianTree, partOfTree, tarOfTree, type TreeEntry, type TreeKind } from './debian-tree';

/** An image in an OCI layout. */
export interface BenchImage {
  readonly reference: string;
  /** The layout's folder. */
  readonly layout: string;
  /** The files of its layers, .tar.gz, the lowest first. */
  readonly layers: readonly string[];
  /** A file that it has, and that is another one in the first version. */
  readonly changedPath: string;
}

/** Versions of one image: a Debian system in two layers, and a service above them. */
export interface ImageSet {
  readonly first: BenchImage;
  /** The service's file of 30 kB is another. */
  readonly oneFile: BenchImage;
  /** The same files as in `oneFile`, and not one layer that the first version has. */
  readonly otherLayers: BenchImage;
  /** One file in a hundred is another, in a layer above the first version's. */
  readonly onePercent: BenchImage;
  /** The same with 10, 100 and 1000 files. */
  readonly changed: ReadonlyMap<number, BenchImage>;
}

const changedCounts = [10, 100, 1000];

/** Counts up when the images made here become others than before. */
const version = 1;

/** The images with so many megabytes of files, in `folder`; made when they aren't there yet. */
export async function imageSet(megabytes: number, kind: TreeKind, folder: string): Promise<ImageSet> {
  const layout = path.join(folder, `images-${version}-${kind}-${megabytes}`);
  if (!(await pathExists(layout))) {
    const draft = `${layout}.draft`;
    await rm(draft, { recursive: true, force: true });
    const tree = await debianTree(kind, folder);
    await writeOciLayout(draft, await makeImages(tree, await partOfTree(tree, megabytes)));
    await rename(draft, layout);
  }
  const changed = await Promise.all(
    changedCounts.map(async (count) => [count, await findImage(layout, named(changedTag(count)))] as const),
  );
  return {
    first: await findImage(layout, named('first')),
    oneFile: await findImage(layout, named('one-file')),
    otherLayers: await findImage(layout, named('other-layers')),
    onePercent: await findImage(layout, named('one-percent')),
    changed: new Map(changed),
  };
}

/** A domain that can't exist (RFC 2606). */
const repository = 'bench.example/service';

function named(tag: string): string {
  return `${repository}:${tag}`;
}

function changedTag(count: number): string {
  return `changed-${count}`;
}

/** Under this name an image's config says which of its files is another one in the first version. */
export const changedLabel = 'changed';

async function makeImages(tree: string, entries: readonly TreeEntry[]): Promise<Record<string, Image>> {
  const isLibrary = ({ path: name }: TreeEntry) => name.startsWith('usr/lib/');
  const system = layerFromTar(
    await tarOfTree(
      tree,
      entries.filter((entry) => !isLibrary(entry)),
    ),
  );
  const libraries = layerFromTar(await tarOfTree(tree, entries.filter(isLibrary)));
  const all = layerFromTar(await tarOfTree(tree, entries));

  const first = makeImage([system, libraries, makeLayer(service(1))], labelled(programPath));
  const images: Record<string, Image> = {
    first,
    'one-file': makeImage([system, libraries, makeLayer(service(2))], labelled(programPath)),
    // Of the same files and yet another layer: its names begin with "./".
    'other-layers': makeImage([all, makeLayer(service(2), { prefix: './' })], labelled(programPath)),
  };
  const percent = Math.ceil(entries.filter(({ type }) => type === 'f').length / 100);
  const others = [
    ['one-percent', percent],
    ...changedCounts.map((count) => [changedTag(count), count]),
  ] as const;
  for (const [tag, count] of others as readonly (readonly [string, number])[]) {
    const files = chooseFiles(entries, count);
    images[tag] = derive(first, await changedFiles(tree, files), labelled(files[0]?.path ?? ''));
  }
  return Object.fromEntries(Object.entries(images).map(([tag, image]) => [named(tag), image] as const));
}

function labelled(changedPath: ByteString) {
  return { config: { Cmd: ['/sbin/init'], Labels: { [changedLabel]: changedPath } } };
}

const programPath = 'opt/service/service.bin';

function service(release: number): readonly Entry[] {
  return [
    { path: 'opt/service', kind: 'directory' },
    { path: programPath, kind: 'file', content: new Random(release).bytes(30_000), mode: 0o755 },
    { path: 'opt/service/service.conf', kind: 'file', content: 'port = 8080\n' },
  ];
}

/** The files, one line longer at their beginning: none of their blocks is what it was. */
function changedFiles(tree: string, files: readonly TreeEntry[]): Promise<readonly Entry[]> {
  return Promise.all(
    files.map(async ({ path: name }): Promise<Entry> => {
      const file = Buffer.from(path.join(tree, name), 'latin1');
      const { mode, uid, gid, mtimeMs } = await lstat(file);
      return {
        path: name,
        kind: 'file',
        content: Buffer.concat([Buffer.from('# changed\n'), await readFile(file)]),
        mode: mode & 0o7777,
        uid,
        gid,
        mtime: Math.floor(mtimeMs / 1000),
      };
    }),
  );
}

/**
 * @param name under which the layout has it.
 * @throws Error when it hasn't.
 */
export async function findImage(layout: string, name: string, reference: string = name): Promise<BenchImage> {
  const { manifests } = await readJson<{ manifests: readonly TaggedDescriptor[] }>(
    path.join(layout, 'index.json'),
  );
  const found = manifests.find(({ annotations }) => Object.values(annotations).includes(name));
  if (found === undefined) throw new Error(`${layout} holds no ${name}; delete it, and it is made again`);
  const blob = ({ digest }: Descriptor) => path.join(layout, 'blobs', ...digest.split(':'));
  const manifest = await readJson<{ config: Descriptor; layers: readonly Descriptor[] }>(blob(found));
  const config = await readJson<{ config: { Labels: Record<string, string> } }>(blob(manifest.config));
  return {
    reference,
    layout,
    layers: manifest.layers.map(blob),
    changedPath: config.config.Labels[changedLabel] ?? '',
  };
}

interface Descriptor {
  readonly digest: string;
}

interface TaggedDescriptor extends Descriptor {
  readonly annotations: Readonly<Record<string, string>>;
}

/** Of a file that was written here. */
async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}
