import { ResponseError } from 'vscode-jsonrpc';
import { isOutOfMemory, outOfMemory } from '../core/out-of-memory';
import { describeError, Problem } from '../core/problem';
import type { Remedy } from '../core/remedy';

/** How a failed request lies on the wire: the `data` of its JSON-RPC error. */
type SentError =
  | {
      readonly kind: 'problem';
      readonly doing: string;
      readonly found: string;
      readonly remedy: Remedy;
    }
  /** It was stopped, as its sender asked. */
  | { readonly kind: 'aborted' }
  /** The whole process is about to end, because of something that has to do with none of its requests in particular. */
  | { readonly kind: 'crash'; readonly how: string; readonly remedy: string }
  /** Nothing that anybody foresaw; the backend's log has the rest. */
  | { readonly kind: 'defect' };

const code = -32000;

export function sentProblem({ message, doing, found, remedy }: Problem): ResponseError<SentError> {
  return new ResponseError(code, message, { kind: 'problem', doing, found, remedy });
}

export function sentAbort(): ResponseError<SentError> {
  return new ResponseError(code, 'The request was stopped', { kind: 'aborted' });
}

export function sentCrash(error: unknown): ResponseError<SentError> {
  const said = isOutOfMemory(error)
    ? { how: `ended, because ${outOfMemory.found} (${describeError(error)})`, remedy: outOfMemory.remedy }
    : {
        how: `ended, because of an error that nobody foresaw (${describeError(error)})`,
        remedy: 'Please report this as a defect, with the log',
      };
  return new ResponseError(code, 'The backend ends', { kind: 'crash', ...said });
}

export function sentDefect(): ResponseError<SentError> {
  return new ResponseError(code, 'The backend failed unexpectedly', { kind: 'defect' });
}

/** The other side ends. */
export class Crash {
  constructor(
    /** A clause about the process: `ended, because …`. */
    readonly how: string,
    /** A sentence without a final stop. */
    readonly remedy: string,
  ) {}
}

/** The Problem that the other side met, that it was stopped, or that it ends; undefined when it is something else. */
export function receivedError(error: unknown): Problem | Crash | 'aborted' | undefined {
  if (!(error instanceof ResponseError) || !isSentError(error.data)) return undefined;
  switch (error.data.kind) {
    case 'problem':
      return new Problem(error.data);
    case 'aborted':
      return 'aborted';
    case 'crash':
      return new Crash(error.data.how, error.data.remedy);
    case 'defect':
      return undefined;
  }
}

function isSentError(data: unknown): data is SentError {
  return typeof data === 'object' && data !== null && 'kind' in data;
}
