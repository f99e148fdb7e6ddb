import path from 'node:path';
import { changeCheckout } from '../checkout/change/change-checkout';
import { stageText } from '../checkout/change/stage-text';
import type { Transaction } from '../checkout/change/transaction';
import { defaultGroupForTemplate, readGroups } from '../checkout/manifests/groups';
import { readRunManifest } from '../checkout/manifests/run-manifest';
import { extendedApp, sourceManifestText, type SourceManifest } from '../checkout/manifests/source-manifest';
import { keepingVerityOf } from '../checkout/manifests/verified-volumes';
import { baseVolume, overlayVolume } from '../checkout/manifests/volume-name';
import { renderRunFiles, type RunFiles } from '../checkout/template/run-files';
import { readTextFile } from '../files/text-file';
import type { Image } from '../image/image';
import { parseSources } from '../image/source-list';
import type { Job } from '../job';
import { sameJson } from '../json/canonical';
import { parseJson } from '../json/parse';
import { withoutNulls } from '../json/without-nulls';
import { Problem } from '../problem';
import type { BuildEnvironment } from './environment';
import type { BuildReport } from './report';
import { readDockerManifest, requireExtended } from './steps/app-manifest';
import { stageDependants } from './steps/dependants';
import { requestForDigest } from './steps/image-request';
import { impactOf } from './steps/impact';
import { isIntact, isMadeFrom, isRight } from './steps/is-made-from';
import { requireBaseOf, withImage } from './steps/opened';
import { requireDigest, withRecordedDigest } from './steps/recorded-digests';
import { stageRunFiles } from './steps/stage-manifest';
import { reported, stageBase, stageOverlay, type StagedFile } from './steps/stage-squashfs';
import { stageVerity } from './steps/stage-verity';

