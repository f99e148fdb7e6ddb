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
  list(): Promise<readonly DockerImage[]>;
  onFailure(error: unknown): void;
}

/**
 * Notices at once when an image that an app is made from is built or pulled on this machine. Listens only while the window
 * knows an app whose image may come from docker.
 */
export class DockerBuilds implements Disposable {
  readonly #checkouts: Checkouts;
  readonly #images: ImageChecks;
  readonly #options: DockerBuildsOptions;
  readonly #subscriptions = new Disposables();
  readonly #stop = new AbortController();
  /** The ID that each name of docker's had when it was last looked at. */
  #ids: Promise<ReadonlyMap<string, string>> = Promise.resolve(new Map());
  #listening: Disposable | undefined;

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
    if (isWanted && this.#listening === undefined) {
      this.#listening = this.#options.listen(() => void this.#look());
      this.#ids = this.#listIds();
    } else if (!isWanted) {
      this.#listening?.dispose();
      this.#listening = undefined;
    }
  }

  dispose(): void {
    this.#stop.abort();
    this.#listening?.dispose();
    this.#subscriptions.dispose();
  }

  /** Docker says that something changed, not what: only apps whose image is another one there are worth asking about. */
  async #look(): Promise<void> {
    const before = this.#ids;
    this.#ids = this.#listIds();
    const [old, now] = await Promise.all([before, this.#ids]);
    const touched = this.#appsFromDocker().filter(({ app }) => {
      const name = normalized(referenceOf(app) ?? '');
      return now.has(name) && now.get(name) !== old.get(name);
    });
    if (touched.length === 0) return;
    try {
      await this.#images.check(touched, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onFailure(error);
    }
  }

  /** None where no docker answers. */
  async #listIds(): Promise<ReadonlyMap<string, string>> {
    try {
      const images = await this.#options.list();
      return new Map(images.map(({ reference, id }) => [normalized(reference), id]));
    } catch {
      return new Map();
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
