import { describeError } from '../../core/problem';
import type { Checkouts, FoundApp } from '../model/checkouts';
import type { Disposable } from '../model/event';
import type { ImageChecks } from './image-checks';
import { waitBeforeCheck } from './next-check';

/** The first check leaves an opening window to what people wait for. */
const startDelay = 2000;
/** Timers of Node hold 31 bits. */
const longestTimer = 0x7fff_ffff;

export interface ScheduleOptions {
  /** Hours; 0 is never. */
  interval(): number;
  /** Whether asking registries is allowed now. */
  isAllowed(): boolean;
  onFailure(message: string): void;
}

/** Checks the images at start and every few hours; sooner after failures, and then only those that failed. */
export class CheckSchedule implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #images: ImageChecks;
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #hasChecked = false;
  #lastCheck: number | undefined;

  constructor(checkouts: Checkouts, images: ImageChecks, options: ScheduleOptions) {
    this.#checkouts = checkouts;
    this.#images = images;
    this.#options = options;
    this.#lastCheck = images.lastCheck;
  }

  /** Plans the next check; also to be called when something changed that it depends on. */
  plan(): void {
    clearTimeout(this.#timer);
    if (!this.#options.isAllowed() || this.#stop.signal.aborted) return;
    const history = { lastCheck: this.#lastCheck, failures: this.#failures, hasChecked: this.#hasChecked };
    const wait = waitBeforeCheck(history, this.#options.interval(), Date.now());
    if (wait === undefined) return;
    const delay = this.#hasChecked ? wait : Math.max(wait, startDelay);
    this.#timer = setTimeout(() => void this.#checkAndPlan(), Math.min(delay, longestTimer));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  async #checkAndPlan(): Promise<void> {
    try {
      const apps = (await this.#checkouts.readApps()).filter((found) => this.#isWorthAsking(found));
      const checks = apps.length === 0 ? [] : await this.#images.check(apps, this.#stop.signal);
      const hasFailed = checks.some(({ state }) => state === 'failed');
      this.#failures = hasFailed ? this.#failures + 1 : 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failures++;
      this.#options.onFailure(describeError(error));
    }
    this.#hasChecked = true;
    this.#lastCheck = Date.now();
    this.plan();
  }

  /** Between two regular checks only those count that failed. */
  #isWorthAsking({ model, app }: FoundApp): boolean {
    const checkedAt = this.#images.checkedAt({ checkout: model.directory, app: app.name });
    const isDue = checkedAt === undefined || Date.now() - checkedAt >= this.#options.interval() * 3_600_000;
    return isDue || !this.#hasChecked || this.#images.stateOf({ model, app }).kind === 'failed';
  }
}
