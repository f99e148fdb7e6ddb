import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { checkAppName } from '../checkout/app-name';
import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { readGroups } from '../checkout/manifests/groups';
import { newSourceManifest, type SourceManifest, withFields } from '../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../checkout/manifests/volume-name';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { pathExists } from '../files/file-problem';
import type { Image } from '../image/image';
import type { Job } from '../job';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import type { BuildEnvironment, Workshop } from './environment';
import type { BuildReport } from './report';
import { readDockerManifest, requireBaseFile } from './steps/app-manifest';
import { fieldsOfNewApp } from './steps/image-fields';
import { findImage, type ImageWishes, requestForNewApp } from './steps/image-request';
import { imageSource } from './steps/image-tree';
import { impactOf } from './steps/impact';
import { imageOfBase } from './steps/recorded-digests';
import { stageManifest } from './steps/stage-manifest';
import { reported, stageBase, type StagedFile, stageOverlay } from './steps/stage-squashfs';
import { type NewContainer, settleGroup, stageGroup } from './steps/start-order';
import { requireKnownArguments, requireOneValueEach, templateArguments } from './steps/template-arguments';

export interface AddAppRequest extends ImageWishes, NewContainer {
  readonly reference: string;
  /** Folders that outlive the container, by path: `permanent`, `revision` or `boot`, perhaps with `@disk`. */
  readonly volumes?: Readonly<Record<string, string>> | undefined;
  /** mksquashfs options for the files that are made. */
  readonly formatOptions?: string | undefined;
}

/** Adds an app made from an image. @throws Problem, and the checkout is as it was. */
export async function addApp(
  checkoutDirectory: string,
  request: AddAppRequest,
  environment: BuildEnvironment,
  job: Job,
): Promise<BuildReport> {
  const { app } = request;
  const workshop = { ...environment, job };
  const changed = await changeCheckout(checkoutDirectory, { what: `adding ${app}` }, job, async (change) => {
    await requireAddable(change, request);
    const settled = await settleGroup(change, request, job);
    const wanted = await requestForNewApp(change, settled);
    await using image = await findImage(wanted, workshop);
    const draft = withFields(draftOf(settled), fieldsOfNewApp(image, wanted.sources));
    const { staged, manifest } = await build(change, settled, draft, image, workshop);
    await stageManifest(change, app, { before: undefined, after: manifest, isBaseNew: true }, job);
    const { base, baseGroup } = settled;
    if (base !== undefined && baseGroup !== undefined) await stageGroup(change, base, baseGroup);
    return { image: image.digest, built: [reported(staged)] };
  });
  return { outcome: 'installed', app, ...changed.result, ...(await impactOf(changed)) };
}

async function build(
  change: ChangingCheckout,
  { app, base: baseApp }: AddAppRequest,
  draft: SourceManifest,
  image: Image,
  workshop: Workshop,
): Promise<{ readonly staged: StagedFile; readonly manifest: SourceManifest }> {
  if (baseApp === undefined) {
    const staged = await stageBase(change, app, imageSource(image), draft, workshop);
    return { staged, manifest: withFields(draft, { docker_digest: image.digest }) };
  }
  const baseFile = await requireBaseFile(change, baseApp);
  const { fields } = await readDockerManifest(change, baseApp);
  const builtOn = await imageOfBase(change, baseApp);
  const staged = await stageOverlay(change, app, baseFile, imageSource(image), draft, workshop);
  const digests = { docker_digest: builtOn, docker_ovl_digest: image.digest };
  // Over a verified base, an overlay that isn't would be a way around the verification.
  const isVerified = fields.dm_enabled?.get(baseVolume) === true;
  const verity = isVerified ? { dm_enabled: new Map([[overlayVolume, true]]) } : {};
  return { staged, manifest: withFields(draft, { ...digests, ...verity }) };
}

/** All of src.json that doesn't come from the image. */
function draftOf(request: AddAppRequest): SourceManifest {
  const { base, volumes, formatOptions } = request;
  const args = templateArguments(request);
  const persistence = new Map(Object.entries(volumes ?? {}));
  return withFields(newSourceManifest({}), {
    base,
    args: args.size > 0 ? args : undefined,
    format_options: formatOptions,
    persistence: persistence.size > 0 ? persistence : undefined,
  });
}

async function requireAddable(checkout: OpenedCheckout, request: AddAppRequest): Promise<void> {
  const { app, base } = request;
  const others = (await foldersIn(checkout.directory)).filter((name) => name !== app);
  checkAppName(app, others);
  const doing = `adding ${app}`;
  if (await pathExists(path.join(checkout.directory, app))) {
    const isApp = await pathExists(path.join(checkout.directory, app, 'src.json'));
    throw new Problem({
      doing,
      found: `there is ${app} already`,
      remedy: isApp
        ? remedy`Choose another name, or bring it up to date with ${way.update(app)}`
        : 'Choose another name, or move it away',
    });
  }
  requireOneValueEach(doing, request);
  requireKnownArguments(doing, templateArguments(request), (await readGroups(checkout)).groups);
  if (base === undefined) return;
  const { fields } = await readDockerManifest(checkout, base);
  if (fields.base) {
    throw new Problem({
      doing,
      found: `${base} itself extends ${fields.base}, so it has no base of its own`,
      remedy: `Extend ${fields.base} instead`,
    });
  }
}

async function foldersIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
