import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { describeError, Problem } from '../core/problem';
import type { GivenOptions, RequestOptions } from './client-options';
import { EitherSignal } from './either-signal';
import type {
  NewsOf,
  ParamsOf,
  RegistryCredentials,
  RequestName,
  ResultOf,
  StreamName,
  StreamParamsOf,
} from './protocol';
import { Crash, receivedError } from './sent-error';
import * as wire from './wire';
import { signalOf } from './wire';

export interface BackendProcessOptions extends GivenOptions {
  readonly onGone: () => void;
}

interface RunOptions extends RequestOptions {
  readonly onNews?: (news: unknown) => void;
}

/** A request that is to stop and has not answered by then is given up: a second, less what messages need to travel. */
const stopLimit = 900;
/** Builds take turns in the process's event loop; when it answers nothing at all for so long, it hangs. */
const pulseLimit = 5_000;
/** Longer than the backend gives itself to let go of its checkouts. */
const endLimit = 35_000;

/** One run of the backend's process, seen from this side of the connection. */
export class BackendProcess {
  readonly #options: BackendProcessOptions;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #gone: Promise<void>;
  /** Undefined while it can be used. */
  #end: Ending | undefined;
  #isGone = false;
  #isLast = false;
  #uses = 0;
  readonly #listening = new AbortController();
  #idle: NodeJS.Timeout | undefined;
  #lastToken = 0;

