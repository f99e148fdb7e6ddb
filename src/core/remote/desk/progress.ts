import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonObject } from '../../json/value';
import { numberOf, textOf } from '../fields';
import type { LogEntry, RevisionProgress } from '../remote';

/** A step's progress, as a device tells it (local-device, 3.6). */
export function progressOf(progress: JsonObject): RevisionProgress {
  return {
    status: textOf(progress, 'status'),
    message: textOf(progress, 'status-msg'),
    percent: numberOf(progress, 'progress'),
    download: undefined,
    reported: undefined,
  };
}

/** The errors of the try that failed: a string of JSON documents, one a line. */
export function logsOf(progress: JsonObject, revision: string): readonly LogEntry[] {
  const lines = textOf(progress, 'logs').split('\n');
  return lines.flatMap((line, at) => {
    const id = `progress:${at}`;
    const entry = line.trim() === '' ? undefined : jsonLine(line, { id, revision });
    return entry === undefined ? [] : [entry];
  });
}

/** `{"tsec","tnano","platform","lvl","src","msg"}`; its clock begins with the device's start. */
export function jsonLine(
  line: string,
  { id, revision }: Pick<LogEntry, 'id' | 'revision'>,
): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const document = parseJson(line, 'a line of a log');
    if (!isJsonObject(document)) return undefined;
    return {
      ...{ id, revision, time: '' },
      platform: textOf(document, 'platform'),
      source: textOf(document, 'src'),
      level: textOf(document, 'lvl'),
      message: textOf(document, 'msg').replace(/\n+$/, ''),
    };
  } catch {
    return undefined;
  }
}
