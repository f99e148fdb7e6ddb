import type { App } from '../../core/checkout/app';
import type { Settings } from '../manifest/settings';
import { baseSizeOf } from '../model/base-size';
import { referenceOf } from '../model/image-state';

export type AppOrder = Settings['pantavisor.sortAppsBy'];

/** Largest first, by name where that says nothing. */
export function sortApps(apps: readonly App[], order: AppOrder): readonly App[] {
  const weigh = weights[order];
  const weight = new Map(apps.map((app) => [app, weigh(app, apps)]));
  const byName = (a: App, b: App) => a.name.localeCompare(b.name, undefined, { numeric: true });
  return [...apps].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || byName(a, b));
}

const weights: Record<AppOrder, (app: App, apps: readonly App[]) => number> = {
  name: () => 0,
  size: ({ base, overlay }) => (base?.size ?? 0) + (overlay?.size ?? 0),
  overlayShare: (app, apps) => (app.overlay?.size ?? 0) / (baseSizeOf(app, apps) ?? Infinity),
};

/** By name or image, upper and lower case alike; of several words all must be there. */
export function filterApps(apps: readonly App[], filter: string): readonly App[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return apps;
  return apps.filter((app) => {
    const text = `${app.name} ${referenceOf(app) ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
