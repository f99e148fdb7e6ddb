import { isSha256 } from '../bytes/sha256-name';
import type { TextFiles } from '../files/text-file';
import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import { requireCheckout } from './find';

export const stateFile = '.pvr/json';
/** The member of the state that is no file. */
export const specKey = '#spec';
/** The kind of state that pvr writes where nobody says another. */
export const defaultSpec = 'pantavisor-service-system@1';

/**
 * The pristine state of a checkout, `.pvr/json`: what was committed or fetched last. An object of the state (any file) is
 * there by its sha256; most JSON files are there with their whole content, see {@link isObjectId}.
 */
export interface State {
  /** `#spec`: the kind of state, and so what it may hold. */
  readonly spec: string | undefined;
  /** By path below the checkout, without `#spec`. */
  readonly entries: JsonObject;
}

/** All members of a state, with `#spec` where it has one. */
export function membersOf({ spec, entries }: State): JsonObject {
  return spec === undefined ? entries : new Map([[specKey, spec], ...entries]);
}

/** Why a file can't be called like {@link specKey}, and what to do about it. */
export const specIsNoFile = {
  found: 'a file of this name would take the place of what says which kind of state it is',
  remedy: 'Give it another name',
} as const;

/** @throws Problem when the file is missing or broken, or when this is no checkout at all. */
export async function readState(checkout: TextFiles): Promise<State> {
  await requireCheckout(checkout.directory);
  const text = await checkout.text(stateFile);
  if (text !== undefined) return parseState(text);
  throw new Problem({
    doing: `reading ${stateFile}`,
    found: 'it is gone: another program has just removed it, or was killed while it wrote it',
    remedy: 'Try again; a command that changes the checkout first ends what was interrupted',
  });
}

/** @throws Problem when the text isn't a JSON object. */
export function parseState(text: string): State {
  // It can't be restored from the last commit: it is that.
  const remedy = 'Get the state again with pvr get, or clone the device into a new folder';
  const document = parseJson(text, stateFile, remedy);
  if (!isJsonObject(document)) {
    throw new Problem({
      doing: `reading ${stateFile}`,
      found: `it holds ${describeKind(document)} instead of an object`,
      remedy,
    });
  }
  const spec = document.get(specKey);
  return {
    spec: typeof spec === 'string' ? spec : undefined,
    entries: new Map([...document].filter(([key]) => key !== specKey)),
  };
}

/** The sha256 of an object; a JSON file that was added with `--raw` has one too (pvr libpvr/util.go:264-270). */
export function isObjectId(value: JsonValue): value is string {
  return isSha256(value);
}
