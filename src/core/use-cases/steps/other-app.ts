import path from 'node:path';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { baseDigestOf } from '../../checkout/manifests/digest-place';
import {
  extendedApp,
  requireSound,
  type SourceManifest,
  sourceManifestOf,
} from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { isObjectId } from '../../checkout/state';
import { readTextFile } from '../../files/text-file';
import type { Job } from '../../job';
import { stringifyIndented } from '../../json/indented';
import { withSortedKeys } from '../../json/key-order';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import type { ObjectStore } from '../../objects/object-store';
import { Problem } from '../../problem';
import { objectStoreOf } from '../../revision/object-store-of';
import { leftBehind, selectMembers } from '../../revision/fragments';
import type { Workshop } from '../environment';
import { keptReference, openAnySource } from './any-source';
import { readOnce, type TreeSource, withLeftOut } from './app-tree';
import { type Base, openBase } from './base-contents';
import { stackedTree, storedTree } from './stacked-tree';
import type { GeneratedFiles } from './stage-manifest';
import { stageCopy, type StagedFile } from './stage-squashfs';

/** An app of another checkout, of an export or of a device, with its files among the objects of this checkout. */
export interface OtherApp extends TreeSource, AsyncDisposable {
  /** How it is found again, from the folder of this checkout: pvr's `pvr`. */
  readonly reference: string;
  /** As it is called there. */
  readonly name: string;
  readonly manifest: SourceManifest;
  /** Of what its root file system was made from. */
  readonly digest: string;
  /** It is an overlay over the base of an app that doesn't come with it. */
  readonly isExtension: boolean;
  /** What it consists of, by path below its folder, and below that for it in `_config`, as far as that was named. */
  readonly files: ReadonlyMap<string, JsonValue>;
  readonly config: ReadonlyMap<string, JsonValue>;
  readonly store: ObjectStore;
}

/**
 * Opens `REF#APP`: a checkout, its `.pvr`, an export or a device, and the app in it that is meant; the only one there needn't be named.
 *
 * @param folder that paths start from.
 * @param app as it is going to be called here.
 * @throws Problem when there is nothing of the kind.
 */
export async function openOtherApp(
  typed: string,
  { folder, app }: { readonly folder: string; readonly app: string },
  change: ChangingCheckout,
  { remotes, job }: Pick<Workshop, 'remotes' | 'job'>,
): Promise<OtherApp> {
  const { source } = await openAnySource(typed, folder, await remotes?.(), job);
  const { members, fragments } = source;
  const [named, ...further] = fragments.plus;
  const name = named ?? onlyApp(members, source.name, app);
  if (further.some((part) => part !== `_config/${name}`) || fragments.minus.length > 0)
    throw new Problem({
      doing: `looking for ${name} in ${source.name}`,
      found: `an app comes with its own files and _config/${name} alone`,
      remedy: 'Get other parts on their own',
    });
  const selected = selectMembers(members, fragments, source.name);
  const files = below(selected, name);
  const config = further.length > 0 ? below(selected, `_config/${name}`) : new Map<string, JsonValue>();
  const manifest = manifestIn(files, name, source.name);
  for (const part of leftBehind(members, { plus: [name, ...further], minus: [] }))
    if (part.startsWith('_config/'))
      job.warn(
        `${part} of ${source.name} doesn't come with ${name}; name it, too, behind a comma, to have it`,
      );

  const owner = extendedApp(manifest) ?? name;
  const baseId = objectAt(members, `${owner}/${baseVolume}`);
  const overlayId = objectAt(members, `${name}/${overlayVolume}`);
  if (baseId === undefined)
    throw new Problem({
      doing: `looking for ${name} in ${source.name}`,
      found: `there is no ${owner}/${baseVolume}`,
      remedy: 'Name another app, or a source that is whole',
    });
  const store = await objectStoreOf(change);
  await store.make();
  const ids = new Set([baseId, ...[...files.values(), ...config.values()].filter(isObjectId)]);
  await source.bring(ids, store);
  await store.flush();

  const opened: Base[] = [];
  const open = async (id: string, workshop: Workshop) => {
    const base = await openBase(store.pathOf(id), workshop);
    opened.push(base);
    return base;
  };
  const { docker_ovl_digest: overlayDigest } = manifest.fields;
  return {
    ...{ name, manifest, files, config, store },
    reference: keptReference(
      source,
      { reference: named === undefined ? `${typed.replace(/#$/, '')}#${name}` : typed, folder },
      change.directory,
    ),
    digest: overlayDigest ?? baseDigestOf(manifest) ?? `sha256:${baseId}`,
    isExtension: owner !== name,
    read: readOnce(async (leftOut, workshop) => {
      const base = await open(baseId, workshop);
      const tree =
        overlayId === undefined
          ? await storedTree(base, workshop)
          : await stackedTree(base, await open(overlayId, workshop), workshop);
      return withLeftOut(tree, leftOut, workshop);
    }),
    [Symbol.asyncDispose]: async () => {
      for (const base of opened) await base[Symbol.asyncDispose]();
    },
  };
}

/** Which of its files are taken: a root file system that is built here instead comes without those of its own. */
export type Extent = 'whole' | 'without root';

const ofRoot = /^(?:root(?:\.ovl)?\.squashfs(?:\..*)?|_dm\/root(?:\.ovl)?\.squashfs\.json)$/;
const isDigest = /\.(?:docker|rootfs)-digest$/;
const isMade = /^(?:src\.json|run\.json|lxc\.container\.conf)$/;

