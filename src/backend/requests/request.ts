import type { Job } from '../../core/job';
import type { Mounts } from '../../core/mount/mounts';
import type { ProcessEnvironment } from '../../core/net/process-environment';
import type { BuildEnvironment } from '../../core/use-cases/environment';

/** What a request works with. */
export interface Workplace {
  readonly environment: BuildEnvironment;
  readonly outside: ProcessEnvironment;
  readonly mounts: Mounts;
  readonly job: Job;
}

/** Something that the extension host may ask for; parameters and result are plain JSON data. */
export interface Request<Params, Result> {
  /** What it does, as the `doing` of a Problem and for the log: `adding web`. */
  readonly doing: (params: Params) => string;
  readonly answer: (params: Params, at: Workplace) => Promise<Result>;
  /** An editor makes it by the hundred, and it would fill the log. */
  readonly isFrequent?: true;
}

export function request<Params, Result>(one: Request<Params, Result>): Request<Params, Result> {
  return one;
}
