import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { readWithWaiting } from '../checkout/checkout';
import { readRunManifest } from '../checkout/manifests/run-manifest';
import {
  extendedApp,
  sourceKind,
  type SourceManifest,
  withFields,
} from '../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume, withVerity } from '../checkout/manifests/volume-name';
import { rootOverlay, rootOverlayStorage } from '../checkout/template/storage';
import type { Job } from '../job';
import { sameJson } from '../json/canonical';
import type { JsonObject } from '../json/value';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import type { OverlayChange } from '../rootfs/overlay-changes';
import type { BuildEnvironment, Workshop } from './environment';
import type { BuildReport } from './report';
import {
  readAnyManifest,
  readAppManifest,
  requireBaseOf,
  requireExtended,
  requireSameBase,
} from './steps/app-manifest';
import { automaticKind } from './steps/automatic-kind';
import { stageDependants } from './steps/dependants';
import { atStake, impactOf, impactOn, type OnAtStake } from './steps/impact';
import { isRight } from './steps/is-made-from';
import { isUpToDate } from './steps/is-up-to-date';
import {
  digestOf,
  digestsOfBase,
  digestsOfOverlay,
  fieldsOfMaterial,
  type Material,
  materialForUpdate,
  type MaterialWishes,
} from './steps/material';
import { generatedFilesOf, type OtherApp, stageOtherApp } from './steps/other-app';
import { digestOfBase, installedDigest, requireDigest, withRecordedDigest } from './steps/recorded-digests';
import { stageManifest } from './steps/stage-manifest';
import { reported, stageBase, type StagedFile, stageOverlay } from './steps/stage-squashfs';

/** `automatic`: a patch for an app that has an overlay, else a new base, as pvr chooses. */
export type UpdateKind = 'patch' | 'new-base' | 'automatic';

export interface UpdateAppRequest extends MaterialWishes {
  readonly app: string;
  readonly kind: UpdateKind;
  /** The app whose base the patch is to be built on, where somebody wants to be sure of it. */
  readonly base?: string | undefined;
  /** Build, weigh and check everything, but change nothing. */
  readonly isPreview?: boolean;
  /** Called before anything is built. */
  readonly onAtStake?: OnAtStake | undefined;
}

/**
 * Brings an app to the image that its tag, or the wished reference, names now. A new base takes the overlays of all apps
 * that extend it along.
 *
 * @throws Problem, and the checkout is as it was.
 */
