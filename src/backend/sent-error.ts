import { ResponseError } from 'vscode-jsonrpc';
import { Problem } from '../core/problem';

/** How a failed request lies on the wire: the `data` of its JSON-RPC error. */
type SentError =
  | {
      readonly kind: 'problem';
      readonly doing: string;
      readonly found: string;
      readonly remedy: string;
    }
  /** It was stopped, as its sender asked. */
  | { readonly kind: 'aborted' }
  /** Nothing that anybody foresaw; the backend's log has the rest. */
  | { readonly kind: 'defect' };

const code = -32000;

export function sentProblem({ message, doing, found, remedy }: Problem): ResponseError<SentError> {
  return new ResponseError(code, message, { kind: 'problem', doing, found, remedy });
}

export function sentAbort(): ResponseError<SentError> {
  return new ResponseError(code, 'The request was stopped', { kind: 'aborted' });
}

export function sentDefect(): ResponseError<SentError> {
  return new ResponseError(code, 'The backend failed unexpectedly', { kind: 'defect' });
}

/**
 * The Problem that the other side met, or that it was stopped; undefined when it is something else.
 *
 * @param inOwnWords says its remedy as it is said on this side.
 */
export function receivedError(
  error: unknown,
  inOwnWords: (remedy: string) => string,
): Problem | 'aborted' | undefined {
  if (!(error instanceof ResponseError) || !isSentError(error.data)) return undefined;
  switch (error.data.kind) {
    case 'problem':
      return new Problem({ ...error.data, remedy: inOwnWords(error.data.remedy) });
    case 'aborted':
      return 'aborted';
    case 'defect':
      return undefined;
  }
}

function isSentError(data: unknown): data is SentError {
  return typeof data === 'object' && data !== null && 'kind' in data;
}
