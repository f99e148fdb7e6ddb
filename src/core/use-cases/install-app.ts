import path from 'node:path';
import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { defaultGroupForTemplate, readGroups } from '../checkout/manifests/groups';
import { readRunManifest } from '../checkout/manifests/run-manifest';
import { extendedApp, type SourceManifest, sourceManifestText } from '../checkout/manifests/source-manifest';
import { keepingVerityOf } from '../checkout/manifests/verified-volumes';
import { baseVolume, overlayVolume } from '../checkout/manifests/volume-name';
import { renderRunFiles, type RunFiles } from '../checkout/template/run-files';
import type { Image } from '../image/image';
import { parseSources } from '../image/source-list';
import type { Job } from '../job';
import { sameJson } from '../json/canonical';
import { parseJson } from '../json/parse';
import { withoutNulls } from '../json/value';
import { Problem } from '../problem';
import type { BuildEnvironment, Workshop } from './environment';
import type { BuildReport } from './report';
import { readDockerManifest, requireBaseOf, requireExtended, requireSameBase } from './steps/app-manifest';
import { stageDependants } from './steps/dependants';
import { findImage, requestForDigest } from './steps/image-request';
import { imageSource } from './steps/image-tree';
import { atStake, impactOf, type OnAtStake } from './steps/impact';
import { isIntact, isMadeFrom, isRight } from './steps/is-made-from';
import { requireDigest, withRecordedDigest } from './steps/recorded-digests';
import { stageRunFiles } from './steps/stage-manifest';
import { reported, stageBase, type StagedFile, stageOverlay } from './steps/stage-squashfs';
import { stageVerity } from './steps/stage-verity';

export interface InstallAppRequest {
  readonly app: string;
  /** The app that it extends, where somebody wants to be sure of it. */
  readonly base?: string | undefined;
  /** Where to look for its images in place of what src.json says: `remote,local`, `archive:PATH`. */
  readonly sources?: string | undefined;
  /** Called before anything is built. */
  readonly onAtStake?: OnAtStake | undefined;
}

/**
 * Makes what an app lacks from its src.json: run.json and lxc.container.conf as the template has them, each SquashFS file
 * that is missing, damaged or made from another image than src.json says, and what dm-verity needs for these. Where that
 * gives it a base of another image, the overlays of the apps that extend it are built anew, too. src.json stays as it is,
 * but for a digest that only the file beside its SquashFS file has kept.
 *
 * @throws Problem, and the checkout is as it was.
 */
export async function installApp(
  checkoutDirectory: string,
  { app, base, sources, onAtStake }: InstallAppRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<BuildReport> {
  const workshop = { ...environment, job };
  const changed = await changeCheckout(
    checkoutDirectory,
    { what: `installing ${app}` },
    job,
    async (change) => {
      const present = await readDockerManifest(change, app);
      requireSameBase(`installing ${app}`, app, present, base);
      onAtStake?.(await atStake(change, app, false));
      const manifest = await withRecordedDigest(change, app, present);
      const digest = requireDigest(`installing ${app}`, app, manifest);
      await requireExtended(change, app, manifest.fields);
      const defaultGroup = defaultGroupForTemplate((await readGroups(change)).groups);
      const wanted = await withPresentVerity(change, app, manifest);
      const generated = renderRunFiles({ app, defaultGroup, manifest: wanted });
      generated.warnings.forEach((warning) => job.warn(warning));
      const install = { change, app, manifest, sources, workshop };
      const before = await presentBase(install);
      const own = await buildMissing(install, before);
      if (manifest !== present) await change.write(`${app}/src.json`, sourceManifestText(manifest));
      await warnOfReplaced(install, generated);
      await stageRunFiles(change, app, generated);
      await stageVerity(change, app, generated.runJson, job);
      const built = [...own, ...(await rebuildDependants(install, own, before))];
      return { image: manifest.fields.docker_ovl_digest ?? digest, built: built.map(reported) };
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
  const { base, docker_digest: wanted } = manifest.fields;
  const digest = await change.text(`${app}/${baseVolume}.docker-digest`);
  if (base || !wanted) return { digest, standing: 'made' };
  return { digest, standing: await standingOf(install, baseVolume, wanted) };
}

async function buildMissing(install: Install, before: PresentBase): Promise<readonly StagedFile[]> {
  const { app, manifest } = install;
  const { docker_digest: digest, docker_ovl_digest: overlayDigest } = manifest.fields;
  const extended = extendedApp(manifest);
  const requireBase = () => requireBaseOf(install.change, app, manifest.fields);
  // An overlay alone shows nothing.
  const extendedBase = extended === undefined ? undefined : await requireBase();
  const built: StagedFile[] = [];
  if (extended === undefined && digest && before.standing !== 'made') {
    built.push(await buildBase(install, digest));
  }
  const isBaseNew = built.length > 0;
  const isOverlayMade = async (wanted: string) =>
    (await standingOf(install, overlayVolume, wanted)) === 'made';
  if (overlayDigest && (isBaseNew || !(await isOverlayMade(overlayDigest)))) {
    const baseFile = extendedBase ?? built[0]?.file ?? (await requireBase());
    built.push(await buildOverlay(install, baseFile, overlayDigest));
  }
  return built;
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
  const digest = manifest.fields.docker_digest;
  const base = own.find(({ kind }) => kind === 'base');
  const wasOfAnother = before.digest !== undefined && before.digest !== digest;
  if (base === undefined || !digest || !(wasOfAnother || before.standing === 'wrong')) return [];
  const newBase = { app, file: base.file, digest, sources: sources ? parseSources(sources) : [] };
  return stageDependants(change, newBase, workshop);
}

async function buildBase(install: Install, digest: string): Promise<StagedFile> {
  const { change, app, manifest, workshop } = install;
  await using image = await findPinnedImage(install, digest);
  const staged = await stageBase(change, app, imageSource(image), manifest, workshop);
  await change.write(`${app}/${baseVolume}.docker-digest`, digest);
  return staged;
}

async function buildOverlay(install: Install, baseFile: string, digest: string): Promise<StagedFile> {
  const { change, app, manifest, workshop } = install;
  await using image = await findPinnedImage(install, digest);
  const staged = await stageOverlay(change, app, baseFile, imageSource(image), manifest, workshop);
  await change.write(`${app}/${overlayVolume}.docker-digest`, digest);
  return staged;
}

async function findPinnedImage(
  { change, app, manifest, sources, workshop }: Install,
  digest: string,
): Promise<Image> {
  const request = await requestForDigest(change, app, manifest, digest, { sources });
  return findImage(request, workshop);
}

/** `lacking`: it is missing, damaged, or of another image. `wrong`: whole, but not what was built from the image. */
type Standing = 'made' | 'lacking' | 'wrong';

async function standingOf(
  { change, app, manifest, workshop }: Install,
  volume: string,
  digest: string,
): Promise<Standing> {
  const isFromImage = await isMadeFrom(change, `${app}/${volume}`, digest);
  if (!isFromImage || !(await isIntact(path.join(change.directory, app, volume), workshop))) return 'lacking';
  const wanted = { app, volume, manifest };
  return (await isRight(change, wanted, workshop)) ? 'made' : 'wrong';
}
