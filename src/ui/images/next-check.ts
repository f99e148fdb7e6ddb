const minute = 60_000;

/** After a failure it is tried again this soon, then after twice as long, and so on up to the interval. */
const firstRetry = 5 * minute;
/** A window that is reloaded again and again is no reason to ask registries each time. */
const startGrace = 10 * minute;

export interface CheckHistory {
  /** Milliseconds since 1970; undefined before the first check. */
  readonly lastCheck: number | undefined;
  /** How many checks in a row failed for at least one app, up to now. */
  readonly failures: number;
  /** Whether this window has checked yet. */
  readonly hasChecked: boolean;
  /** Whether there are apps about whose images nothing is known. */
  readonly hasNews: boolean;
}

/**
 * How long to wait before the next check, in milliseconds; undefined when there is to be none.
 *
 * @param interval of the setting, in hours.
 */
export function waitBeforeCheck(
  { lastCheck, failures, hasChecked, hasNews }: CheckHistory,
  interval: number,
  now: number,
): number | undefined {
  if (!(interval > 0)) return undefined;
  if (lastCheck === undefined || hasNews) return 0;
  const regular = interval * 60 * minute;
  const wait = hasChecked
    ? Math.min(retryAfter(failures) ?? regular, regular)
    : Math.min(startGrace, regular);
  // A clock that was set back must not put a check off for years.
  return Math.min(Math.max(lastCheck + wait - now, 0), regular);
}

function retryAfter(failures: number): number | undefined {
  return failures === 0 ? undefined : firstRetry * 2 ** (failures - 1);
}
