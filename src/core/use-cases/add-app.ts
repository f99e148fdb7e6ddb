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
import { listFiles } from '../files/list-files';
import type { Job } from '../job';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import type { BuildEnvironment, Workshop } from './environment';
import type { BuildReport } from './report';
import { readAnyManifest, readStacking, requireBaseFile } from './steps/app-manifest';
import { stageDependants } from './steps/dependants';
import { impactOf } from './steps/impact';
import {
  digestOf,
  digestsOfBase,
  digestsOfOverlay,
  fieldsOfMaterial,
  type Material,
  materialForNewApp,
  type MaterialWishes,
} from './steps/material';
import { generatedFilesOf, stageOtherApp } from './steps/other-app';
import { digestOfBase } from './steps/recorded-digests';
import { stageManifest } from './steps/stage-manifest';
import { reported, stageBase, type StagedFile, stageOverlay } from './steps/stage-squashfs';
import { type NewContainer, settleGroup, stageGroup } from './steps/start-order';
import { requireKnownArguments, requireOneValueEach, templateArguments } from './steps/template-arguments';

export interface AddAppRequest extends MaterialWishes, NewContainer {
  readonly reference: string;
  /** Folders that outlive the container, by path: `permanent`, `revision` or `boot`, perhaps with `@disk`. */
  readonly volumes?: Readonly<Record<string, string>> | undefined;
  /** mksquashfs options for the files that are made. */
  readonly formatOptions?: string | undefined;
  /** It may take the place of an app of the same name. */
  readonly isForced?: boolean | undefined;
}

/** Adds an app made from an image, a root file system or another app. @throws Problem, and the checkout is as it was. */
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
    await using material = await materialForNewApp(change, settled, workshop);
    const built = await build(change, settled, material, workshop);
    const files = material.type === 'pvr' ? await generatedFilesOf(material.other, app, job) : undefined;
    await stageManifest(
      change,
      app,
      { before: built.before, after: built.manifest, files, isBaseNew: true },
      job,
    );
    const { base, baseGroup } = settled;
    if (base !== undefined && baseGroup !== undefined) await stageGroup(change, base, baseGroup);
    const dependants = request.isForced ? await takePlace(change, app, built, workshop) : [];
    return { image: built.digest, built: [...built.staged, ...dependants].map(reported) };
  });
  return { outcome: 'installed', app, ...changed.result, ...(await impactOf(changed)) };
}

interface Built {
  readonly staged: readonly StagedFile[];
  /** The src.json that the app's other files were made from, where they come along. */
  readonly before: SourceManifest | undefined;
  readonly manifest: SourceManifest;
  readonly digest: string;
}

async function build(
  change: ChangingCheckout,
  request: AddAppRequest,
  material: Material,
  workshop: Workshop,
): Promise<Built> {
  const { app, base: baseApp } = request;
  const other = material.type === 'pvr' ? material.other : undefined;
  const before = other?.manifest;
  const fields = fieldsOfMaterial(material, undefined, request);
  const draft = withFields(draftOf(request, before), fields);
  if (baseApp === undefined) {
    if (other !== undefined && !other.isExtension) {
      const staged = await stageOtherApp(change, app, other, 'whole', workshop);
      return { staged, before, manifest: draft, digest: other.digest };
    }
    if (other !== undefined) await stageOtherApp(change, app, other, 'without root', workshop);
    const alone = withFields(draft, { base: undefined, docker_ovl_digest: undefined, dm_enabled: undefined });
    const staged = await stageBase(change, app, material.source, alone, workshop);
    const manifest = withFields(alone, digestsOfBase(material, staged));
    return { staged: [staged], before, manifest, digest: digestOf(material, staged) };
  }
  const baseFile = await requireBaseFile(change, baseApp);
  const fieldsOfBase = (await readAnyManifest(change, baseApp))?.fields;
  const builtOn = await digestOfBase(change, baseApp, workshop);
  if (other !== undefined) await stageOtherApp(change, app, other, 'without root', workshop);
  const staged = await stageOverlay(change, app, baseFile, material.source, draft, workshop);
  const digests = digestsOfOverlay(material, staged, draft, builtOn);
  // Over a verified base, an overlay that isn't would be a way around the verification.
  const isVerified = fieldsOfBase?.dm_enabled?.get(baseVolume) === true;
  const verity = isVerified ? new Map([[overlayVolume, true]]) : undefined;
  const manifest = withFields(draft, { ...digests, dm_enabled: verity });
  return { staged: [staged], before, manifest, digest: digestOf(material, staged) };
}

/** All of src.json that doesn't come from what the app is made from; another app's own stays where nothing else is asked for. */
function draftOf(request: AddAppRequest, theirs: SourceManifest | undefined): SourceManifest {
  const { app, base, volumes, formatOptions } = request;
  const own = theirs?.fields;
  const args = new Map([...(own?.args ?? []), ...templateArguments(request)]);
  const persistence = new Map([...(own?.persistence ?? []), ...Object.entries(volumes ?? {})]);
  return withFields(theirs ?? newSourceManifest({}), {
    base: base ?? own?.base,
    ...(own?.name !== undefined && { name: app }),
    args: args.size > 0 ? args : undefined,
    format_options: formatOptions ?? own?.format_options,
    persistence: persistence.size > 0 ? persistence : undefined,
  });
}

/** Nothing stays of an app that another one takes the place of, and those that extended its base extend the new one. */
async function takePlace(
  change: ChangingCheckout,
  app: string,
  { staged, digest }: Built,
  workshop: Workshop,
): Promise<readonly StagedFile[]> {
  for (const { path: file } of await listFiles(path.join(change.directory, app))) {
    const target = `${app}/${file}`;
    const isKept = change.isWritten(target) || change.transaction.confirmed.has(target);
    if (!isKept) await change.remove(target);
  }
  const base = staged.find(({ kind }) => kind === 'base');
  return base === undefined
    ? []
    : stageDependants(change, { app, file: base.file, digest, sources: [] }, workshop);
}

async function requireAddable(checkout: OpenedCheckout, request: AddAppRequest): Promise<void> {
  const { app, base } = request;
  const others = (await foldersIn(checkout.directory)).filter((name) => name !== app);
  checkAppName(app, others);
  const doing = `adding ${app}`;
  if (!request.isForced && (await pathExists(path.join(checkout.directory, app)))) {
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
  const { base: baseOfBase } = await readStacking(checkout, base);
  if (baseOfBase === undefined && base !== app) return;
  throw new Problem({
    doing,
    found:
      base === app
        ? 'it is to extend itself'
        : `${base} itself extends ${baseOfBase}, so it has no base of its own`,
    remedy: base === app ? 'Name another app as its base' : `Extend ${baseOfBase} instead`,
  });
}

async function foldersIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
