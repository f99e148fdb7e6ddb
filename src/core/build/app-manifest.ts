import { isCheckout } from '../checkout/find';
import {
  readSourceManifest,
  requireSound,
  sourceKind,
  type SourceManifest,
} from '../checkout/source-manifest';
import { readTextFile } from '../checkout/text-file';
import { Problem } from '../problem';

/** The src.json of an app made from a docker image. @throws Problem when there is no such app, or it is none. */
export async function readDockerManifest(checkoutDirectory: string, app: string): Promise<SourceManifest> {
  const file = `${app}/src.json`;
  const doing = `reading ${file}`;
  const text = await readTextFile(checkoutDirectory, file);
  if (text === undefined) {
    const isInCheckout = await isCheckout(checkoutDirectory);
    throw new Problem({
      doing,
      found: isInCheckout
        ? `there is no app ${app}, or it has no src.json`
        : `${checkoutDirectory} is not a checkout`,
      remedy: isInCheckout
        ? 'Check the name against pvx app ls'
        : 'Run this in a checkout, or make one with pvx init',
    });
  }
  const manifest = readSourceManifest(text, file);
  requireSound(manifest, file);
  const kind = sourceKind(manifest);
  if (kind === 'docker' && manifest.fields.docker_name) return manifest;
  throw new Problem({
    doing,
    found:
      kind === 'docker' ? `${app} names no docker image` : `${app} is made from ${kind}, not a docker image`,
    remedy: `Update it with pvr app update ${app}`,
  });
}
