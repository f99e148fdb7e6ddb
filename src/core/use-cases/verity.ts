import { changeCheckout } from '../checkout/change/change-checkout';
import { readRunManifest } from '../checkout/manifests/run-manifest';
import { readSourceManifest, sourceManifestText, withFields } from '../checkout/manifests/source-manifest';
import { withVerity } from '../checkout/manifests/volume-name';
import { readNewFiles } from '../checkout/new-files';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { isAtOrBelow } from '../checkout/paths';
import type { Job } from '../job';
import { stringifyCanonical } from '../json/canonical';
import { compareKeys } from '../json/key-order';
import { isJsonArray, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { stageVolumeVerity } from './steps/stage-verity';

export interface VerityReport {
  /** `web/root.squashfs`: those that dm-verity verifies now, or did before. */
  readonly volumes: readonly string[];
  /** Files that are new or others; paths below the checkout. */
  readonly changedFiles: readonly string[];
}

/**
 * Has a device mount a volume of an app through dm-verity, as `pvr dm-convert` does (libpvr/dmlib.go): its hash tree, manifest, and name
 * in run.json and src.json, all at once. Salt and uuid follow from the volume's name, where pvr draws new ones each time.
 *
 * @throws Problem when there is no such volume, or run.json doesn't name it; the checkout is as it was then. The signal's reason.
 */
export async function convertToVerity(
  checkoutDirectory: string,
  { app, volume }: { readonly app: string; readonly volume: string },
  job: Job,
): Promise<VerityReport> {
  const file = `${app}/${volume}`;
  const doing = `having dm-verity verify ${file}`;
  const { changedFiles } = await changeCheckout(checkoutDirectory, { what: doing }, job, async (change) => {
    const runFile = `${app}/run.json`;
    const text = await change.text(runFile);
    if (text === undefined) {
      throw new Problem({
        doing,
        found: `there is no ${runFile}`,
        remedy: remedy`Check the name against ${way.listApps()}`,
      });
    }
    const verified = withVerifiedVolume(readRunManifest(text, runFile).document, volume);
    if (verified === undefined) {
      const found = `${runFile} mounts no ${volume}`;
      throw new Problem({ doing, found, remedy: `Name one of the volumes in ${runFile}` });
    }
    if (verified !== 'already') await change.write(runFile, stringifyCanonical(verified));
    const sourceFile = `${app}/src.json`;
    const source = await change.text(sourceFile);
    if (source !== undefined) {
      const manifest = readSourceManifest(source, sourceFile);
      const enabled = new Map([...(manifest.fields.dm_enabled ?? []), [volume, true] as const]);
      if (manifest.fields.dm_enabled?.get(volume) !== true)
        await change.write(sourceFile, sourceManifestText(withFields(manifest, { dm_enabled: enabled })));
    }
    if (!(await stageVolumeVerity(change, app, volume, job))) throw noVolume(doing, file);
  });
  return { volumes: [file], changedFiles };
}

/**
 * Makes hash trees and manifests anew that don't fit their volumes any more, with the salts and uuids that they have, as `pvr dm-apply`
 * does. A build does so by itself.
 *
 * @param path an app, or what lies in it; undefined: all. A whole name, where pvr takes all that begins so.
 * @throws Problem when nothing there has a manifest, or a volume is missing; the checkout is as it was then. The signal's reason.
 */
export async function applyVerity(
  checkoutDirectory: string,
  path: string | undefined,
  job: Job,
): Promise<VerityReport> {
  const doing = 'making hash trees anew';
  const { result, changedFiles } = await changeCheckout(
    checkoutDirectory,
    { what: doing },
    job,
    async (change) => {
      const known = await verifiedVolumes(change);
      const wanted = known.filter(
        ({ file, manifest }) => path === undefined || isAtOrBelow(file, path) || isAtOrBelow(manifest, path),
      );
      if (wanted.length === 0 && path !== undefined) {
        const others = known.map(({ file }) => file).join(', ');
        throw new Problem({
          doing: `${doing} of ${path}`,
          found: 'nothing there has a manifest of dm-verity that is tracked',
          remedy: others === '' ? 'Convert a volume first' : `There are: ${others}`,
        });
      }
      for (const { app, volume, file } of wanted) {
        if (!(await stageVolumeVerity(change, app, volume, job))) throw noVolume(doing, file);
      }
      return wanted.map(({ file }) => file);
    },
  );
  return { volumes: result, changedFiles };
}

/** Those with a manifest that a commit takes in. */
async function verifiedVolumes(checkout: OpenedCheckout) {
  const tracked = [...(await checkout.state()).entries.keys(), ...(await readNewFiles(checkout)).keys()];
  return [...new Set(tracked)].sort(compareKeys).flatMap((manifest) => {
    const [, app, volume] = /^([^/]+)\/_dm\/([^/]+)\.json$/.exec(manifest) ?? [];
    return app === undefined || volume === undefined
      ? []
      : [{ app, volume, manifest, file: `${app}/${volume}` }];
  });
}

/** The fields that name one volume, in the order in which pvr looks for it. */
const volumeFields = ['modules', 'firmware', 'root-volume'];

/** A run.json with `dm:` before the first field that names a volume, else in its list; undefined where none does. */
function withVerifiedVolume(run: JsonObject, volume: string): JsonObject | 'already' | undefined {
  const verified = withVerity(volume);
  const field = volumeFields.find((name) => [volume, verified].includes(textOf(run.get(name))));
  if (field !== undefined)
    return run.get(field) === verified ? 'already' : new Map([...run, [field, verified]]);
  const volumes = run.get('volumes');
  if (!isJsonArray(volumes)) return undefined;
  if (volumes.includes(volume))
    return new Map([...run, ['volumes', volumes.map((name) => (name === volume ? verified : name))]]);
  return volumes.includes(verified) ? 'already' : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function noVolume(doing: string, file: string): Problem {
  return new Problem({
    doing,
    found: `${file} does not exist`,
    remedy: 'Restore it from the last commit, or build the app',
  });
}
