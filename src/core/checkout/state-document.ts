import { stringifyCompact } from '../json/indented';
import type { JsonObject } from '../json/value';
import { Problem } from '../problem';

/** What a document in a state says; undefined where it isn't there with its content, or is broken. */
export function documentAt<Document>(
  members: JsonObject,
  file: string,
  read: (text: string, file: string) => Document,
): Document | undefined {
  const value = members.get(file);
  if (value === undefined || typeof value === 'string') return undefined;
  try {
    return read(stringifyCompact(value), file);
  } catch (problem) {
    if (problem instanceof Problem) return undefined;
    throw problem;
  }
}
