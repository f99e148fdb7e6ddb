import type { WarningSubject } from '../core/job';
import type {
  AskSshQuestion,
  BackendSettings,
  HubLogins,
  LogEntry,
  ProgressEvent,
  RegistryCredentials,
  RegistryQuestion,
} from './protocol';

export interface BackendClientOptions {
  /** Absolute path of `backend.js`, which has the codecs beside it. */
  readonly entry: string;
  readonly settings: BackendSettings;
  /** Asked when a registry wants to know who is there; undefined leaves it to docker's own credentials. */
  readonly credentials: (registry: RegistryQuestion) => PromiseLike<RegistryCredentials | undefined>;
  /** Undefined: nothing is kept but what pvr keeps. */
  readonly hubLogins?: HubLogins | undefined;
  /** Undefined: what ssh would have to ask fails. */
  readonly askSsh?: AskSshQuestion | undefined;
  readonly log: (entry: LogEntry) => void;
  /** Milliseconds after which a process that nobody needs ends; three minutes when not given. */
  readonly idleTime?: number;
}

/** The same, with what was left out. */
export type GivenOptions = BackendClientOptions & Required<Pick<BackendClientOptions, 'idleTime'>>;

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at most ten times a second. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  readonly onWarning?: ((message: string, about: WarningSubject) => void) | undefined;
}
