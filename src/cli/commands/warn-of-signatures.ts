import type { App } from '../../core/checkout/app';
import { signaturesAtStake } from '../../core/checkout/signatures-at-stake';
import type { Job } from '../../core/job';

/** A build that is about to begin. */
export interface ComingBuild {
  readonly app: string;
  /** It rebuilds the apps that extend this one, too. */
  readonly isNewBase: boolean;
}

/** Says before builds what has to be signed again after them, while they can still be stopped. */
export function warnOfSignatures(apps: readonly App[], builds: readonly ComingBuild[], job: Job): void {
  const files = new Set(builds.flatMap(({ app, isNewBase }) => signaturesAtStake(apps, app, { isNewBase })));
  for (const file of files) job.warn(`${file} signs what this may change, and has to be made again then.`);
}
