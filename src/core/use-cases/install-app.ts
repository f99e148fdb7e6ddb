import path from 'node:path';
import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { defaultGroupForTemplate, readGroups } from '../checkout/manifests/groups';
import { readRunManifest } from '../checkout/manifests/run-manifest';
import { baseDigestOf, digestPlaceOf } from '../checkout/manifests/digest-place';
import {
  extendedApp,
  type FieldChanges,
  type SourceKind,
  sourceKind,
  type SourceManifest,
  sourceManifestText,
  withFields,
} from '../checkout/manifests/source-manifest';
import { keepingVerityOf } from '../checkout/manifests/verified-volumes';
import { baseVolume, overlayVolume } from '../checkout/manifests/volume-name';
import { isObjectId } from '../checkout/state';
import { renderRunFiles, type RunFiles } from '../checkout/template/run-files';
import { parseSources } from '../image/source-list';
import type { Job } from '../job';
import { sameJson } from '../json/canonical';
import { parseJson } from '../json/parse';
import { withoutNulls } from '../json/value';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import type { BuildEnvironment, Workshop } from './environment';
import type { BuildReport } from './report';
import {
  readAppManifest,
  requireBaseOf,
  requireExtended,
  requireImageName,
  requireSameBase,
} from './steps/app-manifest';
import { stageDependants } from './steps/dependants';
import { findImage, requestForDigest } from './steps/image-request';
import { atStake, impactOf, type OnAtStake } from './steps/impact';
import { isIntact, isMadeFrom, isRight, recordedBeside } from './steps/is-made-from';
import { digestOf, digestsOfOverlay, type Material, materialForUpdate, ofImage } from './steps/material';
import { installedDigest, requireDigest, withRecordedDigest } from './steps/recorded-digests';
import { stageRunFiles } from './steps/stage-manifest';
import { reported, stageBase, stageCopy, type StagedFile, stageOverlay } from './steps/stage-squashfs';
import { stageVerity } from './steps/stage-verity';

export interface InstallAppRequest {
  readonly app: string;
  /** The app that it extends, where somebody wants to be sure of it. */
  readonly base?: string | undefined;
  /** What it is made from, where somebody wants to be sure of it. */
  readonly type?: SourceKind | undefined;
  /** Where to look for its images in place of what src.json says: `remote,local`, `archive:PATH`. */
  readonly sources?: string | undefined;
  /** Called before anything is built. */
  readonly onAtStake?: OnAtStake | undefined;
}

/**
 * Makes what an app lacks from its src.json: run.json and lxc.container.conf as the template has them, each SquashFS file
 * that is missing, damaged or made from another image than src.json says, and what dm-verity needs for these. Where that
 * gives it a base of another image, the overlays of the apps that extend it are built anew, too. src.json stays as it is,
 * but for a digest that only the file beside its SquashFS file has kept, and for those of files that were built from what no digest
 * pins: a root file system, or an app of another checkout.
 *
 * @throws Problem, and the checkout is as it was.
 */