export interface InstallAppRequest {
  readonly app: string;
  /** Where to look for its images in place of what src.json says: `remote,local`, `archive:PATH`. */
  readonly sources?: string | undefined;
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
  { app, sources }: InstallAppRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<BuildReport> {
  const change = await changeCheckout(
    checkoutDirectory,
    { what: `installing ${app}` },
    job,
    async (transaction) => {
      const present = await readDockerManifest(checkoutDirectory, app);
      const manifest = await withRecordedDigest(checkoutDirectory, app, present);
      const digest = requireDigest(`installing ${app}`, app, manifest);
      await requireExtended(checkoutDirectory, app, manifest.fields);
      const defaultGroup = defaultGroupForTemplate((await readGroups(checkoutDirectory)).groups);
      const wanted = await withPresentVerity(checkoutDirectory, app, manifest);
      const generated = renderRunFiles({ app, defaultGroup, manifest: wanted });
      generated.warnings.forEach((warning) => job.warn(warning));
      const install = { transaction, app, manifest, sources, environment, job };
      const before = await presentBase(install);
      const own = await buildMissing(install, before);
      if (manifest !== present) await stageText(transaction, `${app}/src.json`, sourceManifestText(manifest));
      await warnOfReplaced(install, generated);
      await stageRunFiles(transaction, app, generated);
      await stageVerity(transaction, app, generated.runJson, job);
      const built = [...own, ...(await rebuildDependants(install, own, before))];
      return { image: manifest.fields.docker_ovl_digest ?? digest, built: built.map(reported) };
    },
  );
  const outcome = change.changedFiles.length > 0 ? 'installed' : 'unchanged';
  return { outcome, app, ...change.result, ...(await impactOf(checkoutDirectory, change)) };
}

/** What was changed by hand, or by a newer pvr, in files that are made anew. */
async function warnOfReplaced({ transaction, app, job }: Install, { runJson, lxcContainerConf }: RunFiles) {
  for (const [name, made] of [
    ['run.json', runJson],
    ['lxc.container.conf', lxcContainerConf],
  ] as const) {
    const present = await readTextFile(transaction.checkoutDirectory, `${app}/${name}`);
    if (present === undefined || made === undefined || saysTheSame(present, made)) continue;
    job.warn(
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
  checkoutDirectory: string,
  app: string,
  manifest: SourceManifest,
): Promise<SourceManifest> {
  const file = `${app}/run.json`;
  const text = await readTextFile(checkoutDirectory, file);
  if (text === undefined) return manifest;
  try {
    return keepingVerityOf(manifest, readRunManifest(text, file));
  } catch (problem) {
    if (problem instanceof Problem) return manifest;
    throw problem;
  }
}

interface Install {
  readonly transaction: Transaction;
  readonly app: string;
  readonly manifest: SourceManifest;
  readonly sources: string | undefined;
  readonly environment: BuildEnvironment;
  readonly job: Job;
}

/** The base that an app has before it is installed. */
interface PresentBase {
  /** Of the image that it was made from, as the file beside it says. */
  readonly digest: string | undefined;
  readonly standing: Standing;
}

async function presentBase(install: Install): Promise<PresentBase> {
  const { transaction, app, manifest } = install;
  const { base, docker_digest: wanted } = manifest.fields;
  const digest = await readTextFile(transaction.checkoutDirectory, `${app}/${baseVolume}.docker-digest`);
  if (base || !wanted) return { digest, standing: 'made' };
  return { digest, standing: await standingOf(install, baseVolume, wanted) };
}

async function buildMissing(install: Install, before: PresentBase): Promise<readonly StagedFile[]> {
  const { app, manifest } = install;
  const { docker_digest: digest, docker_ovl_digest: overlayDigest } = manifest.fields;
  const extended = extendedApp(manifest);
  const requireBase = () => requireBaseOf(install.transaction.checkoutDirectory, app, manifest.fields);
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
  { transaction, app, manifest, sources, environment, job }: Install,
  own: readonly StagedFile[],
  before: PresentBase,
): Promise<readonly StagedFile[]> {
  const digest = manifest.fields.docker_digest;
  const base = own.find(({ kind }) => kind === 'base');
  const wasOfAnother = before.digest !== undefined && before.digest !== digest;
  if (base === undefined || !digest || !(wasOfAnother || before.standing === 'wrong')) return [];
  const newBase = { app, file: base.file, digest, sources: sources ? parseSources(sources) : [] };
  return stageDependants(transaction, newBase, environment, job);
}

async function buildBase(install: Install, digest: string): Promise<StagedFile> {
  const { transaction, app, manifest, environment, job } = install;
  const staged = await withPinnedImage(install, digest, (image) =>
    stageBase(transaction, app, image, manifest, environment, job),
  );
  await stageText(transaction, `${app}/${baseVolume}.docker-digest`, digest);
  return staged;
}

async function buildOverlay(install: Install, baseFile: string, digest: string): Promise<StagedFile> {
  const { transaction, app, manifest, environment, job } = install;
  const staged = await withPinnedImage(install, digest, (image) =>
    stageOverlay(transaction, app, baseFile, image, manifest, environment, job),
  );
  await stageText(transaction, `${app}/${overlayVolume}.docker-digest`, digest);
  return staged;
}

async function withPinnedImage<T>(
  { transaction, app, manifest, sources, environment, job }: Install,
  digest: string,
  use: (image: Image) => Promise<T>,
): Promise<T> {
  const request = await requestForDigest(transaction.checkoutDirectory, app, manifest, digest, { sources });
  return withImage(environment, request, job, use);
}

/** `lacking`: it is missing, damaged, or of another image. `wrong`: whole, but not what was built from the image. */
type Standing = 'made' | 'lacking' | 'wrong';

async function standingOf(
  { transaction: { checkoutDirectory }, app, manifest, environment, job }: Install,
  volume: string,
  digest: string,
): Promise<Standing> {
  const isFromImage = await isMadeFrom(checkoutDirectory, `${app}/${volume}`, digest);
  if (!isFromImage || !(await isIntact(path.join(checkoutDirectory, app, volume), environment, job)))
    return 'lacking';
  const wanted = { app, volume, manifest };
  return (await isRight(checkoutDirectory, wanted, environment, job)) ? 'made' : 'wrong';
}
