import type { Job } from '../job';
import { pause } from '../net/retry';
import type { LogEntry, LogQuery, Remote } from '../remote/remote';

const usualPace = 2_500;
/** So many at once are as good as all: the page is full, and a shorter pause follows. */
const page = 500;

/**
 * Tells each entry that comes after those that are known, once, until the job is stopped.
 *
 * @throws the job's reason; Problem.
 */
export async function followLogs(
  remote: Remote,
  query: Omit<LogQuery, 'after' | 'limit'>,
  known: readonly LogEntry[],
  onEntry: (entry: LogEntry) => void,
  job: Job,
  pace = usualPace,
): Promise<never> {
  // What has the time of the newest comes again.
  const told = new Set(known.map(({ id }) => id));
  let newest = known.at(-1)?.time ?? new Date().toISOString();
  for (;;) {
    await pause(pace, job.signal);
    const entries = await remote.logs({ ...query, after: newest, limit: page }, job);
    for (const entry of entries) {
      if (told.has(entry.id)) continue;
      told.add(entry.id);
      newest = entry.time;
      onEntry(entry);
    }
  }
}
