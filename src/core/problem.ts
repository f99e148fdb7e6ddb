import { inTerminalWords, type Remedy } from './remedy';

/** What a person reads when a job can't go on: what was being done, what was found, and what to do about it. */
export interface ProblemParts {
  /** Present participle, no capital: `reading the layer sha256:12ab…`. */
  readonly doing: string;
  /** A clause without a final stop: `the registry answered 403`. */
  readonly found: string;
  /** A sentence without a final stop, in the imperative: `Log in with docker login registry.example`. */
  readonly remedy: Remedy;
  readonly cause?: unknown;
}

/**
 * An error meant for people. Everything the core throws on purpose is one of these (or an `AbortError` from a signal);
 * anything else that surfaces is a defect. Its message is in a terminal's words.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly doing: string;
  readonly found: string;
  readonly remedy: Remedy;

  constructor({ doing, found, remedy, cause }: ProblemParts) {
    super(`${doing}: ${found}. ${inTerminalWords(remedy)}.`, { cause });
    this.doing = doing;
    this.found = found;
    this.remedy = remedy;
  }
}

/** The text of anything that was thrown, for the `found` part of a {@link Problem}. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
