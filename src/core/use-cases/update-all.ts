import type { App } from '../checkout/app';
import { fixesFor } from '../checkout/contradictions/contradictions';
import { mayBeMadeFromImage } from '../checkout/made-from-image';
import { withMendingCommand } from '../checkout/mend-squashfs';
import { Problem } from '../problem';
import type { Remedy } from '../remedy';
import type { ImageCheck } from './check-images';
import type { BuildReport } from './report';
import { automaticKind } from './steps/automatic-kind';
import type { UpdateKind } from './update-app';

/** One of the updates that bring all apps to their images. */
export interface PlannedUpdate {
  readonly app: string;
  readonly kind: Exclude<UpdateKind, 'automatic'>;
}

/** An app that could not be updated; it is as it was. Plain data, as a report is. */
export interface FailedUpdate {
  readonly outcome: 'failed';
  readonly app: string;
  /** A clause: what was being done, and what was found. */
  readonly found: string;
  readonly remedy: Remedy;
}

export type UpdateOutcome = BuildReport | FailedUpdate;

export interface UpdatePlan {
  /** In the order in which they are to be made. */
  readonly updates: readonly PlannedUpdate[];
  /** Of apps whose image nobody could be asked about. */
  readonly failures: readonly FailedUpdate[];
}

/**
 * The updates of all apps that are made from images, those with a base of their own before those that extend one: a new base
 * takes the overlays over it along as they are, and they are brought to newer images on it. What has no base of its own is
 * patched, also where new bases are wanted.
 *
 * @param checks what is known of the images, where they were asked about before: apps that are up to date then, and have nothing
 * that a patch would mend, are left out. Without it each update has to find that out.
 */
export function planUpdates(
  apps: readonly App[],
  kind: UpdateKind,
  checks: readonly ImageCheck[] = [],
): UpdatePlan {
  const checkOf = new Map(checks.map((check) => [check.app, check]));
  const failures = checks.flatMap((check): FailedUpdate[] =>
    check.state === 'failed'
      ? [{ outcome: 'failed', app: check.app, found: check.found, remedy: check.remedy }]
      : [],
  );
  const isDue = (app: App) => {
    const state = checkOf.get(app.name)?.state;
    return state === 'current' ? isMendedByPatch(app) : state !== 'failed';
  };
  const due = apps.filter((app) => mayBeMadeFromImage(app) && isDue(app));
  const inOrder = [
    ...due.filter(({ baseApp }) => baseApp === undefined),
    ...due.filter(({ baseApp }) => baseApp !== undefined),
  ];
  return { updates: inOrder.map((app) => ({ app: app.name, kind: kindFor(app, kind) })), failures };
}

function isMendedByPatch({ name, contradictions }: App): boolean {
  return contradictions.flatMap(fixesFor).some((fix) => fix.kind === 'updateAsPatch' && fix.app === name);
}

function kindFor({ baseApp, source }: App, kind: UpdateKind): PlannedUpdate['kind'] {
  if (kind === 'new-base' && baseApp !== undefined) return 'patch';
  if (kind !== 'automatic') return kind;
  const overlayDigest = source.kind === 'docker' ? source.image.overlayDigest : undefined;
  return automaticKind({ extended: baseApp, overlayDigest });
}

export interface UpdatesMade {
  /** In the order in which they came. */
  readonly outcomes: readonly UpdateOutcome[];
  /** What ended all of it before each app had its turn: an abort, or a defect. What was done until then stays. */
  readonly stop?: { readonly reason: unknown };
}

/**
 * Makes planned updates one after the other, each a change of the checkout of its own: one that fails undoes none of the others,
 * and keeps none from its turn.
 *
 * @param update makes one of them. Its Problems are failures of that app alone.
 * @param position `2/7`
 */
export async function updateAll(
  updates: readonly PlannedUpdate[],
  update: (planned: PlannedUpdate, position: string) => Promise<BuildReport>,
): Promise<UpdatesMade> {
  const outcomes: UpdateOutcome[] = [];
  for (const [index, planned] of updates.entries()) {
    try {
      outcomes.push(await update(planned, `${index + 1}/${updates.length}`));
    } catch (thrown) {
      const reason = await withMendingCommand(thrown);
      if (!(reason instanceof Problem)) return { outcomes, stop: { reason } };
      const { doing, found, remedy } = reason;
      outcomes.push({ outcome: 'failed', app: planned.app, found: `${doing}: ${found}`, remedy });
    }
  }
  return { outcomes };
}

export interface UpdatesSummary {
  readonly updated: readonly string[];
  /** Bytes that a device must fetch for all of them, if it takes them one by one. */
  readonly download: number;
  /** Paths below the checkout. */
  readonly staleSignatures: readonly string[];
  readonly failures: readonly FailedUpdate[];
}

export function summarizeUpdates(outcomes: readonly UpdateOutcome[]): UpdatesSummary {
  const reports = outcomes.filter((one) => one.outcome !== 'failed');
  const installed = reports.filter(({ outcome }) => outcome === 'installed');
  return {
    updated: installed.map(({ app }) => app),
    download: installed.reduce((sum, { download }) => sum + download, 0),
    staleSignatures: [...new Set(reports.flatMap(({ staleSignatures }) => staleSignatures))],
    failures: outcomes.filter((one) => one.outcome === 'failed'),
  };
}
