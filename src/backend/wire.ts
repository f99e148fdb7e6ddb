import {
  type CancellationToken,
  NotificationType,
  ProgressType,
  RequestType,
  RequestType0,
} from 'vscode-jsonrpc';
import type { WarningSubject } from '../core/job';
import type { SshQuestion } from '../core/remote/desk/ssh-questions';
import type {
  BackendSettings,
  HubLogins,
  KeptLogin,
  LogEntry,
  ProgressEvent,
  RegistryCredentials,
  RegistryQuestion,
  StreamName,
} from './protocol';

/** How a request of the protocol lies on the wire: its JSON-RPC method has its name. */
export interface Envelope<Params> {
  /** What its progress, warnings and news are sent under. */
  readonly token: number;
  readonly params: Params;
}

/** A stream is a request that is answered when it ends. */
export function methodOf(stream: StreamName): string {
  return `listen to ${stream}`;
}

/** What a running request tells of itself. */
export type JobEvent =
  /** Before all else: what it does, `adding web`. */
  | { readonly kind: 'begun'; readonly doing: string }
  | ({ readonly kind: 'progress' } & ProgressEvent)
  | { readonly kind: 'warning'; readonly message: string; readonly about: WarningSubject }
  /** Of a stream. */
  | { readonly kind: 'news'; readonly news: unknown };

export const jobEvents = new ProgressType<JobEvent>();

/** To the backend, before all else. */
export const start = new NotificationType<BackendSettings>('start');

/** To the backend: answered at once, unless it hangs. */
export const pulse = new RequestType0<null, void>('pulse');

/** To the extension host; null when it knows none. */
export const credentials = new RequestType<RegistryQuestion, RegistryCredentials | null, void>('credentials');

/** To the extension host, which keeps logins to hubs. */
export const readHubLogin = new RequestType<string, KeptLogin, void>('read hub login');
export const writeHubLogin = new RequestType<
  { readonly hub: string; readonly token?: string | undefined },
  null,
  void
>('write hub login');
/** To the extension host; null says no. */
export const askSsh = new RequestType<SshQuestion, string | null, void>('ssh question');
export const keptHubs = new RequestType0<ReturnType<HubLogins['hubs']>, void>('kept hubs');

/** To the extension host. */
export const logEntry = new NotificationType<LogEntry>('log');

/** JSON-RPC's token as the signal that everything else understands. */
export function signalOf(cancellation: CancellationToken): AbortSignal {
  const controller = new AbortController();
  // One that is cancelled from the start, because the cancellation overtook the request, never tells its listeners.
  if (cancellation.isCancellationRequested) controller.abort();
  else cancellation.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
