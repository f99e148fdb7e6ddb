import type { BackendProcess } from './backend-process';
import type { BackendClientOptions, GivenOptions, RequestOptions } from './client-options';
import { EitherSignal } from './either-signal';
import type {
  BackendSettings,
  NewsOf,
  ParamsOf,
  RequestName,
  ResultOf,
  StreamName,
  StreamParamsOf,
} from './protocol';

const defaultIdleTime = 3 * 60_000;
/** Before a process is started anew only because somebody listens. */
const listenAgainAfter = 10_000;

/**
 * The backend as the extension sees it. Its process starts with the first request and ends when nobody has needed it for a
 * while. When it dies, what it was doing fails with a Problem, and the next request starts another one; checkouts stay whole.
 */
export class BackendClient {
  readonly #options: GivenOptions;
  #settings: BackendSettings;
  /** Not yet gone; the last one takes the requests, unless it is ending. */
  readonly #processes: BackendProcess[] = [];
  readonly #disposed = new AbortController();
  /** Of those who wait for another process to listen to. */
  readonly #wakeUps = new Set<() => void>();

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

  /** Listens to a stream, across processes that end, until it is disposed of. The process stays as long. */
  subscribe<Name extends StreamName>(
    name: Name,
    params: StreamParamsOf<Name>,
    onNews: (news: NewsOf<Name>) => void,
  ): { dispose(): void } {
    const ended = new AbortController();
    void this.#follow(name, params, onNews, ended.signal);
    return { dispose: () => ended.abort() };
  }

  /** Stops all requests. Resolves when no process is left. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    this.#wakeUps.forEach((wakeUp) => wakeUp());
    await Promise.all(this.#processes.map((process) => process.end()));
  }

  /** The one for the next request. */
  async #process(): Promise<BackendProcess> {
    // Loaded with the first request, so that it costs the extension's activation nothing.
    const { BackendProcess } = await import('./backend-process');
    if (this.#disposed.signal.aborted) throw new Error('BackendClient: used after dispose()');
    const current = this.#processes.at(-1);
    if (current?.isUsable) return current;
    const process = new BackendProcess({
      ...this.#options,
      settings: this.#settings,
      onGone: () => this.#forget(process),
    });
    this.#processes.push(process);
    this.#wakeUps.forEach((wakeUp) => wakeUp());
    return process;
  }

  async #follow<Name extends StreamName>(
    name: Name,
    params: StreamParamsOf<Name>,
    onNews: (news: NewsOf<Name>) => void,
    ended: AbortSignal,
  ): Promise<void> {
    using either = new EitherSignal(ended, this.#disposed.signal);
    const { signal } = either;
    while (!signal.aborted) {
      const settings = this.#settings;
      try {
        const process = await this.#process();
        await process.follow(name, params, onNews, signal);
      } catch {
        // It has ended, or can't say anything; the log tells why.
      }
      if (settings === this.#settings) await this.#anotherProcess();
    }
  }

  /** Waits for one that others need, but not for ever. */
  async #anotherProcess(): Promise<void> {
    await new Promise<void>((resolve) => {
      const wakeUp = () => {
        this.#wakeUps.delete(wakeUp);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wakeUp, listenAgainAfter).unref();
      this.#wakeUps.add(wakeUp);
    });
  }

  #forget(process: BackendProcess): void {
    this.#processes.splice(this.#processes.indexOf(process), 1);
  }
}
