import type { LogEntry } from '../remote';
import { jsonLine } from './progress';
import type { LogFile } from './way-in';

/** Those that pv.log repeats are read where they were written. */
const singleFile = 'pv.log';

/**
 * What the log files of a revision hold (local-device, 3.7), Pantavisor's own first: each file's last lines, so that one that says much
 * hides none of the others.
 *
 * @param seen the last number of each file that was told, which moves on.
 * @param isNew only what comes behind it.
 */
export function entriesOf(
  files: readonly LogFile[],
  revision: string,
  seen: Map<string, number>,
  isNew: boolean,
): readonly LogEntry[] {
  const wanted = files.length > 1 ? files.filter(({ path }) => path !== singleFile) : files;
  const sorted = [...wanted].sort((a, b) => orderOf(a.path) - orderOf(b.path) || (a.path < b.path ? -1 : 1));
  return sorted.flatMap(({ path, lines }) => {
    const key = `${revision}:${path}`;
    const last = lines.at(-1)?.number ?? 0;
    const known = seen.get(key) ?? 0;
    // A file that has become shorter was begun anew.
    const from = isNew && known <= last ? known : 0;
    seen.set(key, last);
    return lines
      .filter(({ number, text }) => number > from && text.trim() !== '')
      .map(({ number, text }) => entryOf(path, text, { id: `${key}:${number}`, revision }));
  });
}

function orderOf(path: string): number {
  return path.startsWith('pantavisor/') ? 0 : 1;
}

function entryOf(path: string, line: string, known: Pick<LogEntry, 'id' | 'revision'>): LogEntry {
  const [platform = '', ...rest] = path.split('/');
  const source = rest.join('/');
  const entry = jsonLine(line, known);
  if (entry !== undefined) return entry;
  // `[pantavisor] 1105 INFO -- [log]: (fn:line) text`
  const [, name, level, part, message] =
    /^\[([^\]]+)\]\s+\d+\s+([A-Z]+)\s+-- \[([^\]]*)\]: (.*)$/.exec(line) ?? [];
  if (name !== undefined && level !== undefined)
    return { ...known, time: '', platform: name, source: part ?? source, level, message: message ?? '' };
  return { ...known, time: '', platform, source, level: levelIn(line), message: line };
}

/** Of what containers print, and of LXC's own log (`lxc web 2026… ERROR start - …`). */
function levelIn(line: string): string {
  return /\b(FATAL|ERROR|WARN|NOTICE|DEBUG|TRACE)\b/.exec(line.slice(0, 120))?.[1] ?? 'INFO';
}
