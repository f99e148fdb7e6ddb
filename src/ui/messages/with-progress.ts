import { ProgressLocation, window } from 'vscode';
import type { RequestOptions } from '../../backend/client-options';
import { abortSignalOf } from '../abort-signal';

/** Asks the backend behind a notification, which shows how far it is and can stop it. */
export async function withProgress<Result>(
  title: string,
  run: (options: RequestOptions) => Promise<Result>,
): Promise<Result> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, (progress, token) => {
    let shown = 0;
    return run({
      signal: abortSignalOf(token),
      onProgress: ({ done, total = 0 }) => {
        const percent = total === 0 ? 0 : Math.floor((done / total) * 100);
        progress.report({ increment: percent - shown, message: `${percent} %` });
        shown = percent;
      },
    });
  });
}
