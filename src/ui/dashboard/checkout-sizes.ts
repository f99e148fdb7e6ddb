import type {
  AppBar,
  Bar,
  BspBar,
  CheckoutSizes,
  OverlayBar,
  Repeated,
} from '../../../webview/dashboard/protocol';
import type { App, AppFile } from '../../core/checkout/app';
import type { Checkout } from '../../core/checkout/checkout';
import { sameDigest } from '../../core/checkout/manifests/same-digest';
import type { Part } from '../../core/checkout/parts';
import type { SameFiles } from '../../core/checkout/same-files';
import { adviceLevel } from '../../core/use-cases/advice';
import { baseSizeOf } from '../model/base-size';

/** What is known of a checkout beyond its files' sizes. */
export interface SizeFacts {
  readonly name: string;
  /** Percent of the base that an overlay may weigh. */
  readonly newBaseThreshold: number;
  /** Bytes of the overlays that the last builds of an app made, oldest first. */
  readonly history: (app: string) => readonly number[];
  readonly sameFiles: readonly SameFiles[];
}

/** What the dashboard shows of a checkout. */
export function checkoutSizes(checkout: Checkout, facts: SizeFacts): CheckoutSizes {
  const { directory, apps, parts } = checkout;
  const extended = new Set(apps.map(({ name }) => name));
  const isBelowAnother = ({ name, baseApp }: App) =>
    baseApp !== undefined && baseApp !== name && extended.has(baseApp) && !isExtension(baseApp, apps);
  const barOf = (app: App): AppBar => ({
    kind: 'app',
    name: app.name,
    size: sizeOf(app.files),
    base: app.base?.size,
    overlay: overlayOf(app, apps, facts),
    extensions: heaviestFirst(
      apps.filter((other) => other.baseApp === app.name && isBelowAnother(other)).map(barOf),
    ),
  });
  const bars: readonly Bar[] = [
    ...apps.filter((app) => !isBelowAnother(app)).map(barOf),
    ...parts.filter(({ kind }) => kind === 'bsp').map(bspBar),
  ];
  const rest = parts.filter(({ kind }) => kind !== 'bsp').flatMap(({ files }) => files);
  const all = [...apps, ...parts].reduce((sum, { files }) => sum + sizeOf(files), 0);
  return {
    directory,
    name: facts.name,
    trouble: undefined,
    total: all - facts.sameFiles.reduce((sum, { files, size }) => sum + (files.length - 1) * size, 0),
    threshold: facts.newBaseThreshold,
    bars: heaviestFirst(bars),
    rest: sizeOf(rest),
    repeated: [...facts.sameFiles.map(sameFile), ...sameImages(apps, facts.sameFiles)],
  };
}

/** A checkout that can't be read. */
export function unreadableSizes(directory: string, name: string, trouble: string): CheckoutSizes {
  return { directory, name, trouble, total: 0, threshold: 0, bars: [], rest: 0, repeated: [] };
}

/** A chain of apps that extend each other is refused by pvr: each stands by itself then. */
function isExtension(name: string, apps: readonly App[]): boolean {
  return apps.find((app) => app.name === name)?.baseApp !== undefined;
}

function overlayOf(app: App, apps: readonly App[], facts: SizeFacts): OverlayBar | undefined {
  const { name, overlay, isPatched } = app;
  if (overlay === undefined) return undefined;
  const base = baseSizeOf(app, apps);
  return {
    size: overlay.size,
    of: base,
    // An app that extends another one can't have a new base.
    level:
      base && isPatched ? adviceLevel({ base, overlay: overlay.size }, facts.newBaseThreshold) : undefined,
    history: facts.history(name),
  };
}

function bspBar({ name, files }: Part): BspBar {
  const own = files.map(({ path, size }) => ({ name: path.slice(name.length + 1), size }));
  return { kind: 'bsp', name, size: sizeOf(files), files: heaviestFirst(own) };
}

function sameFile({ files, size }: SameFiles): Repeated {
  return { kind: 'sameFile', files, size };
}

/** Bases of the same image that are not the same file: made with other options, or by another tool. */
function sameImages(apps: readonly App[], sameFiles: readonly SameFiles[]): readonly Repeated[] {
  const groups: { readonly digest: string; readonly apps: App[] }[] = [];
  for (const app of apps) {
    const digest = app.base?.digest;
    if (!digest) continue;
    const group = groups.find((known) => sameDigest(known.digest, digest));
    if (group === undefined) groups.push({ digest, apps: [app] });
    else group.apps.push(app);
  }
  return groups.flatMap((group): readonly Repeated[] => {
    const stored = new Map(
      group.apps.map(({ base }) => [firstOfSame(base?.path ?? '', sameFiles), base?.size ?? 0]),
    );
    if (stored.size < 2) return [];
    const sizes = [...stored.values()];
    const size = sizes.reduce((sum, each) => sum + each, 0) - Math.max(...sizes);
    return [{ kind: 'sameImage', apps: group.apps.map(({ name }) => name), size }];
  });
}

/** The file that stands for all that are the same. */
function firstOfSame(file: string, sameFiles: readonly SameFiles[]): string {
  return sameFiles.find(({ files }) => files.includes(file))?.files[0] ?? file;
}

function sizeOf(files: readonly AppFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function heaviestFirst<Item extends { readonly size: number }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => b.size - a.size);
}
