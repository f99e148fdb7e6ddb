import { parseJson } from '../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import { committedForm } from './committed-document';
import { isAtOrBelow } from './paths';
import { type PartRecord, sha256In } from './read-part';
import { isObjectId, type State } from './state';
import { isInlineJson, type TrackedFiles } from './tracked-files';

/** What the next commit would make of the files that lie there. */
export interface WorkingState {
  /** As {@link State.entries}; what hasn't changed is the very value of the committed state. */
  readonly entries: JsonObject;
  /** Bytes of the files that are objects of the state, by path. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * The state as the next `pvr commit` would write it. A committed file that nobody has compared yet, or that can't be looked at,
 * is taken for unchanged; a JSON file that can't be read stands for itself as a text, like no other value.
 *
 * @param parts all that lies at the checkout's top and could be looked at.
 * @param unseen names at its top of what could not.
 */
export function workingStateOf(
  parts: readonly PartRecord[],
  unseen: ReadonlySet<string>,
  tracked: TrackedFiles,
): WorkingState {
  const committed: JsonObject = tracked.state?.entries ?? new Map();
  const isUnseen = (file: string) =>
    [...unseen, ...parts.flatMap((part) => part.unseen)].some((path) => isAtOrBelow(file, path));
  const entries = new Map<string, JsonValue>();
  const sizes = new Map<string, number>();
  for (const [file, value] of committed) if (isUnseen(file)) entries.set(file, value);
  for (const part of parts) {
    for (const { path: file, size, tracking } of part.files) {
      const value =
        tracking === 'changed' || tracking === 'added' ? valueOf(file, part, tracked) : committed.get(file);
      if (value === undefined) continue;
      entries.set(file, value);
      if (isObjectId(value)) sizes.set(file, size);
    }
  }
  return { entries, sizes };
}

function valueOf(file: string, part: PartRecord, tracked: TrackedFiles): JsonValue | undefined {
  if (!isInlineJson(file, tracked)) return sha256In(part, file) ?? addedAs(file, tracked);
  const text = part.contents.get(file)?.toString('utf8') ?? '';
  try {
    return committedForm(parseJson(text, file));
  } catch (problem) {
    if (problem instanceof Problem) return text;
    throw problem;
  }
}

/** The sha256 that a large file had when it was added. */
function addedAs(file: string, { newFiles }: TrackedFiles): string | undefined {
  const entry = newFiles.get(file);
  const sha256 = entry !== undefined && isJsonObject(entry) ? entry.get('Sha') : undefined;
  return typeof sha256 === 'string' && isObjectId(sha256) ? sha256 : undefined;
}

/** What a device that has the last commit gets with the next one. */
export interface Waiting {
  /** Files that are others than there, new or gone, in the order of their paths. */
  readonly files: readonly string[];
  /** Of those that are objects of the state: their sha256 and bytes, by path. */
  readonly objects: ReadonlyMap<string, { readonly sha256: string; readonly size: number }>;
}

/** All that waits for a commit. */
export function waitingFor({ entries, sizes }: WorkingState, state: State | undefined): Waiting {
  const committed: JsonObject = state?.entries ?? new Map();
  const isOther = (file: string) => entries.get(file) !== committed.get(file);
  const files = [...new Set([...committed.keys(), ...entries.keys()])].filter(isOther).sort();
  const objects = files.flatMap((file) => {
    const value = entries.get(file);
    const size = sizes.get(file);
    return value !== undefined && isObjectId(value) && size !== undefined
      ? [[file, { sha256: value, size }] as const]
      : [];
  });
  return { files, objects: new Map(objects) };
}

/**
 * Bytes that a device with the last commit must fetch: whole files by their sha256, those that it has at any path not again.
 * JSON files come with the state, whose part they are.
 */
export function downloadOf({ objects }: Waiting, state: State | undefined): number {
  const present = new Set([...(state?.entries.values() ?? [])].filter(isObjectId));
  const sizes = new Map(
    [...objects.values()]
      .filter(({ sha256 }) => !present.has(sha256))
      .map(({ sha256, size }) => [sha256, size]),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
