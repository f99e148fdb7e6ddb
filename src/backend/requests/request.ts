import type { Job } from '../../core/job';
import type { Mounts } from '../../core/mount/mounts';
import type { ProcessEnvironment } from '../../core/net/process-environment';
import type { Remotes } from '../../core/remote/remotes';
import type { BuildEnvironment } from '../../core/use-cases/environment';

/** What a request works with. */
export interface Workplace {
  readonly environment: BuildEnvironment;
  readonly outside: ProcessEnvironment;
  readonly mounts: Mounts;
  /** Devices, with the logins that the editor and pvr keep. Nobody is asked for one: what lacks it fails and says so. */
  readonly remotes: Remotes;
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

/** Something that the extension host may listen to as long as it wants; parameters and news are plain JSON data. */
export interface Stream<Params, News> {
  /** As a request's. */
  readonly doing: (params: Params) => string;
  /** Goes on until the job is stopped. Where it ends before, whoever listens asks again. */
  readonly follow: (params: Params, at: Workplace, tell: (news: News) => void) => Promise<void>;
}

export function stream<Params, News>(one: Stream<Params, News>): Stream<Params, News> {
  return one;
}

export function request<Params, Result>(one: Request<Params, Result>): Request<Params, Result> {
  return one;
}