  constructor(options: BackendProcessOptions) {
    this.#options = options;
    this.#child = fork(options.entry, {
      // What this process was started with (--inspect, --import) is not meant for the backend.
      execArgv: [],
      // An extension host's executable is Electron, and this makes it a plain Node.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#gone = new Promise((resolve) => {
      const settle = (how: string) => {
        this.#forget(how);
        resolve();
      };
      this.#child.once('exit', (code, signal) => settle(howItEnded(code, signal)));
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined) settle(`could not be started (${describeError(error)})`);
      });
    });
    this.#logOutput();
    this.#connection = this.#connect();
    this.#restIfUnused();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it takes requests. */
  get isUsable(): boolean {
    return this.#end === undefined && !this.#isLast;
  }

  request<Name extends RequestName>(
    name: Name,
    params: ParamsOf<Name>,
    options: RequestOptions,
  ): Promise<ResultOf<Name>> {
    return this.#run<ResultOf<Name>>(name, params, options);
  }

  /** Listens until the signal is aborted, or the process is to end. */
  async follow<Name extends StreamName>(
    name: Name,
    params: StreamParamsOf<Name>,
    onNews: (news: NewsOf<Name>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    using either = new EitherSignal(signal, this.#listening.signal);
    const tell = (news: unknown) => either.signal.aborted || onNews(news as NewsOf<Name>);
    await this.#run(wire.methodOf(name), params, { signal: either.signal, onNews: tell });
  }

  async #run<Result>(
    method: string,
    params: unknown,
    { signal, onProgress, onWarning, onNews }: RunOptions,
  ): Promise<Result> {
    signal?.throwIfAborted();
    // Until the backend says what it does.
    let doing = 'starting the backend process';
    const envelope: wire.Envelope<unknown> = { token: ++this.#lastToken, params };
    let isInstalling = false;
    const events = this.#connection.onProgress(wire.jobEvents, envelope.token, (event) => {
      switch (event.kind) {
        case 'begun':
          doing = event.doing;
          break;
        case 'warning':
          onWarning?.(event.message, event.about);
          break;
        case 'news':
          onNews?.(event.news);
          break;
        case 'progress':
          isInstalling = event.phase === 'install';
          onProgress?.({ phase: event.phase, done: event.done, total: event.total });
      }
    });
    try {
      return await this.#answer<Result>(method, envelope, signal, () => isInstalling);
    } catch (error) {
      throw this.#failure(error, doing, signal);
    } finally {
      events.dispose();
    }
  }

  /** Lets it do what it has been asked for, and nothing else; whoever listens is let go. */
  endWhenUnused(): void {
    this.#isLast = true;
    this.#listening.abort();
    this.#restIfUnused();
  }

  /** Stops all that runs; its requests fail. Resolves when the process is gone. */
  async end(): Promise<void> {
    if (this.#end === undefined) {
      this.#end = toldToEnd;
      clearTimeout(this.#idle);
      this.#connection.dispose();
      this.#child.disconnect();
    }
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), endLimit).unref();
    await this.#gone;
    clearTimeout(patience);
  }

  #connect(): MessageConnection {
    const { settings, credentials, hubLogins, askSsh, log } = this.#options;
    const connection = createMessageConnection(
      new IPCMessageReader(this.#child),
      new IPCMessageWriter(this.#child),
    );
    connection.onRequest(wire.credentials, (question, cancellation) =>
      unlessCancelled(credentials(question), cancellation),
    );
    if (hubLogins !== undefined) {
      connection.onRequest(wire.readHubLogin, (hub) => hubLogins.read(hub));
      connection.onRequest(wire.writeHubLogin, ({ hub, token }) =>
        hubLogins.write(hub, token).then(() => null),
      );
      connection.onRequest(wire.keptHubs, () => hubLogins.hubs());
    }
    connection.onRequest(wire.askSsh, async (question) => (await askSsh?.(question)) ?? null);
    connection.onNotification(wire.logEntry, log);
    connection.listen();
    void connection.sendNotification(wire.start, settings);
    return connection;
  }

  /** What the backend answers; after an abort not for long, unless it `isCommitted`. */
  async #answer<Result>(
    method: string,
    envelope: object,
    signal: AbortSignal | undefined,
    isCommitted: () => boolean,
  ): Promise<Result> {
    const cancellation = new CancellationTokenSource();
    const answer = this.#using(() =>
      this.#connection.sendRequest<Result>(method, envelope, cancellation.token),
    );
    if (signal === undefined) return answer;
    return new Promise((resolve, reject) => {
      let overdue: NodeJS.Timeout | undefined;
      const stop = () => {
        cancellation.cancel();
        overdue = setTimeout(() => {
          void this.#checkPulse();
          if (!isCommitted()) reject(signal.reason as Error);
        }, stopLimit);
      };
      signal.addEventListener('abort', stop, { once: true });
      void answer.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', stop);
        clearTimeout(overdue);
      });
    });
  }

  /** Also a request that nobody waits for any more is a use, until the backend has answered it. */
  async #using<T>(work: () => Promise<T>): Promise<T> {
    this.#uses += 1;
    clearTimeout(this.#idle);
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      this.#restIfUnused();
    }
  }

  #restIfUnused(): void {
    clearTimeout(this.#idle);
    if (this.#uses > 0 || this.#end !== undefined) return;
    if (this.#isLast) void this.end();
    else this.#idle = setTimeout(() => void this.end(), this.#options.idleTime).unref();
  }

  async #checkPulse(): Promise<void> {
    const patience = setTimeout(() => {
      this.#options.log({ level: 'error', message: 'The backend process hangs, and is ended' });
      this.#end ??= { how: 'hung, and was ended' };
      this.#child.kill('SIGKILL');
    }, pulseLimit);
    await this.#connection.sendRequest(wire.pulse).catch(() => undefined);
    clearTimeout(patience);
  }

  #forget(how: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#idle);
    if (this.#end === undefined) {
      this.#end = { how };
      this.#options.log({ level: 'error', message: `The backend process ${how}` });
    }
    this.#connection.dispose();
    this.#options.onGone();
  }

  #failure(error: unknown, doing: string, signal: AbortSignal | undefined): unknown {
    const received = receivedError(error);
    if (received instanceof Problem) return received;
    // It is of no use any more, though it isn't gone yet.
    if (received instanceof Crash) this.#end ??= received;
    if (signal?.aborted) return signal.reason;
    // Stopped, but not from here: by Ctrl-C in the terminal below us.
    const end = this.#end ?? (received === 'aborted' ? toldToEnd : undefined);
    if (end !== undefined) {
      return new Problem({
        doing,
        found: `the backend process ${end.how}`,
        remedy: `Try again: the checkout is whole, and what was begun is undone or finished first. ${end.remedy ?? 'The log may tell more'}`,
      });
    }
    return new Error(
      `${doing}: the backend failed unexpectedly. Please report this as a defect, with the log`,
      { cause: error },
    );
  }

  #logOutput(): void {
    const { log } = this.#options;
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (!output) continue; // It could not be started.
      createInterface({ input: output }).on('line', (message) => log({ level: 'warn', message }));
    }
  }
}

/** Why the process ended or is ending. */
interface Ending {
  /** A clause about it. */
  readonly how: string;
  /** A sentence without a final stop, where there is more to do than to try again. */
  readonly remedy?: string;
}

const toldToEnd: Ending = { how: 'was told to end' };

/** Node and V8 end themselves so when there is no memory left; nothing in the process hears of it. */
const endsWithoutMemory: ReadonlySet<NodeJS.Signals | null> = new Set(['SIGABRT', 'SIGTRAP'] as const);

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  const mayLackMemory = endsWithoutMemory.has(signal) ? ', perhaps for want of memory' : '';
  return `ended with ${signal ?? `code ${String(code)}`}${mayLackMemory}`;
}

/** Null when there is none, or when nobody waits for it any more. */
function unlessCancelled(
  wanted: PromiseLike<RegistryCredentials | undefined>,
  cancellation: CancellationToken,
): Promise<RegistryCredentials | null> {
  return new Promise((resolve, reject) => {
    const signal = signalOf(cancellation);
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null));
    wanted.then((credentials) => resolve(credentials ?? null), reject);
  });
}
