import { describeKind, isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { newFilesPath } from '../change/target-path';
import type { Contradiction } from '../contradictions/contradictions';
import { isObjectId, stateFile } from '../state';

/** What pvr's own files say of a file and can't be meant: pvr fails on it, or a device does. */
export function findEntryContradictions(
  state: JsonObject | undefined,
  newFiles: JsonObject,
): readonly Contradiction[] {
  return [
    ...[...(state ?? [])]
      .filter(([file, value]) => !file.endsWith('.json') && !isObjectId(value))
      .map((entry) => wrongEntry(stateFile, entry, 'the sha256 of a file')),
    ...[...newFiles]
      .filter(([, value]) => !isJsonObject(value))
      .map((entry) => wrongEntry(newFilesPath, entry, 'what pvr add writes')),
  ];
}

function wrongEntry(
  file: string,
  [field, value]: readonly [string, JsonValue],
  expected: string,
): Contradiction {
  const found = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : describeKind(value);
  return { kind: 'wrong-field', file, field, expected, found };
}