export async function installApp(
  checkoutDirectory: string,
  { app, base, type, sources, onAtStake }: InstallAppRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<BuildReport> {
  const workshop = { ...environment, job };
  const changed = await changeCheckout(
    checkoutDirectory,
    { what: `installing ${app}` },
    job,
    async (change) => {
      const present = await readAppManifest(change, app);
      requireImageName(app, present);
      requireSameType(app, present, type);
      requireSameBase(`installing ${app}`, app, present, base);
      onAtStake?.(await atStake(change, app, false));
      const manifest = await withRecordedDigest(change, app, present);
      if (sourceKind(manifest) === 'docker') requireDigest(`installing ${app}`, app, manifest);
      await requireExtended(change, app, manifest.fields);
      const defaultGroup = defaultGroupForTemplate((await readGroups(change)).groups);
      const wanted = await withPresentVerity(change, app, manifest);
      const generated = renderRunFiles({ app, defaultGroup, manifest: wanted });
      generated.warnings.forEach((warning) => job.warn(warning));
      const install = { change, app, manifest, sources, workshop };
      const before = await presentBase(install);
      const { files: own, manifest: after } = await buildMissing(install, before);
      if (after !== present) await change.write(`${app}/src.json`, sourceManifestText(after));
      await warnOfReplaced(install, generated);
      await stageRunFiles(change, app, generated);
      await stageVerity(change, app, generated.runJson, job);
      const built = [...own, ...(await rebuildDependants({ ...install, manifest: after }, own, before))];
      return { image: installedDigest(after), built: built.map(reported) };
    },
  );
  const outcome = changed.changedFiles.length > 0 ? 'installed' : 'unchanged';
  return { outcome, app, ...changed.result, ...(await impactOf(changed)) };
}

/** What was changed by hand, or by a newer pvr, in files that are made anew. */
async function warnOfReplaced({ change, app, workshop }: Install, { runJson, lxcContainerConf }: RunFiles) {
  for (const [name, made] of [
    ['run.json', runJson],
    ['lxc.container.conf', lxcContainerConf],
  ] as const) {
    const present = await change.text(`${app}/${name}`);
    if (present === undefined || made === undefined || saysTheSame(present, made)) continue;
    workshop.job.warn(
      `made ${app}/${name} anew from src.json: what else it said is gone, unless the last commit has it`,
    );
  }
}

/** Files that were cloned are laid out in another way. */
function saysTheSame(present: string, made: string): boolean {
  try {
    return present === made || sameJson(withoutNulls(parseJson(present, '')), parseJson(made, ''));
  } catch (problem) {
    if (problem instanceof Problem) return false;
    throw problem;
  }
}

/** Verification that was set up in run.json alone isn't taken away; a run.json that can't be read says nothing about it. */
async function withPresentVerity(
  change: ChangingCheckout,
  app: string,
  manifest: SourceManifest,
): Promise<SourceManifest> {
  const file = `${app}/run.json`;
  const text = await change.text(file);
  if (text === undefined) return manifest;
  try {
    return keepingVerityOf(manifest, readRunManifest(text, file));
  } catch (problem) {
    if (problem instanceof Problem) return manifest;
    throw problem;
  }
}

interface Install {
  readonly change: ChangingCheckout;
  readonly app: string;
  readonly manifest: SourceManifest;
  readonly sources: string | undefined;
  readonly workshop: Workshop;
}

/** The base that an app has before it is installed. */
interface PresentBase {
  /** Of the image that it was made from, as the file beside it says. */
  readonly digest: string | undefined;
  readonly standing: Standing;
}

async function presentBase(install: Install): Promise<PresentBase> {
  const { change, app, manifest } = install;
  const wanted = baseDigestOf(manifest);
  const [digest] = await recordedBeside(change, `${app}/${baseVolume}`);
  if (extendedApp(manifest) !== undefined) return { digest, standing: 'made' };
  if (!wanted && sourceKind(manifest) === 'docker') return { digest, standing: 'made' };
  return { digest, standing: await standingOf(install, baseVolume, wanted) };
}

interface Made {
  readonly files: readonly StagedFile[];
  /** With the digests of these. */
  readonly manifest: SourceManifest;
}

async function buildMissing(install: Install, before: PresentBase): Promise<Made> {
  const { app } = install;
  const overlayDigest = install.manifest.fields.docker_ovl_digest;
  let { manifest } = install;
  const extended = extendedApp(manifest);
  const requireBase = () => requireBaseOf(install.change, app, manifest.fields);
  // An overlay alone shows nothing.
  const extendedBase = extended === undefined ? undefined : await requireBase();
  const built: StagedFile[] = [];
  if (extended === undefined && before.standing !== 'made') {
    const made = await buildBase(install);
    built.push(...made.files);
    manifest = made.manifest;
  }
  const isBaseNew = built.length > 0;
  const isOverlayMade = async (wanted: string) =>
    (await standingOf(install, overlayVolume, wanted)) === 'made';
  if (overlayDigest && (isBaseNew || !(await isOverlayMade(overlayDigest)))) {
    const baseFile = extendedBase ?? built[0]?.file ?? (await requireBase());
    const made = await buildOverlay({ ...install, manifest }, baseFile);
    built.push(...made.files);
    manifest = made.manifest;
  }
  return { files: built, manifest };
}

/**
 * A src.json that came alone, as with git, may ask for another base than the one that lies here, and that one may be another one than
 * it is called; the overlays that were made for it no longer fit then.
 */
async function rebuildDependants(
  { change, app, manifest, sources, workshop }: Install,
  own: readonly StagedFile[],
  before: PresentBase,
): Promise<readonly StagedFile[]> {
  const digest = baseDigestOf(manifest);
  const base = own.find(({ kind }) => kind === 'base');
  const wasOfAnother = before.digest !== undefined && before.digest !== digest;
  if (base === undefined || !digest || !(wasOfAnother || before.standing === 'wrong')) return [];
  const newBase = { app, file: base.file, digest, sources: sources ? parseSources(sources) : [] };
  return stageDependants(change, newBase, workshop);
}

async function buildBase(install: Install): Promise<Made> {
  const { change, app, manifest, workshop } = install;
  await using material = await pinnedMaterial(install, baseDigestOf(manifest));
  const staged = await stagedBase(material, install);
  const wanted = baseDigestOf(manifest);
  const digest = material.type === 'docker' && wanted !== undefined ? wanted : digestOf(material, staged);
  const { field, suffix } = digestPlaceOf(manifest);
  warnOfOther(app, wanted, digest, workshop.job);
  await change.write(`${app}/${baseVolume}${suffix}`, digest);
  return { files: [staged], manifest: asBefore(manifest, { [field]: digest }) };
}

async function stagedBase(
  material: Material,
  { change, app, manifest, workshop }: Install,
): Promise<StagedFile> {
  if (material.type === 'pvr' && !material.other.isExtension)
    for (const [file, id] of material.other.files)
      if (file === baseVolume && isObjectId(id))
        return stageCopy(change, app, 'base', { id, store: material.other.store }, workshop);
  return stageBase(change, app, material.source, manifest, workshop);
}

async function buildOverlay(install: Install, baseFile: string): Promise<Made> {
  const { change, app, manifest, workshop } = install;
  const { docker_ovl_digest: wanted } = manifest.fields;
  await using material = await pinnedMaterial(install, wanted);
  const staged = await stageOverlay(change, app, baseFile, material.source, manifest, workshop);
  const digest = material.type === 'docker' && wanted ? wanted : digestOf(material, staged);
  const builtOn = manifest.fields.docker_digest ?? baseDigestOf(manifest) ?? '';
  const isPinned = material.type === 'docker';
  const after = isPinned
    ? manifest
    : asBefore(manifest, digestsOfOverlay(material, staged, manifest, builtOn));
  warnOfOther(app, wanted, digest, workshop.job);
  await change.write(`${app}/${overlayVolume}${digestPlaceOf(after).suffix}`, digest);
  return { files: [staged], manifest: after };
}

/** The very image that a file is to be made from; of what else there is, what src.json names now. */
async function pinnedMaterial(install: Install, digest: string | undefined): Promise<Material> {
  const { change, app, manifest, sources, workshop } = install;
  if (sourceKind(manifest) !== 'docker') return materialForUpdate(change, app, manifest, {}, workshop);
  const request = await requestForDigest(change, app, manifest, digest ?? '', { sources });
  return ofImage(await findImage(request, workshop), request.sources);
}

/** The very same manifest where nothing in it changes. */
function asBefore(manifest: SourceManifest, changes: FieldChanges): SourceManifest {
  const after = withFields(manifest, changes);
  return sourceManifestText(after) === sourceManifestText(manifest) ? manifest : after;
}

/** Of what no digest can bring back. */
function warnOfOther(app: string, wanted: string | undefined, digest: string, job: Job): void {
  if (wanted === undefined || wanted === digest) return;
  job.warn(
    `what ${app} is made from is not what it was when src.json was written, which knows it as ${wanted}; now it is ${digest}`,
  );
}

/** @throws Problem when it is made from something else. */
function requireSameType(app: string, manifest: SourceManifest, wanted: SourceKind | undefined): void {
  const kind = sourceKind(manifest);
  if (wanted === undefined || wanted === kind) return;
  throw new Problem({
    doing: `installing ${app}`,
    found: `${app}/src.json says ${kind}, not ${wanted}`,
    remedy: remedy`Leave the kind out, or make it from something else with ${way.newBase(app)}`,
  });
}

/** `lacking`: it is missing, damaged, or of another image. `wrong`: whole, but not what was built from the image. */
type Standing = 'made' | 'lacking' | 'wrong';

async function standingOf(
  { change, app, manifest, workshop }: Install,
  volume: string,
  digest: string | undefined,
): Promise<Standing> {
  // What nothing was ever written down of is as good as it is.
  const isFromImage = digest === undefined || (await isMadeFrom(change, `${app}/${volume}`, digest));
  if (!isFromImage || !(await isIntact(path.join(change.directory, app, volume), workshop))) return 'lacking';
  const wanted = { app, volume, manifest };
  return (await isRight(change, wanted, workshop)) ? 'made' : 'wrong';
}