export async function updateApp(
  checkoutDirectory: string,
  request: UpdateAppRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<BuildReport> {
  const { app, isPreview = false } = request;
  const workshop = { ...environment, job };
  const what = `${isPreview ? 'previewing' : 'updating'} ${app}`;
  const changed = await changeCheckout(checkoutDirectory, { what, isPreview }, job, async (change) => {
    const present = await readAppManifest(change, app);
    const manifest = await withRecordedDigest(change, app, present);
    requireSameBase(`updating ${app}`, app, manifest, request.base);
    const kind = resolveKind(request, manifest);
    requireKindOfBase(request, manifest, kind);
    request.onAtStake?.(await atStake(change, app, kind === 'new-base'));
    await requireExtended(change, app, manifest.fields);
    await using material = await materialForUpdate(change, app, manifest, request, workshop);
    const update = { change, app, manifest, material, workshop };
    const renewed = withFields(manifest, fieldsOfMaterial(material, manifest, request));
    if (await isUpToDate(change, app, manifest, kind, material, workshop)) {
      // Another tag of the same image is what later updates are to follow.
      if (isAskedFor(request) || manifest !== present)
        await stageManifest(change, app, { before: manifest, after: renewed }, job);
      return { image: installedDigest(manifest), built: [] };
    }
    const built = kind === 'patch' ? await patch(update, renewed) : await newBase(update, renewed);
    return {
      image: built.digest,
      built: built.files.map(reported),
      ...(isPreview && built.changes && { overlay: built.changes }),
    };
  });
  const outcome = isPreview ? 'previewed' : changed.changedFiles.length > 0 ? 'installed' : 'unchanged';
  return { outcome, app, ...changed.result, ...(await impactOf(changed)) };
}

/** Something that src.json is to say from now on, whatever it is built from. */
function isAskedFor({ reference, platform, config }: UpdateAppRequest): boolean {
  return [reference, platform, config].some((one) => one !== undefined);
}

interface Update {
  readonly change: ChangingCheckout;
  readonly app: string;
  /** As it lies there, with its digest. */
  readonly manifest: SourceManifest;
  readonly material: Material;
  readonly workshop: Workshop;
}

interface Built {
  /** Of what it was built from. */
  readonly digest: string;
  readonly files: readonly StagedFile[];
  readonly changes?: readonly OverlayChange[];
}

/** @param renewed src.json with what it is built from, but for its digest. */
async function patch(update: Update, renewed: SourceManifest): Promise<Built> {
  const { change, app, manifest, material, workshop } = update;
  const baseFile = await requireBaseOf(change, app, manifest.fields);
  await warnOfWrongBase(update);
  await warnOfRefusal(update);
  await warnOfLastingChanges(update);
  const extended = extendedApp(manifest);
  const builtOn =
    extended === undefined
      ? sourceKind(manifest) === 'docker'
        ? requireDigest(`updating ${app} as a patch`, app, renewed)
        : await digestOfBase(change, app, workshop)
      : await digestOfBase(change, extended, workshop);
  const overlay = await stageOverlay(change, app, baseFile, material.source, renewed, workshop);
  const after = withFields(renewed, digestsOfOverlay(material, overlay, renewed, builtOn));
  await stageManifest(change, app, { before: manifest, after }, workshop.job);
  return { digest: digestOf(material, overlay), files: [overlay], changes: overlay.changes };
}

/** A patch fits whatever base lies there; but whoever takes it for another one should know. */
async function warnOfWrongBase({ change, app, manifest, workshop }: Update): Promise<void> {
  const owner = extendedApp(manifest) ?? app;
  const ofOwner = owner === app ? manifest : await readAnyManifest(change, owner);
  if (ofOwner === undefined) return;
  const wanted = { app: owner, volume: baseVolume, manifest: ofOwner };
  if (await isRight(change, wanted, workshop)) return;
  workshop.job.warn(
    `${owner}/${baseVolume} is neither the file of the last commit nor one that was built here; the patch is made for what lies there. Build it again with pvx app install ${owner}`,
  );
}

/** A device can't open a verified base again while apps that extend it hold it; building takes longer than saying so. */
async function warnOfRefusal({ change, app, workshop }: Update): Promise<void> {
  if ((await change.text(`${app}/run.json`))?.includes(withVerity(baseVolume)) !== true) return;
  const { checkout, waiting } = await readWithWaiting(change.before);
  const {
    effect,
    reason,
    remedy = '',
  } = impactOn(checkout, [...waiting.files, `${app}/${overlayVolume}`]).restart;
  if (effect === 'refused')
    workshop.job.warn(`a device refuses the revision with this patch: ${reason}. ${remedy}`);
}

/**
 * What the container wrote to a file lies over the patch's for good, until someone deletes it on the device. A device goes by
 * run.json, which may say another thing than src.json, and keeps it over an update.
 */
async function warnOfLastingChanges({ change, app, manifest, workshop }: Update): Promise<void> {
  const file = `${app}/run.json`;
  const text = await change.text(file);
  const ofDevice = text === undefined ? undefined : readRunManifest(text, file).storage.get(rootOverlay);
  const ofSource = rootOverlayStorage(manifest.fields.persistence ?? new Map());
  if ((ofDevice ?? ofSource).persistence !== 'permanent') return;
  const where =
    ofSource.persistence === 'permanent'
      ? `"persistence" of ${app}/src.json, and have the app installed again`
      : `"storage" of ${file}`;
  workshop.job.warn(
    `${app} keeps what it writes for good ("${rootOverlay}": permanent), so on a device, files that it changed or deleted itself hide those of the patch; ` +
      `to let the patch show, set "${rootOverlay}" to revision or boot in ${where}, or use volumes for its data`,
  );
}

/** @param renewed src.json with what it is built from, but for its digest. */
async function newBase(update: Update, renewed: SourceManifest): Promise<Built> {
  const { change, app, manifest, material, workshop } = update;
  if (material.type === 'pvr' && !material.other.isExtension) return copied(update, material.other, renewed);
  const alone = withFields(renewed, { docker_ovl_digest: undefined });
  const base = await stageBase(change, app, material.source, alone, workshop);
  const after = withFields(alone, digestsOfBase(material, base));
  await stageManifest(change, app, { before: manifest, after, isBaseNew: true }, workshop.job);
  const digest = digestOf(material, base);
  const sources = material.type === 'docker' ? material.sources : [];
  const dependants = await stageDependants(change, { app, file: base.file, digest, sources }, workshop);
  return { digest, files: [base, ...dependants] };
}

/** As pvr does, all that the app is where it comes from, in the place of what it is here. */
async function copied(update: Update, other: OtherApp, renewed: SourceManifest): Promise<Built> {
  const { change, app, manifest, workshop } = update;
  const files = await stageOtherApp(change, app, other, 'whole', workshop);
  const { pvr, docker_config, rootfs_url, name } = renewed.fields;
  const after = withFields(other.manifest, {
    pvr,
    docker_config,
    rootfs_url,
    ...(name !== undefined && { name }),
  });
  warnOfLostArguments(app, manifest, after, workshop.job);
  const generated = await generatedFilesOf(other, app, workshop.job);
  const manifests = { before: other.manifest, after, files: generated, isBaseNew: true };
  await stageManifest(change, app, manifests, workshop.job);
  const base = files.find(({ kind }) => kind === 'base');
  const { digest } = other;
  const dependants =
    base === undefined || base.isSame
      ? []
      : await stageDependants(change, { app, file: base.file, digest, sources: [] }, workshop);
  return { digest, files: [...files, ...dependants] };
}

/** What was set here is nowhere else. */
function warnOfLostArguments(app: string, before: SourceManifest, after: SourceManifest, job: Job): void {
  for (const field of ['args', 'persistence'] as const) {
    const theirs: JsonObject = after.fields[field] ?? new Map();
    const mine: JsonObject = before.fields[field] ?? new Map();
    const lost = [...mine].flatMap(([key, own]) => {
      const other = theirs.get(key);
      return other !== undefined && sameJson(own, other) ? [] : [key];
    });
    if (lost.length > 0)
      job.warn(
        `"${field}" of ${app}/src.json is as it is where ${app} comes from; what it said here is gone: ${lost.join(', ')}`,
      );
  }
}

/** Base and overlay of an app are of one kind, as its src.json has room for one. @throws Problem. */
function requireKindOfBase(
  { app, type }: UpdateAppRequest,
  manifest: SourceManifest,
  kind: UpdateKind,
): void {
  const isOther = type !== undefined && type !== sourceKind(manifest);
  if (!isOther || kind === 'new-base' || extendedApp(manifest) !== undefined) return;
  throw new Problem({
    doing: `updating ${app} as a patch`,
    found: 'it is to be made from something of another kind than its base',
    remedy: remedy`Build a new base with it: ${way.newBase(app)}`,
  });
}

export function resolveKind(
  { app, kind }: Pick<UpdateAppRequest, 'app' | 'kind'>,
  manifest: SourceManifest,
): Exclude<UpdateKind, 'automatic'> {
  const extended = extendedApp(manifest);
  if (kind === 'automatic')
    return automaticKind({ extended, overlayDigest: manifest.fields.docker_ovl_digest });
  if (kind === 'patch' || extended === undefined) return kind;
  throw new Problem({
    doing: `building a new base of ${app}`,
    found: `${app} has none: it extends ${extended}, and is an overlay over its base`,
    remedy: remedy`Build a new base of ${extended} (${way.newBase(extended)}), which rebuilds ${app} too, or update ${app} as a patch`,
  });
}
