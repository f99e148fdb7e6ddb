import type { LogEntry } from '../../core/remote/remote';
import { followLogs } from '../../core/use-cases/follow-logs';
import { openMeant, type SocketOptions, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import type { CommonOptions } from '../session';

export interface LogsOptions extends CommonOptions, SocketOptions {
  readonly follow?: true;
  readonly revision?: string;
  readonly platform?: string;
  readonly level?: readonly string[];
  readonly lines: number;
}

/** Prints what a device has told, and with `--follow` what it goes on to tell. */
export async function logs(reference: string | undefined, options: LogsOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const { terminal, job } = session;
    const { remote, revision } = await openMeant(session, reference, options);
    const { platform, level, lines } = options;
    const query = { revision: options.revision ?? revision, platform, levels: level, limit: lines };
    const entries = await remote.logs(query, job);
    if (!options.follow) {
      terminal.lines(entries.map(logLine), entries);
      return;
    }
    const tell = (entry: LogEntry) =>
      terminal.document(options.json ? JSON.stringify(entry) : logLine(entry));
    for (const entry of entries) tell(entry);
    await followLogs(remote, query, entries, tell, job);
  });
}

export function logLine({ time, revision, platform, level, message }: LogEntry): string {
  // A device's own clock begins with its start.
  const when = time === '' ? '' : `${time.slice(0, 19)}Z `;
  return shownFile(
    `${when}${level.padEnd(5)} [${revision}] ${platform}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`,
  );
}
