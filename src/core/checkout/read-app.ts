import path from 'node:path';
import { findSquashfsFault } from '../squashfs/read-superblock';
import type { AppImage, AppSource, AppSquashfs } from './app';
import { findJsonContradictions } from './checks/json';
import type { Contradiction } from './contradictions/contradictions';
import { readRunManifest, type RunManifest } from './manifests/run-manifest';
import {
  extendedApp,
  readSourceManifest,
  sourceKind,
  type SourceManifest,
} from './manifests/source-manifest';
import { baseVolume, overlayVolume } from './manifests/volume-name';
import type { OpenedCheckout } from './opened-checkout';
import { lacksFile, type PartRecord, readPart, textOf } from './read-part';
import type { TrackedFiles } from './tracked-files';
import { readOr, type Unreadable } from './unreadable';

/** An app as its own folder shows it: what is known before looking at the rest of the checkout. */
export interface AppRecord {
  readonly name: string;
  readonly directory: string;
  /** Undefined when the file is missing or broken. */
  readonly manifest: SourceManifest | undefined;
  readonly run: RunManifest | undefined;
  readonly lxcContainerConf: string | undefined;
  readonly source: AppSource;
  /** The app that it extends. */
  readonly baseApp: string | undefined;
  readonly base: AppSquashfs | undefined;
  readonly overlay: AppSquashfs | undefined;
  /** The folder's files; paths are below the checkout. */
  readonly part: PartRecord;
  /** What could not be read. */
  readonly contradictions: readonly Contradiction[];
}

/** Reads one app. Whatever is wrong with it becomes a contradiction, never an error. */
export async function readApp(
  checkout: OpenedCheckout,
  name: string,
  tracked: TrackedFiles,
): Promise<AppRecord> {
  const part = await readPart(checkout, { name, isFolder: true }, tracked);
  const contradictions: Unreadable[] = [];
  const parse = async <T>(file: string, read: (text: string, name: string) => T): Promise<T | undefined> => {
    const text = textOf(part, file);
    // That a file is empty is said below.
    if (text === undefined || text === '') return undefined;
    return readOr(undefined, file, contradictions, () => read(text, file));
  };
  const manifestFile = `${name}/src.json`;
  const runFile = `${name}/run.json`;
  const manifest = await parse(manifestFile, readSourceManifest);
  const run = await parse(runFile, readRunManifest);
  const [base, overlay] = [squashfsOf(part, baseVolume), squashfsOf(part, overlayVolume)];
  const damaged: Contradiction[] = [];
  for (const { path: file } of [base, overlay].filter((squashfs) => squashfs !== undefined)) {
    const found = await readOr(undefined, file, contradictions, () =>
      findSquashfsFault(path.join(checkout.directory, file)),
    );
    if (found !== undefined) damaged.push({ kind: 'damaged-squashfs', app: name, file, found });
  }
  const isManifest = (file: string) => file === manifestFile || file === runFile;
  return {
    name,
    directory: path.join(checkout.directory, name),
    manifest,
    run,
    lxcContainerConf: textOf(part, `${name}/lxc.container.conf`),
    source: sourceOf(manifest, !lacksFile(part, manifestFile)),
    baseApp: manifest && extendedApp(manifest),
    base,
    overlay,
    part,
    contradictions: [
      ...part.contradictions,
      ...findJsonContradictions(part, tracked, { except: isManifest }),
      ...contradictions,
      ...damaged,
    ],
  };
}

function squashfsOf(part: PartRecord, volume: string): AppSquashfs | undefined {
  const file = `${part.name}/${volume}`;
  const found = part.files.find(({ path: other }) => other === file);
  if (found === undefined) return undefined;
  const digest = textOf(part, `${file}.docker-digest`) ?? textOf(part, `${file}.rootfs-digest`);
  return { path: file, size: found.size, digest: digest?.trim() };
}

function sourceOf(manifest: SourceManifest | undefined, mayHaveManifest: boolean): AppSource {
  if (manifest === undefined) return { kind: mayHaveManifest ? 'unreadable' : 'none' };
  const { fields } = manifest;
  switch (sourceKind(manifest)) {
    case 'pvr':
      return { kind: 'pvr', url: fields.pvr ?? '' };
    case 'rootfs':
      return { kind: 'rootfs', url: fields.rootfs_url ?? '', digest: fields.rootfs_digest };
    case 'docker':
      return { kind: 'docker', image: imageOf(manifest), formatOptions: fields.format_options };
  }
}

function imageOf({ fields }: SourceManifest): AppImage {
  return {
    name: fields.docker_name,
    tag: fields.docker_tag,
    digest: fields.docker_digest,
    overlayDigest: fields.docker_ovl_digest,
    sources: (fields.docker_source ?? '').split(',').filter((source) => source !== ''),
    platform: fields.docker_platform,
  };
}
