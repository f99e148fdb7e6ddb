import type { Weights } from '../budget/judge';
import { weightsOf } from '../checkout/budget';
import type { Checkout } from '../checkout/checkout';
import { topFolder } from '../checkout/paths';
import type { BuildReport } from './report';

/**
 * What builds come to, for the apps that were built and those that extend them: what lies there, and of previews what would.
 *
 * @param checkout as it is after the builds.
 */
export function weightsOfBuilds(
  checkout: Pick<Checkout, 'apps' | 'weight'>,
  reports: readonly BuildReport[],
): Weights {
  const previews = reports.filter(({ outcome }) => outcome === 'previewed');
  const present = weightsOf(withPreviews(checkout, previews), checkout.weight);
  const concerned = new Set(
    reports.flatMap(({ app, built }) => [app, ...built.map(({ path }) => topFolder(path))]),
  );
  return {
    download: downloadOf(checkout, previews),
    apps: present.apps
      .filter(({ name }) => concerned.has(name))
      .map((app) => {
        const own = previews.flatMap((preview) => downloadFor(app.name, preview));
        return own.length === 0 ? app : { ...app, download: own.reduce((sum, bytes) => sum + bytes, 0) };
      }),
  };
}

/** What one build has a device download for an app: all but the overlays of those that extend the one that was built. */
function downloadFor(name: string, { app, built, download }: BuildReport): readonly number[] {
  const sizeOf = (files: BuildReport['built']) =>
    files.reduce((sum, { size, isSame }) => sum + (isSame ? 0 : size), 0);
  if (name === app) return [download - sizeOf(built.filter(({ path }) => topFolder(path) !== app))];
  const own = built.filter(({ path }) => topFolder(path) === name);
  return own.length === 0 ? [] : [sizeOf(own)];
}

/** Of one preview it knows itself; several are each without the others. */
function downloadOf({ weight }: Pick<Checkout, 'weight'>, previews: readonly BuildReport[]): number {
  const [first, ...others] = previews;
  if (first === undefined) return weight.download;
  return others.reduce((sum, { download }) => sum + download, first.waitingDownload);
}

/** The apps as they would be. A new base goes without an overlay. */
function withPreviews({ apps }: Pick<Checkout, 'apps'>, previews: readonly BuildReport[]): Checkout['apps'] {
  const files = previews.flatMap(({ built }) => built);
  return apps.map((app) => {
    const own = files.filter(({ path }) => topFolder(path) === app.name);
    const base = own.find(({ kind }) => kind === 'base');
    const overlay = own.find(({ kind }) => kind === 'overlay');
    const asFile = (file: typeof base) => file && { path: file.path, size: file.size, digest: undefined };
    return {
      ...app,
      base: asFile(base) ?? app.base,
      overlay: asFile(overlay) ?? (base === undefined ? app.overlay : undefined),
    };
  });
}
