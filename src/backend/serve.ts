import { performance } from 'node:perf_hooks';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { withMendingCommand } from '../core/checkout/mend-squashfs';
import { Mounts } from '../core/mount/mounts';
import type { ProcessEnvironment } from '../core/net/process-environment';
import { Problem } from '../core/problem';
import { type BuildEnvironment, closeEnvironment } from '../core/use-cases/environment';
import { DockerWatch } from './docker-watch';
import { codecs, environmentFor, outsideWith, secretStorage } from './environment';
import type { BackendSettings, LogEntry, ParamsOf, RequestName, ResultOf } from './protocol';
import { remoteJob } from './remote-job';
import type { Request } from './requests/request';
import { requests } from './requests/requests';
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
  const running = new Set<Promise<unknown>>();
  let crash: { readonly error: unknown } | undefined;
  let settings: BackendSettings = {};
  let outside: ProcessEnvironment = outsideWith(settings);
  let environment: BuildEnvironment | undefined;
  const mounts = new Mounts(codecs);
  const docker = new DockerWatch(() => void connection.sendNotification(wire.dockerChanged));

  connection.onNotification(wire.start, (given) => {
    settings = given;
    outside = outsideWith(given);
  });
  connection.onNotification(wire.watchDocker, ({ isWanted }) => {
    if (isWanted) docker.start(outside);
    else docker.stop();
  });
  connection.onRequest(wire.pulse, () => null);
  for (const name of Object.keys(requests) as readonly RequestName[]) {
    connection.onRequest(name, (envelope: wire.Envelope<typeof name>, cancellation: CancellationToken) => {
      const answering = answer(name, envelope, cancellation);
      running.add(answering);
      const finish = () => running.delete(answering);
      answering.then(finish, finish);
      return answering;
    });
  }

  async function answer<Name extends RequestName>(
    name: Name,
    { token, params }: wire.Envelope<Name>,
    cancellation: CancellationToken,
  ): Promise<ResultOf<Name>> {
    const signal = AbortSignal.any([signalOf(cancellation), stopping.signal]);
    const job = remoteJob(connection, token, signal);
    // Its own parameters, which a lookup by name can't tell the compiler.
    const request = requests[name] as unknown as Request<ParamsOf<Name>, ResultOf<Name>>;
    const doing = request.doing(params);
    job.begin(doing);
    const logEnd = logStart(doing);
    try {
      signal.throwIfAborted();
      environment ??= environmentFor(settings, secretStorage(connection), outside);
      const result = await request.answer(params, { environment, outside, mounts, job });
      logEnd(request.isFrequent ? 'debug' : 'info', 'done');
      return result;
    } catch (thrown) {
      if (crash !== undefined) {
        logEnd('info', 'ended with the process');
        throw sentCrash(crash.error);
      }
      const error = await withMendingCommand(thrown);
      if (signal.aborted) {
        logEnd('info', 'stopped');
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

  function logStart(what: string): (level: LogEntry['level'], how: string) => void {
    const startedAt = performance.now();
    return (level, how) => {
      const time = Math.round(performance.now() - startedAt);
      void connection.sendNotification(wire.logEntry, { level, message: `${what} (${time} ms): ${how}` });
    };
  }

  async function stop(): Promise<void> {
    docker.stop();
    stopping.abort();
    await Promise.allSettled(running);
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
