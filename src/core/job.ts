/**
 * What long work does one after the other; the user interfaces name each. All but `hash`, and `fetch` and `send`, which move objects
 * between here and a device, are a build's, in their order.
 */
export type Phase =
  'hash' | 'fetch' | 'send' | 'resolve' | 'download' | 'index' | 'compare' | 'compress' | 'check' | 'install';

/**
 * What a warning is about. `checkout`: something that came to light in passing, and is news whatever becomes of the job.
 */
export type WarningSubject = 'job' | 'checkout';

/**
 * What long work needs from whoever started it: a way to be stopped, and somewhere to report to.
 *
 * Long loops call `signal.throwIfAborted()` at least every few hundred milliseconds of work.
 */
export interface Job {
  readonly signal: AbortSignal;
  /** `done` and `total` count bytes; a `total` of undefined means that nobody knows yet. */
  progress(phase: Phase, done: number, total: number | undefined): void;
  /** Something a person should know that doesn't stop the job, and is about it unless told otherwise. */
  warn(message: string, about?: WarningSubject): void;
}

/** A job that nobody watches or stops. */
export function silentJob(): Job {
  return { signal: new AbortController().signal, progress: () => undefined, warn: () => undefined };
}
