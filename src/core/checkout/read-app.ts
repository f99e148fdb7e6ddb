import { createHash } from 'node:crypto';
import path from 'node:path';
import { Problem } from '../problem';
import type { AppFile, AppImage, AppSource, AppSquashfs, Tracking } from './app';
import type { Contradiction } from './contradictions';
import { sameJson } from './json/canonical';
import { parseJson } from './json/parse';
import type { JsonObject, JsonValue } from './json/value';
import { withoutNulls } from './json/without-nulls';
import { listFiles, type ListedFile } from './list-files';
import { readRunManifest, type RunManifest } from './run-manifest';
import { readSourceManifest, sourceKind, type SourceManifest } from './source-manifest';
import { isObjectId, type State } from './state';
import { readTextFile } from './text-file';
import { baseVolume, overlayVolume } from './volume-name';

/** An app as its own folder shows it: what is known before looking at the rest of the checkout. */
export interface AppRecord {
  readonly name: string;
  readonly directory: string;
  /** Undefined when the file is missing or broken. */
  readonly manifest: SourceManifest | undefined;
  readonly run: RunManifest | undefined;
  readonly lxcContainerConf: string | undefined;
  readonly source: AppSource;
  readonly base: AppSquashfs | undefined;
  readonly overlay: AppSquashfs | undefined;
  readonly files: readonly AppFile[];
  readonly missingFiles: readonly string[];
  /** What could not be read. */
  readonly contradictions: readonly Contradiction[];
}

/** What pvr knows about the checkout's files. */
export interface TrackedFiles {
  /** Undefined when it is broken; nothing counts as tracked then. */
  readonly state: State | undefined;
  readonly newFiles: JsonObject;
  /** Entries of the state by the first part of their paths. */
  readonly pathsByFolder: ReadonlyMap<string, readonly string[]>;
}

/** Only files up to this size, in bytes, are read to compare them with the pristine state. */
const maxComparedSize = 64 * 1024;

/** Reads one app. Whatever is wrong with it becomes a contradiction, never an error. */
export async function readApp(
  checkoutDirectory: string,
  name: string,
  tracked: TrackedFiles,
): Promise<AppRecord> {
  const contradictions: Contradiction[] = [];
  const directory = path.join(checkoutDirectory, name);
  const note = (file: string, problem: Problem) => {
    contradictions.push({
      kind: 'unreadable',
      file: `${name}/${file}`,
      found: problem.found,
      remedy: problem.remedy,
    });
  };

  const listed = await attempt(
    () => listFiles(directory, note),
    (problem) => note('', problem),
  );
  const files = listed ?? [];
  for (const { path: file, size } of files) {
    if (size === 0 && file.endsWith('.json'))
      contradictions.push({ kind: 'empty-json', file: `${name}/${file}` });
  }

  const texts = new Map<string, string>();
  await Promise.all(
    files.filter(isSmallText).map(async ({ path: file }) => {
      const text = await attempt(
        () => readTextFile(checkoutDirectory, `${name}/${file}`),
        (problem) => note(file, problem),
      );
      if (text !== undefined) texts.set(file, text);
    }),
  );
  const parse = <T>(file: string, read: (text: string, name: string) => T): T | undefined => {
    const text = texts.get(file);
    // An empty file has its own contradiction.
    if (text === undefined || text === '') return undefined;
    try {
      return read(text, `${name}/${file}`);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      note(file, problem);
      return undefined;
    }
  };
  const manifest = parse('src.json', readSourceManifest);
  const run = parse('run.json', readRunManifest);

  const squashfs = (file: string): AppSquashfs | undefined => {
    const found = files.find((listedFile) => listedFile.path === file);
    if (found === undefined) return undefined;
    const digest = texts.get(`${file}.docker-digest`) ?? texts.get(`${file}.rootfs-digest`);
    return { path: `${name}/${file}`, size: found.size, digest: digest?.trim() };
  };
  const present = new Set(files.map((file) => file.path));
  return {
    name,
    directory,
    manifest,
    run,
    lxcContainerConf: texts.get('lxc.container.conf'),
    source:
      manifest === undefined ? { kind: present.has('src.json') ? 'unreadable' : 'none' } : sourceOf(manifest),
    base: squashfs(baseVolume),
    overlay: squashfs(overlayVolume),
    files: files.map((file) => ({
      ...file,
      tracking: trackingOf(`${name}/${file.path}`, texts.get(file.path), tracked),
    })),
    missingFiles: (tracked.pathsByFolder.get(name) ?? [])
      .map((file) => file.slice(name.length + 1))
      .filter((file) => !present.has(file)),
    contradictions,
  };
}

/** Manifests are read whatever their size, so that it is said when they are too large. */
function isSmallText({ path: file, size }: ListedFile): boolean {
  if (file === 'src.json' || file === 'run.json') return size > 0;
  return size <= maxComparedSize && !file.endsWith('.squashfs');
}

async function attempt<T>(
  work: () => Promise<T>,
  onProblem: (problem: Problem) => void,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    onProblem(problem);
    return undefined;
  }
}

function sourceOf(manifest: SourceManifest): AppSource {
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

function trackingOf(file: string, text: string | undefined, { state, newFiles }: TrackedFiles): Tracking {
  const pristine = state?.entries.get(file);
  if (pristine === undefined) return newFiles.has(file) ? 'added' : 'untracked';
  if (text === undefined) return 'tracked';
  return isUnchanged(file, text, pristine) ? 'unchanged' : 'changed';
}

/** As pvr compares; but nulls, which it drops at commit and reports as a change ever after, don't count. */
function isUnchanged(file: string, text: string, pristine: JsonValue): boolean {
  if (isObjectId(pristine)) return createHash('sha256').update(text).digest('hex') === pristine;
  try {
    return sameJson(withoutNulls(parseJson(text, file)), withoutNulls(pristine));
  } catch {
    return false;
  }
}
