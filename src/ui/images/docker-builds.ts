import type { DockerImage } from '../../core/image/docker/list-images';
import { familiarReference, parseReference } from '../../core/image/reference';
import type { Checkouts, FoundApp } from '../model/checkouts';
import { Disposables, type Disposable } from '../model/event';
import { referenceOf } from '../model/image-state';
import type { ImageChecks } from './image-checks';

export interface DockerBuildsOptions {
  /** Whether to listen to docker now. */
  isWanted(): boolean;
  /** Calls `listener` when docker's images come, go or are named anew. */
  listen(listener: () => void): Disposable;
  /** @throws Problem where no docker answers. */
  list(signal: AbortSignal): Promise<readonly DockerImage[]>;
  onFailure(error: unknown): void;
}

/** Where no docker answers, it is looked for again this much later at the soonest. */
const pauseWithoutDocker = 5 * 60_000;

/** The ID of each name that docker has. */
type Ids = ReadonlyMap<string, string>;

/**
 * Notices at once when an image that an app is made from is built or pulled on this machine. Listens only while docker runs
 * and the window knows an app whose image may come from it.
 *
 * Events come through the backend, whose process stays for that as long as somebody listens, and waits; only a docker that
 * went away is looked for, once a minute. Where nobody listens the process ends when it has been idle for a while.
 */
export class DockerBuilds implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #images: ImageChecks;
  readonly #options: DockerBuildsOptions;
  readonly #subscriptions = new Disposables();
  readonly #stop = new AbortController();
  #listening: { readonly subscription: Disposable; ids: Promise<Ids> } | undefined;
  /** Milliseconds since 1970. */
  #triedAt = 0;

  constructor(checkouts: Checkouts, images: ImageChecks, options: DockerBuildsOptions) {
    this.#checkouts = checkouts;
    this.#images = images;
    this.#options = options;
    this.#subscriptions.add(checkouts.onDidChangeCheckout(() => this.update()));
    this.#subscriptions.add(checkouts.onDidChangeList(() => this.update()));
  }

  /** Begins or ends listening, as apps, settings and trust ask for it. */
  update(): void {
    const isWanted = this.#options.isWanted() && this.#appsFromDocker().length > 0;
    if (!isWanted) {
      this.#listening?.subscription.dispose();
      this.#listening = undefined;
    } else if (this.#listening === undefined && Date.now() - this.#triedAt >= pauseWithoutDocker) {
      this.#triedAt = Date.now();
      void this.#begin();
    }
  }

  /** Another docker is to be asked from now on. */
  startAnew(): void {
    this.#listening?.subscription.dispose();
    this.#listening = undefined;
    this.#triedAt = 0;
    this.update();
  }

  dispose(): void {
    this.#stop.abort();
    this.#listening?.subscription.dispose();
    this.#subscriptions.dispose();
  }

  async #begin(): Promise<void> {
    const ids = await this.#listIds();
    if (ids === undefined || this.#stop.signal.aborted || this.#listening !== undefined) return;
    const subscription = this.#options.listen(() => void this.#look());
    this.#listening = { subscription, ids: Promise.resolve(ids) };
    // What could not be asked while docker was away.
    await this.#check(this.#appsFromDocker().filter((found) => this.#images.failureOf(found) !== undefined));
  }

  /** Docker says that something changed, not what: only apps whose image is another one there are worth asking about. */
  async #look(): Promise<void> {
    const listening = this.#listening;
    if (listening === undefined) return;
    const before = listening.ids;
    listening.ids = before.then(async (ids) => (await this.#listIds()) ?? ids);
    const [old, now] = await Promise.all([before, listening.ids]);
    const touched = this.#appsFromDocker().filter(({ app }) => {
      const name = normalized(referenceOf(app) ?? '');
      return now.has(name) && now.get(name) !== old.get(name);
    });
    await this.#check(touched);
  }

  async #check(apps: readonly FoundApp[]): Promise<void> {
    if (apps.length === 0) return;
    try {
      await this.#images.check(apps, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onFailure(error);
    }
  }

  /** Undefined where no docker answers. */
  async #listIds(): Promise<Ids | undefined> {
    try {
      const images = await this.#options.list(this.#stop.signal);
      return new Map(images.map(({ reference, id }) => [normalized(reference), id]));
    } catch {
      return undefined;
    }
  }

  #appsFromDocker(): readonly FoundApp[] {
    return this.#checkouts.all.flatMap((model) =>
      model.apps
        .filter(({ source }) => source.kind === 'docker' && source.image.sources.includes('local'))
        .map((app) => ({ model, app })),
    );
  }
}

/** `nginx` and `nginx:latest` are one. */
function normalized(reference: string): string {
  try {
    return familiarReference(parseReference(reference));
  } catch {
    return reference;
  }
}
