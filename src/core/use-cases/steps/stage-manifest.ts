import { stageRemoval, stageText } from '../../checkout/change/stage-text';
import type { Transaction } from '../../checkout/change/transaction';
import { defaultGroupForTemplate, readGroups } from '../../checkout/manifests/groups';
import { sourceManifestText, type SourceManifest } from '../../checkout/manifests/source-manifest';
import { baseVolume, overlayVolume } from '../../checkout/manifests/volume-name';
import { renderRunFiles, type RunFiles } from '../../checkout/template/run-files';
import { updateRunFiles } from '../../checkout/update/run-files';
import { readTextFile } from '../../files/text-file';
import type { Job } from '../../job';
import { stageVerity } from './stage-verity';

export interface ManifestChange {
  /** Undefined for a new app. */
  readonly before: SourceManifest | undefined;
  readonly after: SourceManifest;
  /** The base is built with it, and not the one that lies there. */
  readonly isBaseNew?: boolean;
}

/**
 * Puts everything small that follows from a src.json into the transaction: the file itself, run.json, lxc.container.conf,
 * the digests beside the SquashFS files, and what dm-verity needs for these, which have been staged before. What an app that
 * is no longer patched has left over is removed.
 */
export async function stageManifest(
  transaction: Transaction,
  app: string,
  { before, after, isBaseNew = false }: ManifestChange,
  job: Job,
): Promise<void> {
  const { checkoutDirectory } = transaction;
  const defaultGroup = defaultGroupForTemplate((await readGroups(checkoutDirectory)).groups);
  const generated =
    before === undefined
      ? renderRunFiles({ app, defaultGroup, manifest: after })
      : updateRunFiles({
          app,
          defaultGroup,
          before: {
            manifest: before,
            runJson: await readTextFile(checkoutDirectory, `${app}/run.json`),
            lxcContainerConf: await readTextFile(checkoutDirectory, `${app}/lxc.container.conf`),
          },
          after: { manifest: after },
        });
  generated.warnings.forEach((warning) => job.warn(warning));

  await stageText(transaction, `${app}/src.json`, sourceManifestText(after));
  await stageRunFiles(transaction, app, generated);
  const { base, docker_digest: digest, docker_ovl_digest: overlayDigest } = after.fields;
  const baseDigest = `${app}/${baseVolume}.docker-digest`;
  // What is written beside a base that stays is the only record of what it was made from, whatever src.json says.
  if (base) await stageRemoval(transaction, baseDigest);
  else if (isBaseNew || (await readTextFile(checkoutDirectory, baseDigest)) === undefined)
    await stageText(transaction, baseDigest, digest);
  await stageText(transaction, `${app}/${overlayVolume}.docker-digest`, overlayDigest);
  if (!overlayDigest) await stageRemoval(transaction, `${app}/${overlayVolume}`);
  await stageVerity(transaction, app, generated.runJson, job);
}

export async function stageRunFiles(
  transaction: Transaction,
  app: string,
  generated: RunFiles,
): Promise<void> {
  await stageText(transaction, `${app}/run.json`, generated.runJson);
  await stageText(transaction, `${app}/lxc.container.conf`, generated.lxcContainerConf);
}
