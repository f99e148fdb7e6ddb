import { performance } from 'node:perf_hooks';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { withMendingCommand } from '../core/checkout/mend-squashfs';
import type { Job } from '../core/job';
import { Mounts } from '../core/mount/mounts';
import type { ProcessEnvironment } from '../core/net/process-environment';
import { Problem } from '../core/problem';
import type { Remotes } from '../core/remote/remotes';
import { type BuildEnvironment, closeEnvironment } from '../core/use-cases/environment';
import { EitherSignal } from './either-signal';
import { codecs, environmentFor, outsideWith, secretStorage } from './environment';
import { openRemotes } from './hub-logins';
import type { BackendSettings, LogEntry, StreamName } from './protocol';
import { remoteJob } from './remote-job';
import type { Request, Stream, Workplace } from './requests/request';
import { requests, streams } from './requests/requests';
import { sentAbort, sentCrash, sentDefect, sentProblem } from './sent-error';
import * as wire from './wire';
import { signalOf } from './wire';

/** The backend at its end of a connection. */
export interface Service {
  /** Stops all that runs, and resolves when that has let go of its checkouts. */
  stop(): Promise<void>;
  /** The same, and tells all that wait for an answer that the process ends, and why. */
  crash(error: unknown): Promise<void>;
}

/** Answers the requests of the protocol, many at once. To be called before the connection listens. */
export function serve(connection: MessageConnection): Service {
  const stopping = new AbortController();
  const runs = new Set<Promise<unknown>>();
  let crash: { readonly error: unknown } | undefined;
  let settings: BackendSettings = {};
  let outside: ProcessEnvironment = outsideWith(settings);
  let environment: BuildEnvironment | undefined;
  let remotes: Remotes | undefined;
  const mounts = new Mounts(codecs);

  connection.onNotification(wire.start, (given) => {
    settings = given;
    outside = outsideWith(given);
  });
  connection.onRequest(wire.pulse, () => null);
  // Their own parameters and results, which a lookup by name can't tell the compiler.
  for (const [name, request] of Object.entries(requests))
    connection.onRequest(
      name,
      running(() => request as unknown as Request<unknown, unknown>),
    );
  for (const [name, stream] of Object.entries(streams)) {
    const listening = (token: number) => asRequest(stream as unknown as Stream<unknown, unknown>, token);
    connection.onRequest(wire.methodOf(name as StreamName), running(listening));
  }

  /** @param requestFor takes the token that its news are sent under. */
  function running(requestFor: (token: number) => Request<unknown, unknown>) {
    return (envelope: wire.Envelope<unknown>, cancellation: CancellationToken) => {
      const answering = answer(requestFor(envelope.token), envelope, cancellation);
      runs.add(answering);
      const finish = () => runs.delete(answering);
      answering.then(finish, finish);
      return answering;
    };
  }

  function asRequest({ doing, follow }: Stream<unknown, unknown>, token: number): Request<unknown, unknown> {
    const tell = (news: unknown) =>
      void connection.sendProgress(wire.jobEvents, token, { kind: 'news', news });
    return {
      doing,
      answer: (params, at) => follow(params, at, tell).then(() => null),
      isFrequent: true,
    };
  }

  async function answer(
    request: Request<unknown, unknown>,
    { token, params }: wire.Envelope<unknown>,
    cancellation: CancellationToken,
  ): Promise<unknown> {
    using either = new EitherSignal(signalOf(cancellation), stopping.signal);
    const { signal } = either;
    const job = remoteJob(connection, token, signal);
    const doing = request.doing(params);
    job.begin(doing);
    const logEnd = logStart(doing);
    const usual = request.isFrequent ? 'debug' : 'info';
    try {
      signal.throwIfAborted();
      const result = await request.answer(params, workplaceOf(job));
      logEnd(usual, 'done');
      return result;
    } catch (thrown) {
      if (crash !== undefined) {
        logEnd('info', 'ended with the process');
        throw sentCrash(crash.error);
      }
      const error = await withMendingCommand(thrown);
      if (signal.aborted) {
        logEnd(usual, 'stopped');
        throw sentAbort();
      }
      if (error instanceof Problem) {
        logEnd('info', `failed: ${error.message}`);
        throw sentProblem(error);
      }
      logEnd('error', `failed unexpectedly: ${stackOf(error)}`);
      throw sentDefect();
    } finally {
      job.end();
    }
  }

  function workplaceOf(job: Job): Workplace {
    return {
      get environment() {
        return (environment ??= environmentFor(settings, secretStorage(connection), outside));
      },
      get remotes() {
        return (remotes ??= openRemotes(connection, outside));
      },
      outside,
      mounts,
      job,
    };
  }

  function logStart(what: string): (level: LogEntry['level'], how: string) => void {
    const startedAt = performance.now();
    return (level, how) => {
      const time = Math.round(performance.now() - startedAt);
      void connection.sendNotification(wire.logEntry, { level, message: `${what} (${time} ms): ${how}` });
    };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await Promise.allSettled(runs);
    await remotes?.[Symbol.asyncDispose]();
    if (environment !== undefined) await closeEnvironment(environment);
  }

  return {
    stop,
    async crash(error) {
      crash ??= { error };
      const message = `The backend process ends: ${stackOf(error)}`;
      void connection.sendNotification(wire.logEntry, { level: 'error', message });
      await stop();
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error);
}
