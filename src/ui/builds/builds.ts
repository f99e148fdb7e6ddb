import type { RequestOptions } from '../../backend/client-options';
import type { ProgressEvent } from '../../backend/protocol';
import type { WarningSubject } from '../../core/job';
import type { CheckoutModel } from '../model/checkout-model';
import type { Disposable } from '../model/event';
import { BuildQueue } from './build-queue';
import { OverallProgress } from './overall-progress';

/** What a build is about to do, whoever shows it: something that changes a checkout, or needs it unchanged. */
export interface BuildPlan<Report = unknown> {
  readonly model: CheckoutModel;
  /** For people: `Updating web as a patch`. */
  readonly what: string;
  /** Whose file systems are built. */
  readonly apps?: readonly string[];
  /** What a person should know before it begins: `to be signed again afterwards: _sigs/web.json`. */
  readonly note?: string | undefined;
  /** How many file systems are built: one, or one more for each app that extends a new base. */
  readonly rounds?: number;
  /** Nothing is changed in the end. */
  readonly isPreview?: boolean;
  /** What the backend is asked. */
  run(options: RequestOptions): Promise<Report>;
}

/** Whoever shows a build. */
export interface BuildWatcher {
  /** Stops the build; the checkout is as it was then. */
  readonly signal: AbortSignal;
  /** The build waits for another one of the same checkout, which does `what`. */
  onWaiting(what: string): void;
  /** @param percent of the whole build. */
  onProgress(event: ProgressEvent, percent: number): void;
  onWarning(message: string, about: WarningSubject): void;
}

/** Runs builds: those of one checkout one after the other. Afterwards the model knows what they did. */
export class Builds {
  readonly #queue = new BuildQueue();

  /** @throws Problem; the signal's reason. */
  run<Report>(build: BuildPlan<Report>, watcher: BuildWatcher): Promise<Report> {
    const { model, what } = build;
    return this.#queue.run({
      checkout: model.directory,
      what,
      signal: watcher.signal,
      onWaiting: (other) => watcher.onWaiting(other),
      run: () => this.#runNow(build, watcher),
    });
  }

  async #runNow<Report>(build: BuildPlan<Report>, watcher: BuildWatcher): Promise<Report> {
    const { model, apps, rounds, isPreview } = build;
    const overall = new OverallProgress(rounds);
    const ofOurs = model.build(isPreview ? [] : apps);
    let hold: Disposable | undefined;
    try {
      const report = await build.run({
        signal: watcher.signal,
        onProgress: (event) => {
          // From here on files change one by one: nothing that anybody should see.
          if (event.phase === 'install') hold ??= model.hold();
          watcher.onProgress(event, overall.report(event.phase, event.done, event.total));
        },
        onWarning: (message, about) => watcher.onWarning(message, about),
      });
      return report;
    } finally {
      ofOurs.dispose();
      if (!isPreview) await model.refresh();
      hold?.dispose();
    }
  }
}
