import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../job';

export interface RetryPolicy {
  /** How often a request is sent at most. */
  readonly attempts: number;
  /** Milliseconds. The first pause is between half of this and this; each later one twice as long. */
  readonly firstPauseMs: number;
  /** Milliseconds. A server that asks for a longer pause is taken to mean "no". */
  readonly longestPauseMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 5, firstPauseMs: 1_000, longestPauseMs: 60_000 };

/** Shorter pauses are not worth a message. */
const silentPauseMs = 2_000;

/** Too many requests, or a server (or the proxy before it: 499, 522) that has a bad moment. */
export const usualTransientStatuses: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/**
 * How many milliseconds to wait after the attempt with this number (from 1) failed, or undefined to give up.
 *
 * @param retryAfter the header of this name: seconds or a date (RFC 9110, 10.2.3).
 */
export function pauseAfter(
  attempt: number,
  policy: RetryPolicy,
  retryAfter: string | undefined,
): number | undefined {
  if (attempt >= policy.attempts) return undefined;
  const asked = parseRetryAfter(retryAfter, Date.now()) ?? 0;
  if (asked > policy.longestPauseMs) return undefined;
  const ceiling = Math.min(policy.firstPauseMs * 2 ** (attempt - 1), policy.longestPauseMs);
  // Never all at once: clients that were turned away together would come back together.
  const backOff = ceiling * (0.5 + Math.random() / 2);
  return Math.max(asked, backOff);
}

/** @returns milliseconds from `now` (milliseconds since 1970), or undefined for a missing or senseless header. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Waits before something is tried again, and says why unless all of it was too short to be noticed.
 *
 * @param why a clause with a capital: `The connection to registry.example broke`.
 * @throws the job's reason as soon as it is stopped.
 */
export async function waitForRetry(
  { why, wait, wasLong }: { readonly why: string; readonly wait: number; readonly wasLong: boolean },
  job: Job,
): Promise<void> {
  if (wasLong || wait >= silentPauseMs) {
    job.warn(`${why}; trying again in ${Math.max(1, Math.round(wait / 1000))} s.`);
  }
  await pause(wait, job.signal);
}

/** @throws the signal's reason as soon as it is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
