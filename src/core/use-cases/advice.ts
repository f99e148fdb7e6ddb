import type { RestartImpact } from '../checkout/restart-impact';

/** What a new base of an app would mean, in bytes. Plain data. */
export interface NewBaseFigures {
  readonly base: number;
  readonly overlay: number;
  /** An estimate of the new base, from what the files that are to be in it weigh now. */
  readonly newBase: number;
  /** The apps whose overlays would be rebuilt. */
  readonly dependants: readonly DependantOverlay[];
  /** What the new base, with the dependants' overlays, makes a device do. */
  readonly restart: RestartImpact;
}

export type AdviceLevel = 'recommended' | 'soon' | 'fine';

export interface DependantOverlay {
  readonly app: string;
  readonly overlay: number;
  /** An estimate of what it would weigh over the new base. */
  readonly rebuilt: number;
}

/** Bytes more than an overlay had that make it worth a question. */
const muchMore = 1024 * 1024;

/** Those that would weigh much more than now: their images were built on the older base. */
export function growingDependants({ dependants }: NewBaseFigures): readonly DependantOverlay[] {
  return dependants.filter(({ overlay, rebuilt }) => rebuilt - overlay > muchMore && rebuilt > 2 * overlay);
}

/**
 * How urgent a new base is: `soon` from half of the threshold on.
 *
 * @param threshold percent of the base that an overlay may weigh.
 */
export function adviceLevel(
  { base, overlay }: Pick<NewBaseFigures, 'base' | 'overlay'>,
  threshold: number,
): AdviceLevel {
  const percent = (overlay / base) * 100;
  if (percent > threshold) return 'recommended';
  return percent > threshold / 2 ? 'soon' : 'fine';
}

/** Bytes that a device downloads for a new base: it, and the overlays that are rebuilt with it. */
export function newBaseDownload({ newBase, dependants }: NewBaseFigures): number {
  return newBase + dependants.reduce((sum, { rebuilt }) => sum + rebuilt, 0);
}

/** Bytes that a device holds while it keeps the revision before a new base for a rollback. */
export function newBasePeak(figures: NewBaseFigures): number {
  const { base, overlay, dependants } = figures;
  return base + overlay + overlaysOf(dependants) + newBaseDownload(figures);
}

/** The same for one more patch, whose overlay takes the place of one of about the same size. */
export function patchPeak({ base, overlay }: Pick<NewBaseFigures, 'base' | 'overlay'>): number {
  return base + 2 * overlay;
}

/**
 * After how many updates, the new base being the first, devices will have downloaded no more with it than with patches
 * over the present one: an update ships its whole overlay, and the overlays of both ways grow alike.
 *
 * @param sizes the overlays that the last builds made over the present base, oldest first.
 * @returns undefined where fewer than two builds are known: one has no rate of growth.
 */
export function paysOffAfter(figures: NewBaseFigures, sizes: readonly number[]): number | undefined {
  const [first] = sizes;
  const last = sizes.at(-1);
  if (first === undefined || last === undefined || sizes.length < 2) return undefined;
  const growth = Math.max(0, (last - first) / (sizes.length - 1));
  return Math.max(1, Math.ceil(newBaseDownload(figures) / (figures.overlay + growth)));
}

function overlaysOf(dependants: readonly DependantOverlay[]): number {
  return dependants.reduce((sum, { overlay }) => sum + overlay, 0);
}
