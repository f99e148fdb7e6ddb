import { changeCheckout } from '../checkout/change/change-checkout';
import type { Transaction } from '../checkout/change/transaction';
import { extendedApp, withFields, type SourceManifest } from '../checkout/manifests/source-manifest';
import { baseVolume } from '../checkout/manifests/volume-name';
import type { Image, Source } from '../image/image';
import type { Job } from '../job';
import { Problem } from '../problem';
import type { OverlayChange } from '../rootfs/overlay-changes';
import type { BuildEnvironment } from './environment';
import type { BuildReport } from './report';
import { readDockerManifest, requireExtended } from './steps/app-manifest';
import { automaticKind } from './steps/automatic-kind';
import { stageDependants } from './steps/dependants';
import { fieldsOfUpdate } from './steps/image-fields';
import { requestForUpdate, type ImageWishes } from './steps/image-request';
import { impactOf } from './steps/impact';
import { isRight } from './steps/is-made-from';
import { isUpToDate } from './steps/is-up-to-date';
import { requireBaseOf, withImage } from './steps/opened';
import { imageOfBase, requireDigest, withRecordedDigest } from './steps/recorded-digests';
import { stageManifest } from './steps/stage-manifest';
import { reported, stageBase, stageOverlay, type StagedFile } from './steps/stage-squashfs';

/** `automatic`: a patch for an app that has an overlay, else a new base, as pvr chooses. */
export type UpdateKind = 'patch' | 'new-base' | 'automatic';

export interface UpdateAppRequest extends ImageWishes {
  readonly app: string;
  readonly kind: UpdateKind;
  /** Build, weigh and check everything, but change nothing. */
  readonly isPreview?: boolean;
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
  const what = `${isPreview ? 'previewing' : 'updating'} ${app}`;
  const change = await changeCheckout(checkoutDirectory, { what, isPreview }, job, async (transaction) => {
    const present = await readDockerManifest(checkoutDirectory, app);
    const manifest = await withRecordedDigest(checkoutDirectory, app, present);
    const kind = resolveKind(request, manifest);
    await requireExtended(checkoutDirectory, app, manifest.fields);
    const wanted = await requestForUpdate(checkoutDirectory, manifest, request);
    return withImage(environment, wanted, job, async (image) => {
      const update = { transaction, app, manifest, image, sources: wanted.sources, environment, job };
      const isRenamed = request.reference !== undefined;
      const renewed = withFields(manifest, fieldsOfUpdate(image, manifest, { isRenamed }));
      if (await isUpToDate(checkoutDirectory, app, manifest, kind, image, environment, job)) {
        // Another tag of the same image is what later updates are to follow.
        if (isRenamed || request.platform !== undefined || manifest !== present)
          await stageManifest(transaction, app, { before: manifest, after: renewed }, job);
        return { image: image.digest, built: [] };
      }
      const built = kind === 'patch' ? await patch(update, renewed) : await newBase(update, renewed);
      return {
        image: image.digest,
        built: built.files.map(reported),
        ...(isPreview && built.changes && { overlay: built.changes }),
      };
    });
  });
  const outcome = isPreview ? 'previewed' : change.changedFiles.length > 0 ? 'installed' : 'unchanged';
  return { outcome, app, ...change.result, ...(await impactOf(checkoutDirectory, change)) };
}

interface Update {
  readonly transaction: Transaction;
  readonly app: string;
  /** As it lies there, with its digest. */
  readonly manifest: SourceManifest;
  readonly image: Image;
  readonly sources: readonly Source[];
  readonly environment: BuildEnvironment;
  readonly job: Job;
}

interface Built {
  readonly files: readonly StagedFile[];
  readonly changes?: readonly OverlayChange[];
}

/** @param renewed src.json with what the image says, but for its digest. */
async function patch(update: Update, renewed: SourceManifest): Promise<Built> {
  const { transaction, app, manifest, image, environment, job } = update;
  const { checkoutDirectory } = transaction;
  const baseFile = await requireBaseOf(checkoutDirectory, app, manifest.fields);
  await warnOfWrongBase(update);
  const extended = extendedApp(manifest);
  const builtOn =
    extended === undefined
      ? requireDigest(`updating ${app} as a patch`, app, renewed)
      : await imageOfBase(checkoutDirectory, extended);
  const overlay = await stageOverlay(transaction, app, baseFile, image, renewed, environment, job);
  const after = withFields(renewed, { docker_digest: builtOn, docker_ovl_digest: image.digest });
  await stageManifest(transaction, app, { before: manifest, after }, job);
  return { files: [overlay], changes: overlay.changes };
}

/** A patch fits whatever base lies there; but whoever takes it for another one should know. */
async function warnOfWrongBase({ transaction, app, manifest, environment, job }: Update): Promise<void> {
  const { checkoutDirectory } = transaction;
  const owner = extendedApp(manifest) ?? app;
  const ofOwner = owner === app ? manifest : await readDockerManifest(checkoutDirectory, owner);
  const wanted = { app: owner, volume: baseVolume, manifest: ofOwner };
  if (await isRight(checkoutDirectory, wanted, environment, job)) return;
  job.warn(
    `${owner}/${baseVolume} is neither the file of the last commit nor one that was built here; the patch is made for what lies there. Build it again with pvx app install ${owner}`,
  );
}

/** @param renewed src.json with what the image says, but for its digest. */
async function newBase(update: Update, renewed: SourceManifest): Promise<Built> {
  const { transaction, app, manifest, image, sources, environment, job } = update;
  const base = await stageBase(transaction, app, image, renewed, environment, job);
  const after = withFields(renewed, { docker_digest: image.digest, docker_ovl_digest: undefined });
  await stageManifest(transaction, app, { before: manifest, after, isBaseNew: true }, job);
  const dependants = await stageDependants(
    transaction,
    { app, file: base.file, digest: image.digest, sources },
    environment,
    job,
  );
  return { files: [base, ...dependants] };
}

function resolveKind(
  { app, kind }: UpdateAppRequest,
  manifest: SourceManifest,
): Exclude<UpdateKind, 'automatic'> {
  const extended = extendedApp(manifest);
  if (kind === 'automatic')
    return automaticKind({ extended, overlayDigest: manifest.fields.docker_ovl_digest });
  if (kind === 'patch' || extended === undefined) return kind;
  throw new Problem({
    doing: `building a new base of ${app}`,
    found: `${app} has none: it extends ${extended}, and is an overlay over its base`,
    remedy: `Build a new base of ${extended} (pvx app update ${extended} --newbase), which rebuilds ${app} too, or update ${app} as a patch`,
  });
}
