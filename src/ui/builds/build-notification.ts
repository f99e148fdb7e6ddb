import { l10n, type LogOutputChannel, ProgressLocation, window } from 'vscode';
import { abortSignalOf } from '../abort-signal';
import { inCheckout } from '../messages/in-checkout';
import { phaseText } from './build-texts';
import type { BuildPlan, Builds } from './builds';

export interface Finished<Report> {
  readonly report: Report;
  /** What a person should know about it. */
  readonly warnings: readonly string[];
}

/** Runs a build behind a notification that shows how far it is and can stop it. */
export async function runWithNotification<Report>(
  { builds, log }: { readonly builds: Builds; readonly log: LogOutputChannel },
  build: BuildPlan<Report>,
): Promise<Finished<Report>> {
  const what = build.note === undefined ? build.what : `${build.what} (${build.note})`;
  const title = inCheckout(build.model, what);
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const warnings: string[] = [];
    let shown: number | undefined;
    const report = await builds.run(build, {
      signal: abortSignalOf(token),
      onWaiting: (what) => progress.report({ message: l10n.t('Waiting for: {0}', what) }),
      onProgress: (event, percent) => {
        const message = `${percent.toFixed(0)} % · ${phaseText(event)}`;
        progress.report({ message, increment: percent - (shown ?? 0) });
        shown = percent;
      },
      onWarning: (message, about) => {
        log.warn(`${build.what}: ${message}`);
        // Not everything that builds tells of their warnings, and one that fails tells of its failure.
        if (about === 'checkout') void window.showWarningMessage(message);
        // Before it begins it waits for another process: no news any more once that is over.
        else if (shown === undefined) progress.report({ message });
        else warnings.push(message);
      },
    });
    return { report, warnings };
  });
}
