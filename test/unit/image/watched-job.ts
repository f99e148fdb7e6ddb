import type { Job, Phase } from '../../../src/core/job';

/** A job that keeps what it is told. */
export interface WatchedJob extends Job {
  readonly warnings: readonly string[];
  readonly reports: readonly {
    readonly phase: Phase;
    readonly done: number;
    readonly total: number | undefined;
  }[];
  abort(): void;
}

export function watchedJob(): WatchedJob {
  const controller = new AbortController();
  const warnings: string[] = [];
  const reports: { phase: Phase; done: number; total: number | undefined }[] = [];
  return {
    signal: controller.signal,
    progress: (phase, done, total) => reports.push({ phase, done, total }),
    warn: (message) => warnings.push(message),
    warnings,
    reports,
    abort: () => controller.abort(),
  };
}
