import type { CancellationToken } from 'vscode-jsonrpc';

/** JSON-RPC's token as the signal that everything else understands. */
export function signalOf(cancellation: CancellationToken): AbortSignal {
  const controller = new AbortController();
  // One that is cancelled from the start, because the cancellation overtook the request, never tells its listeners.
  if (cancellation.isCancellationRequested) controller.abort();
  else cancellation.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
