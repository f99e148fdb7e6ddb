import type { App } from '../../core/checkout/app';
import { worstSeverity } from '../../core/checkout/contradictions/contradictions';
import type { ImageState } from './image-state';

/** What a view shows an app to be; the first that holds, in this order. */
export type AppCondition =
  /** It contradicts itself so that pvr fails on it, or a device refuses it. */
  | 'broken'
  /** Its overlay was built on another base than the one that lies there. */
  | 'otherBase'
  /** It contradicts itself in a way that pvr and a device put up with. */
  | 'contradictory'
  /** A build made a signature stale; a device with secure boot refuses the revision. */
  | 'unsigned'
  | 'moved'
  | 'newBaseRecommended'
  | 'current'
  /** Nobody has asked whether its image moved. */
  | 'unchecked'
  /** Whether its image moved was asked, and could not be told. */
  | 'checkFailed'
  /** It is not made from a docker image. */
  | 'madeElsewhere';

export interface ConditionFacts {
  readonly image: ImageState;
  /** Percent of the base that an overlay may weigh. */
  readonly newBaseThreshold: number;
  /** Signatures over the app that a build made stale. */
  readonly staleSignatures: readonly string[];
}

export function conditionOf(
  app: App,
  { image, newBaseThreshold, staleSignatures }: ConditionFacts,
): AppCondition {
  const isOfOtherBase = app.contradictions.some(({ kind }) => kind === 'outdated-extension');
  const others = app.contradictions.filter(({ kind }) => kind !== 'outdated-extension');
  const severity = worstSeverity(others);
  if (severity === 'error') return 'broken';
  if (isOfOtherBase) return 'otherBase';
  if (severity === 'warning') return 'contradictory';
  if (staleSignatures.length > 0) return 'unsigned';
  if (image.kind === 'moved') return 'moved';
  if (isNewBaseRecommended(app, newBaseThreshold)) return 'newBaseRecommended';
  if (app.source.kind !== 'docker') return 'madeElsewhere';
  return conditionByImage[image.kind];
}

const conditionByImage: Readonly<Record<ImageState['kind'], AppCondition>> = {
  current: 'current',
  moved: 'moved',
  failed: 'checkFailed',
  unknown: 'unchecked',
};

/**
 * An overlay only grows with the distance from its base, while the base keeps what it hides; at some share a fresh base is
 * the better deal. An extension app has no base of its own to make anew.
 */
export function isNewBaseRecommended({ base, overlay, isPatched }: App, threshold: number): boolean {
  if (!isPatched || base === undefined || overlay === undefined) return false;
  return overlay.size * 100 > base.size * threshold;
}

const needing: ReadonlySet<AppCondition> = new Set([
  'broken',
  'otherBase',
  'contradictory',
  'unsigned',
  'moved',
  'newBaseRecommended',
]);

/** Whether somebody should do something about an app: the badge counts these. */
export function needsAttention(condition: AppCondition): boolean {
  return needing.has(condition);
}
