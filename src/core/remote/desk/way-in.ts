import type { Duplex } from 'node:stream';
import type { Job } from '../../job';

/** How the control socket of a device (pv-ctrl) is reached, and the files beside it. */
export interface WayIn extends AsyncDisposable {
  /** How it is found again: a URL. */
  readonly address: string;
  /** For people. */
  readonly name: string;
  /** What a folder for it may be called. */
  readonly nick: string;
  /**
   * Has everything ready for connections, however long somebody needs to answer what has to be asked.
   *
   * @throws Problem when there is no way; an Absence where there may be one later.
   */
  prepare(job: Job): Promise<void>;
  /** A connection to the socket. @throws as {@link prepare}. */
  connect(signal: AbortSignal): Promise<Duplex>;
  /** The last lines of each log file of a revision, by path below it; undefined: they can't be read this way. */
  logFiles(revision: string, lines: number, job: Job): Promise<readonly LogFile[] | undefined>;
  /** The bytes of an object, from the device's disk; undefined: they can't be read this way. */
  object(id: string, job: Job): Promise<AsyncIterable<Buffer> | undefined>;
}

export interface LogFile {
  /** `pantavisor/pantavisor.log`, `web/lxc/console.log` */
  readonly path: string;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

/** What may stand in the path of a revision's logs. */
export function isRevisionName(name: string): boolean {
  return /^(?:\d{1,18}|locals\/[A-Za-z0-9_+%.-]{1,64}|current)$/.test(name) && !/(?:^|\/)\.{1,2}$/.test(name);
}
