import { watchLocalImages } from '../core/image/docker/watch-images';
import type { ProcessEnvironment } from '../core/net/process-environment';
import { Throttle } from './throttle';

/** One build makes many events, and nobody needs to look again after each of them. */
const changeInterval = 500;

/** Looks at the local docker's images while somebody wants to know when they change. */
export class DockerWatch {
  readonly #onChange: () => void;
  #watching: AbortController | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  start(environment: ProcessEnvironment): void {
    this.stop();
    const watching = new AbortController();
    const changes = new Throttle<void>(changeInterval, this.#onChange);
    watching.signal.addEventListener('abort', () => changes.stop());
    this.#watching = watching;
    void watchLocalImages(environment, () => changes.push(), watching.signal);
  }

  stop(): void {
    this.#watching?.abort();
    this.#watching = undefined;
  }
}