/**
 * Puts the files of an app of another checkout into the folder of one here, but for src.json and those that are generated from it.
 *
 * @returns its SquashFS files, where they are taken.
 */
export async function stageOtherApp(
  change: ChangingCheckout,
  app: string,
  other: OtherApp,
  extent: Extent,
  workshop: Workshop,
): Promise<readonly StagedFile[]> {
  const { store } = other;
  const { signal } = workshop.job;
  const staged: StagedFile[] = [];
  for (const [file, value] of other.files) {
    if (isMade.test(file) || (extent === 'without root' && ofRoot.test(file))) continue;
    const target = `${app}/${file}`;
    if (!isObjectId(value)) {
      await change.write(target, documentText(value));
    } else if (file === baseVolume || file === overlayVolume) {
      const kind = file === baseVolume ? 'base' : 'overlay';
      staged.push(await stageCopy(change, app, kind, { id: value, store }, workshop));
    } else if (isDigest.test(file)) await change.write(target, await textOf(value, other, signal));
    else await stageObject(change, target, value, store, signal);
  }
  for (const [file, value] of other.config) {
    const target = `_config/${app}/${file}`;
    if (isObjectId(value)) await stageObject(change, target, value, store, signal);
    else await change.write(target, documentText(value));
  }
  // An overlay that it no longer has would still lie over its base.
  if (extent === 'whole' && !other.files.has(overlayVolume))
    for (const gone of ['', '.docker-digest', '.rootfs-digest', '.hash'])
      await change.remove(`${app}/${overlayVolume}${gone}`);
  const baseSize = staged.find(({ kind }) => kind === 'base')?.size;
  return staged
    .map((one) => (one.kind === 'overlay' ? { ...one, baseSize } : one))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What was generated from its src.json, or by hand; what speaks of its name there speaks of that here. */
export async function generatedFilesOf(other: OtherApp, app: string, job: Job): Promise<GeneratedFiles> {
  const { files, name } = other;
  const [run, conf] = [files.get('run.json'), files.get('lxc.container.conf')];
  const text = conf !== undefined && isObjectId(conf) ? await textOf(conf, other, job.signal) : undefined;
  return {
    runJson: run !== undefined && isJsonObject(run) ? documentText(namedAs(run, app)) : undefined,
    lxcContainerConf: text === undefined || name === app ? text : inItsName(text, name, app),
  };
}

async function textOf(id: string, { store }: OtherApp, signal: AbortSignal): Promise<string> {
  const file = await store.requireWhole(id, signal);
  return (await readTextFile(path.dirname(file), path.basename(file))) ?? '';
}

async function stageObject(
  change: ChangingCheckout,
  target: string,
  id: string,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<void> {
  const staged = change.transaction.path(path.posix.basename(target));
  await store.takeOut(id, staged, { signal });
  change.transaction.replace(target, staged, id);
}

/** Of lxc.container.conf, what leads to the app's own volumes, and the name of its container. */
function inItsName(text: string, name: string, app: string): string {
  return text
    .replaceAll(`/volumes/${name}/`, `/volumes/${app}/`)
    .split('\n')
    .map((line) => (line === `lxc.uts.name = ${name}` ? `lxc.uts.name = ${app}` : line))
    .join('\n')
    .replaceAll(`/pv/logs/${name}.log`, `/pv/logs/${app}.log`);
}

function namedAs(document: JsonObject, app: string): JsonObject {
  return new Map([...document].map(([key, value]) => [key, key === 'name' ? app : value]));
}

function documentText(document: JsonValue): string {
  return stringifyIndented(withSortedKeys(document), { prefix: '', indent: '    ' });
}

function below(members: JsonObject, folder: string): ReadonlyMap<string, JsonValue> {
  const prefix = `${folder}/`;
  return new Map(
    [...members].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

function objectAt(members: JsonObject, key: string): string | undefined {
  const value = members.get(key);
  return value !== undefined && isObjectId(value) ? value : undefined;
}

function manifestIn(files: ReadonlyMap<string, JsonValue>, name: string, source: string): SourceManifest {
  const document = files.get('src.json');
  if (document !== undefined && isJsonObject(document)) {
    const manifest = sourceManifestOf(document);
    requireSound(manifest, `${name}/src.json`);
    return manifest;
  }
  throw new Problem({
    doing: `looking for ${name} in ${source}`,
    found: `it has no src.json, so nothing says how its container is made`,
    remedy: 'Name another app, or get this one as it is',
  });
}

/** The apps of a checkout, or of an export, that lies on this machine. @throws Problem when it is neither. */
export async function listOtherApps(place: string, job: Job): Promise<readonly string[]> {
  const { source } = await openAnySource(place, path.dirname(place), undefined, job);
  return appsIn(source.members);
}

function appsIn(members: JsonObject): readonly string[] {
  return [...members.keys()].flatMap((key) => {
    const [, name] = /^([^/_.][^/]*)\/src\.json$/.exec(key) ?? [];
    return name === undefined || name === 'bsp' ? [] : [name];
  });
}

/** @throws Problem where several could be meant. */
function onlyApp(members: JsonObject, source: string, app: string): string {
  const apps = appsIn(members);
  const [first] = apps;
  if (apps.includes(app)) return app;
  if (first !== undefined && apps.length === 1) return first;
  throw new Problem({
    doing: `looking for an app in ${source}`,
    found: apps.length === 0 ? 'there is none' : `there are ${apps.join(', ')}`,
    remedy: 'Name the one that is meant behind a #, as in PATH#APP',
  });
}
