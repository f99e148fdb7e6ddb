import type { CheckoutModel } from '../model/checkout-model';
import type { Checkouts, FoundApp } from '../model/checkouts';
import type { Disposable } from '../model/event';
import { installedDigest } from '../model/image-state';
import type { ImageChecks } from './image-checks';

/** The first check leaves an opening window to what people wait for. */
const startDelay = 2000;
/** Timers of Node hold 31 bits. */
const longestTimer = 0x7fff_ffff;

export interface ScheduleOptions {
  /** Hours; 0 is never. */
  interval(): number;
  /** Whether asking registries is allowed now. */
  isAllowed(): boolean;
  onFailure(error: unknown): void;
}

/**
 * Checks the images at start and every few hours; sooner after failures, and then only those that failed. An app that comes or
 * gets another image meanwhile is asked about at once, when the window gets to know of it.
 */
export class CheckSchedule implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #images: ImageChecks;
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  readonly #subscription: Disposable;
  #timer: NodeJS.Timeout | undefined;
  #isChecking = false;
  #hasNews = false;
  #hasRead = false;
  #failures = 0;
  #hasChecked = false;
  #lastCheck: number | undefined;

  constructor(checkouts: Checkouts, images: ImageChecks, options: ScheduleOptions) {
    this.#checkouts = checkouts;
    this.#images = images;
    this.#options = options;
    this.#lastCheck = images.lastCheck;
    this.#subscription = checkouts.onDidChangeCheckout((model) => this.#lookForNews(model));
  }

  /** Plans the next check; also to be called when something changed that it depends on. */
  plan(): void {
    clearTimeout(this.#timer);
    // When a check ends the next one is planned anyway.
    if (this.#isChecking || !this.#options.isAllowed() || this.#stop.signal.aborted) return;
    const wait = this.#wait(this.#hasNews);
    if (wait === undefined) return;
    if (!this.#hasRead && wait > startDelay) {
      this.#timer = setTimeout(() => void this.#readAndPlan(), startDelay);
      return;
    }
    const delay = this.#hasChecked ? wait : Math.max(wait, startDelay);
    this.#timer = setTimeout(() => void this.#checkAndPlan(), Math.min(delay, longestTimer));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#stop.abort();
  }

  #wait(hasNews: boolean): number | undefined {
    const history = {
      lastCheck: this.#lastCheck,
      failures: this.#failures,
      hasChecked: this.#hasChecked,
      hasNews,
    };
    return waitBeforeCheck(history, this.#options.interval(), Date.now());
  }

  /** What came or was built anew has a digest that no answer was about. */
  #lookForNews(model: CheckoutModel): void {
    const isNews = (app: FoundApp['app']) =>
      installedDigest(app) !== undefined && this.#images.stateOf({ model, app }).kind === 'unknown';
    if (!model.apps.some(isNews)) return;
    this.#hasNews = true;
    this.plan();
  }

  /** What an earlier window has learned is shown in this one, too, long before the next check is due. */
  async #readAndPlan(): Promise<void> {
    this.#hasRead = true;
    try {
      await this.#checkouts.readApps();
    } catch (error) {
      this.#options.onFailure(error);
    }
    this.plan();
  }

  async #checkAndPlan(): Promise<void> {
    this.#isChecking = true;
    this.#hasRead = true;
    const isRegular = this.#wait(false) === 0;
    try {
      // What changes from here on is news again.
      const all = await this.#checkouts.readApps().finally(() => (this.#hasNews = false));
      const worthAsking = all.filter((found) => this.#isWorthAsking(found, isRegular));
      if (worthAsking.length > 0) await this.#images.check(worthAsking, this.#stop.signal);
      const hasFailed = all.some((found) => this.#images.failureOf(found) !== undefined);
      this.#failures = hasFailed ? this.#failures + 1 : 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failures++;
      this.#options.onFailure(error);
    }
    this.#isChecking = false;
    if (isRegular) {
      this.#hasChecked = true;
      this.#lastCheck = Date.now();
    }
    this.plan();
  }

  /** Between two regular checks only those count that failed, or about which nothing is known. */
  #isWorthAsking({ model, app }: FoundApp, isRegular: boolean): boolean {
    const checkedAt = this.#images.checkedAt({ checkout: model.directory, app: app.name });
    const isDue = checkedAt === undefined || Date.now() - checkedAt >= this.#options.interval() * 3_600_000;
    if (isDue || (isRegular && !this.#hasChecked)) return true;
    const found = { model, app };
    return this.#images.stateOf(found).kind === 'unknown' || this.#images.failureOf(found) !== undefined;
  }
}

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
