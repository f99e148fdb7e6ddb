import type { BackendProcess } from './backend-process';
import type { BackendClientOptions, RequestOptions } from './client-options';
import type { BackendSettings, ParamsOf, RequestName, ResultOf } from './protocol';

const defaultIdleTime = 3 * 60_000;
/** Before a process is started anew only because somebody listens to docker. */
const watchAgainAfter = 10_000;

/**
 * The backend as the extension sees it. Its process starts with the first request and ends when nobody has needed it for a
 * while. When it dies, what it was doing fails with a Problem, and the next request starts another one; checkouts stay whole.
 */
export class BackendClient {
  readonly #options: Required<BackendClientOptions>;
  #settings: BackendSettings;
  /** Not yet gone; the last one takes the requests, unless it is ending. */
  readonly #processes: BackendProcess[] = [];
  readonly #dockerListeners = new Set<() => void>();
  #watchAgain: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor({ idleTime = defaultIdleTime, ...options }: BackendClientOptions) {
    this.#options = { ...options, idleTime };
    this.#settings = options.settings;
  }

  /** Of the processes there are: none, one, or more while older ones are ending. */
  get processIds(): readonly number[] {
    return this.#processes.flatMap(({ pid }) => pid ?? []);
  }

  /** Settings for all requests from now on; those that run go on with the older ones. */
  configure(settings: BackendSettings): void {
    this.#settings = settings;
    this.#processes.forEach((process) => process.endWhenUnused());
    this.#watchDocker();
  }

  /**
   * Asks for something. After an abort the answer comes within a second: the signal's reason, or the result where it was
   * too late to stop; only a change that is being installed is waited for as long as it takes.
   *
   * @throws Problem; the signal's reason; another Error for what is a defect of the backend.
   */
  async request<Name extends RequestName>(
    name: Name,
    params: ParamsOf<Name>,
    options: RequestOptions = {},
  ): Promise<ResultOf<Name>> {
    options.signal?.throwIfAborted();
    const process = await this.#process();
    return process.request(name, params, options);
  }

  /** Tells when images of the local docker come, go or are named anew. The process stays while somebody listens. */
  onDockerChange(listener: () => void): { dispose(): void } {
    // One of its own, since the same function may be given twice.
    const own = () => listener();
    this.#dockerListeners.add(own);
    this.#watchDocker();
    return {
      dispose: () => {
        this.#dockerListeners.delete(own);
        if (this.#dockerListeners.size === 0)
          this.#processes.forEach((process) => process.watchDocker(false));
      },
    };
  }

  /** Stops all requests. Resolves when no process is left. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#dockerListeners.clear();
    clearTimeout(this.#watchAgain);
    await Promise.all(this.#processes.map((process) => process.end()));
  }

  /** The one for the next request. */
  async #process(): Promise<BackendProcess> {
    // Loaded with the first request, so that it costs the extension's activation nothing.
    const { BackendProcess } = await import('./backend-process');
    if (this.#isDisposed) throw new Error('BackendClient: used after dispose()');
    const current = this.#processes.at(-1);
    if (current?.isUsable) return current;
    const process = new BackendProcess({
      ...this.#options,
      settings: this.#settings,
      onDockerChange: () => this.#dockerListeners.forEach((listener) => listener()),
      onGone: () => this.#forget(process),
    });
    this.#processes.push(process);
    process.watchDocker(this.#dockerListeners.size > 0);
    return process;
  }

  #forget(process: BackendProcess): void {
    this.#processes.splice(this.#processes.indexOf(process), 1);
    clearTimeout(this.#watchAgain);
    this.#watchAgain = setTimeout(() => this.#watchDocker(), watchAgainAfter).unref();
  }

  #watchDocker(): void {
    if (this.#isDisposed || this.#dockerListeners.size === 0) return;
    void this.#process().then(
      (process) => process.watchDocker(this.#dockerListeners.size > 0),
      () => undefined, // Disposed of meanwhile.
    );
  }
}
