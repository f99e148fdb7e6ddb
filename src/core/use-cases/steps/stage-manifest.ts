import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { defaultGroupForTemplate, readGroups } from '../../checkout/manifests/groups';
import { digestPlaceOf, digestSuffixes } from '../../checkout/manifests/digest-place';
import { type SourceManifest, sourceManifestText } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { renderRunFiles, type RunFiles } from '../../checkout/template/run-files';
import { updateRunFiles } from '../../checkout/update/run-files';
import type { Job } from '../../job';
import { stageVerity } from './stage-verity';

export interface ManifestChange {
  /** Undefined for a new app. */
  readonly before: SourceManifest | undefined;
  readonly after: SourceManifest;
  /** The generated files that belong to `before`, where they aren't those that lie there. */
  readonly files?: GeneratedFiles | undefined;
  /** The base is built with it, and not the one that lies there. */
  readonly isBaseNew?: boolean;
}

/** Undefined where there is none. */
export interface GeneratedFiles {
  readonly runJson: string | undefined;
  readonly lxcContainerConf: string | undefined;
}

/**
 * Puts everything small that follows from a src.json into the transaction: the file itself, run.json, lxc.container.conf,
 * the digests beside the SquashFS files, and what dm-verity needs for these, which have been staged before. What an app that
 * is no longer patched has left over is removed.
 */
export async function stageManifest(
  change: ChangingCheckout,
  app: string,
  { before, after, files, isBaseNew = false }: ManifestChange,
  job: Job,
): Promise<void> {
  const defaultGroup = defaultGroupForTemplate((await readGroups(change)).groups);
  const generated =
    before === undefined
      ? renderRunFiles({ app, defaultGroup, manifest: after })
      : updateRunFiles({
          app,
          defaultGroup,
          before: { manifest: before, ...(files ?? (await presentFiles(change, app))) },
          after: { manifest: after },
        });
  generated.warnings.forEach((warning) => job.warn(warning));

  await change.write(`${app}/src.json`, sourceManifestText(after));
  await stageRunFiles(change, app, generated);
  const { base, docker_ovl_digest: overlayDigest } = after.fields;
  const { field, suffix } = digestPlaceOf(after);
  const digest = after.fields[field];
  const baseDigest = `${app}/${baseVolume}${suffix}`;
  // What is written beside a base that stays is the only record of what it was made from, whatever src.json says.
  if (base) await change.remove(baseDigest);
  else if (isBaseNew || (await change.text(baseDigest)) === undefined) await change.write(baseDigest, digest);
  await change.write(`${app}/${overlayVolume}${suffix}`, overlayDigest);
  // Of what it was made from before.
  for (const other of digestSuffixes) {
    if (other === suffix) continue;
    await change.remove(`${app}/${overlayVolume}${other}`);
    if (isBaseNew || base) await change.remove(`${app}/${baseVolume}${other}`);
  }
  if (!overlayDigest) await change.remove(`${app}/${overlayVolume}`);
  await stageVerity(change, app, generated.runJson, job);
}

async function presentFiles(change: ChangingCheckout, app: string): Promise<GeneratedFiles> {
  return {
    runJson: await change.text(`${app}/run.json`),
    lxcContainerConf: await change.text(`${app}/lxc.container.conf`),
  };
}

export async function stageRunFiles(
  change: ChangingCheckout,
  app: string,
  generated: RunFiles,
): Promise<void> {
  await change.write(`${app}/run.json`, generated.runJson);
  await change.write(`${app}/lxc.container.conf`, generated.lxcContainerConf);
}
