import type { CancellationToken } from 'vscode';

/** VS Code's way to stop something, as everybody else knows it. */
export function abortSignalOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
