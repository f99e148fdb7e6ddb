import type { MessageConnection } from 'vscode-jsonrpc';
import type { Job } from '../core/job';
import type { ProgressEvent } from './protocol';
import { Throttle } from './throttle';
import { jobEvents } from './wire';

/** Ten times a second: enough for the eye, and nothing against what a build does in that time. */
const progressInterval = 100;

/** A job whose watcher is at the other end of the connection. */
export interface RemoteJob extends Job {
  /** Tells what is done: `adding web`. */
  begin(doing: string): void;
  /** No progress is sent after this. */
  end(): void;
}

export function remoteJob(connection: MessageConnection, token: number, signal: AbortSignal): RemoteJob {
  const progress = new Throttle<ProgressEvent>(progressInterval, (event) => {
    void connection.sendProgress(jobEvents, token, { kind: 'progress', ...event });
  });
  return {
    begin: (doing) => void connection.sendProgress(jobEvents, token, { kind: 'begun', doing }),
    signal,
    progress: (phase, done, total) => progress.push({ phase, done, total }),
    warn: (message, about = 'job') =>
      void connection.sendProgress(jobEvents, token, { kind: 'warning', message, about }),
    end: () => progress.stop(),
  };
}
