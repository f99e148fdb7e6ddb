import { sha256Of } from '../bytes/sha256';
import { parseJson } from '../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import type { Tracking } from './app';
import { newFilesPath } from './change/target-path';
import { findEntryContradictions } from './checks/entries';
import { sameDocument } from './committed-document';
import type { Contradiction } from './contradictions/contradictions';
import { requireCheckout } from './find';
import type { HashIndex } from './hashes/hash-index';
import { readNewFiles } from './new-files';
import type { OpenedCheckout } from './opened-checkout';
import { topFolder } from './paths';
import { isObjectId, type State, stateFile } from './state';
import { inOrder, readOr, type Unreadable } from './unreadable';

/** What pvr knows about the checkout's files. */
export interface TrackedFiles {
  /** There is a `.pvr` to be read; without one, nothing else in it is worth a word. */
  readonly isOpen: boolean;
  /** Undefined when it is broken; nothing counts as committed then. */
  readonly state: State | undefined;
  readonly newFiles: JsonObject;
  /** Paths of the state by their first part. */
  readonly pathsByPart: ReadonlyMap<string, readonly string[]>;
  /** What is known of the content of large files. */
  readonly hashes: HashIndex;
  /** What could not be read. */
  readonly contradictions: readonly Contradiction[];
}

/** Whatever is wrong with pvr's own files becomes a contradiction, so that the apps can be shown all the same. */
export async function readTrackedFiles(checkout: OpenedCheckout): Promise<TrackedFiles> {
  const contradictions: Unreadable[] = [];
  await readOr(undefined, stateFile, contradictions, () => requireCheckout(checkout.directory));
  if (contradictions.length > 0) {
    return {
      isOpen: false,
      state: undefined,
      newFiles: new Map(),
      pathsByPart: new Map(),
      hashes: await checkout.hashes(),
      contradictions,
    };
  }
  const [state, newFiles, hashes] = await Promise.all([
    readOr(undefined, stateFile, contradictions, () => checkout.state()),
    readOr<JsonObject>(new Map(), newFilesPath, contradictions, () => readNewFiles(checkout)),
    checkout.hashes(),
  ]);
  const pathsByPart = new Map<string, string[]>();
  for (const file of state?.entries.keys() ?? []) {
    const part = topFolder(file);
    const paths = pathsByPart.get(part);
    if (paths === undefined) pathsByPart.set(part, [file]);
    else paths.push(file);
  }
  return {
    isOpen: true,
    state,
    newFiles,
    pathsByPart,
    hashes,
    contradictions: [...inOrder(contradictions), ...findEntryContradictions(state?.entries, newFiles)],
  };
}

/** Whether a file or folder at the checkout's top, or anything in it, is committed or added. */
export function isTrackedPart(name: string, { pathsByPart, newFiles }: TrackedFiles): boolean {
  return pathsByPart.has(name) || [...newFiles.keys()].some((file) => topFolder(file) === name);
}

/** What pvr has written down of a checkout's files. */
export type Records = Pick<TrackedFiles, 'state' | 'newFiles'>;

/**
 * Whether a file is part of the state with its content, as JSON; all others are there by their sha256, also JSON files that
 * were added with `--raw` (pvr libpvr/repolib.go:300-306, 438-459).
 */
export function isInlineJson(file: string, { state, newFiles }: Records): boolean {
  if (!file.endsWith('.json') || isAddedRaw(file, newFiles)) return false;
  const pristine = state?.entries.get(file);
  return pristine === undefined || !isObjectId(pristine);
}

/** Whether a file was added with `--raw` since the last commit. */
export function isAddedRaw(file: string, newFiles: JsonObject): boolean {
  const added = newFiles.get(file);
  return isJsonObject(added) && added.get('ForceObject') === true;
}

/** What is known of a file's content: all of it, or its sha256. */
export type KnownContent = Buffer | string;

/**
 * What the next commit makes of a file.
 *
 * @param content undefined where nobody has read it yet.
 */
export function trackingOf(
  file: string,
  content: KnownContent | undefined,
  { state, newFiles }: Records,
): Tracking {
  const pristine = state?.entries.get(file);
  if (pristine === undefined) return newFiles.has(file) ? 'added' : 'untracked';
  if (content === undefined) return 'not-compared';
  if (isAddedRaw(file, newFiles)) return sha256OfContent(content) === pristine ? 'unchanged' : 'changed';
  return isUnchanged(file, content, pristine) ? 'unchanged' : 'changed';
}

export function sha256OfContent(content: KnownContent): string {
  return typeof content === 'string' ? content : sha256Of(content);
}

/** As pvr compares; but nulls, which it drops at commit and reports as a change ever after, don't count. */
function isUnchanged(file: string, content: KnownContent, pristine: JsonValue): boolean {
  if (isObjectId(pristine)) return sha256OfContent(content) === pristine;
  // What the state holds as JSON has been read whole, see {@link isInlineJson}.
  if (typeof content === 'string') return false;
  try {
    return sameDocument(parseJson(content.toString('utf8'), file), pristine);
  } catch {
    return false;
  }
}
