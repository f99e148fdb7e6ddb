import type { ImageCheck } from '../../core/use-cases/check-images';
import type { AppId, FoundApp } from '../model/checkouts';
import { Emitter, type Disposable } from '../model/event';
import {
  type CheckFailure,
  type DatedCheck,
  failureOf,
  type ImageState,
  imageStateOf,
  nextCheck,
} from '../model/image-state';
import type { Storage } from '../model/storage';

/** Asks whether images moved; an answer for each app. */
export type AskAboutImages = (
  checkout: string,
  apps: readonly string[],
  signal: AbortSignal,
) => Promise<readonly ImageCheck[]>;

/** Answers by app, by checkout. */
type Stored = Readonly<Record<string, Readonly<Record<string, DatedCheck>>>>;

const storageKey = 'pantavisor.imageChecks';

/** What is known about the apps' images upstream. It outlives the window: a restart asks no registry twice. */
export class ImageChecks implements Disposable {
  readonly #storage: Storage;
  readonly #ask: AskAboutImages;
  readonly #changed = new Emitter<string>();
  #checks: Stored;

  constructor(storage: Storage, ask: AskAboutImages) {
    this.#storage = storage;
    this.#ask = ask;
    this.#checks = (storage.get(storageKey) as Stored | undefined) ?? {};
  }

  /** There are answers about apps of this checkout. */
  readonly onDidChange = this.#changed.event;

  stateOf({ model, app }: FoundApp): ImageState {
    return imageStateOf(app, this.#checks[model.directory]?.[app.name]);
  }

  /** Why the last question about an app had no answer; undefined where it had one. */
  failureOf(found: FoundApp): CheckFailure | undefined {
    return failureOf(this.stateOf(found));
  }

  /** When an app was asked about last, in milliseconds since 1970. */
  checkedAt({ checkout, app }: AppId): number | undefined {
    return this.#checks[checkout]?.[app]?.checkedAt;
  }

  /** When any was. */
  get lastCheck(): number | undefined {
    const times = Object.values(this.#checks).flatMap((checks) =>
      Object.values(checks).map(({ checkedAt }) => checkedAt),
    );
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /**
   * Asks about these apps; those that are not made from docker images are passed over.
   *
   * @throws Problem when nobody could be asked at all; a failure for one image is an answer.
   */
  async check(found: readonly FoundApp[], signal: AbortSignal): Promise<readonly ImageCheck[]> {
    const answers = await Promise.all(
      [...byCheckout(found)].map(async ([checkout, apps]) => {
        const checks = await this.#ask(checkout, apps, signal);
        this.#store(checkout, checks);
        return checks;
      }),
    );
    return answers.flat();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #store(checkout: string, checks: readonly ImageCheck[]): void {
    const checkedAt = Date.now();
    const before = this.#checks[checkout];
    const dated = checks.map(
      (check) => [check.app, nextCheck(check, checkedAt, before?.[check.app])] as const,
    );
    const known = { ...before, ...Object.fromEntries(dated) };
    this.#checks = { ...this.#checks, [checkout]: known };
    void this.#storage.update(storageKey, this.#checks);
    this.#changed.fire(checkout);
  }
}

function byCheckout(found: readonly FoundApp[]): ReadonlyMap<string, readonly string[]> {
  const apps = new Map<string, string[]>();
  for (const { model, app } of found) {
    if (app.source.kind !== 'docker') continue;
    const names = apps.get(model.directory) ?? [];
    apps.set(model.directory, [...names, app.name]);
  }
  return apps;
}
