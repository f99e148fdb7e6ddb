import { isAtOrBelow, topFolder } from '../checkout/paths';
import { specKey } from '../checkout/state';
import { compareKeys } from '../json/key-order';
import type { JsonObject } from '../json/value';
import { Problem } from '../problem';

/** Which parts of a state are meant: `web,-web/extra`. */
export interface Fragments {
  /** None: all. */
  readonly plus: readonly string[];
  readonly minus: readonly string[];
}

export const wholeState: Fragments = { plus: [], minus: [] };

/**
 * Parts of a state as pvr takes them behind a `#`, percent-encoded or not: files and folders, with a `-` those to be left out.
 *
 * @throws Problem for an empty one, which pvr takes for everything, and broken encodings.
 */
export function parseFragments(text: string): Fragments {
  const parts = decoded(text).split(',');
  if (parts.some((part) => /^-?\/*$/.test(part))) throw refusal(text, 'it names a part without a name');
  const named = (part: string) => part.replace(/\/+$/, '');
  return {
    plus: parts.filter((part) => !part.startsWith('-')).map(named),
    minus: parts.filter((part) => part.startsWith('-')).map((part) => named(part.slice(1))),
  };
}

/**
 * The members that are meant, by whole names (pvr takes `webx/…` for `web`, too); `#spec` where nothing is named.
 *
 * @throws Problem when there is nothing of a name that is given.
 */
export function selectMembers(members: JsonObject, { plus, minus }: Fragments, source: string): JsonObject {
  const keys = [...members.keys()];
  for (const part of [...plus, ...minus]) {
    if (keys.some((key) => isAtOrBelow(key, part))) continue;
    throw new Problem({
      doing: `looking for ${part} in ${source}`,
      found: 'it has no such part',
      remedy: `Choose from ${[...new Set(keys.filter((key) => key !== specKey).map(partNameOf))].sort(compareKeys).join(', ')}`,
    });
  }
  const isMeant = (key: string) =>
    (plus.length === 0 || plus.some((part) => isAtOrBelow(key, part))) &&
    !minus.some((part) => isAtOrBelow(key, part));
  return new Map([...members].filter(([key]) => isMeant(key)));
}

/**
 * A state with parts of another one in the place of its own: of a part that comes, nothing stays that the other one doesn't have, as a
 * file that a newer version of an app dropped. pvr keeps those.
 */
export function withParts(own: JsonObject, selected: JsonObject, { plus, minus }: Fragments): JsonObject {
  const coming = plus.length > 0 ? plus : [...new Set([...selected.keys()].map(partNameOf))];
  const isReplaced = (key: string) =>
    coming.some((part) => isAtOrBelow(key, part)) && !minus.some((part) => isAtOrBelow(key, part));
  return new Map([...[...own].filter(([key]) => !isReplaced(key)), ...selected]);
}

/** What belongs to an app that was named, and wasn't named itself: its files below `_config`, and its signature. */
export function leftBehind(members: JsonObject, { plus }: Fragments): readonly string[] {
  const keys = [...members.keys()];
  const isNamed = (part: string) => plus.some((named) => isAtOrBelow(part, named));
  return plus
    .flatMap((app) => [`_config/${app}`, `_sigs/${app}.json`])
    .filter((part) => !isNamed(part) && keys.some((key) => isAtOrBelow(key, part)));
}

/** What is replaced as a whole: an app, its `_config`, a signature, or what else lies at the top. */
export function partNameOf(key: string): string {
  const [top, second] = key.split('/');
  return (top === '_config' || top === '_sigs') && second !== undefined ? `${top}/${second}` : topFolder(key);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw refusal(text, 'its percent-encoding is broken', cause);
  }
}

function refusal(text: string, found: string, cause?: unknown): Problem {
  return new Problem({
    doing: `reading the parts ${JSON.stringify(text)}`,
    found,
    remedy: 'Write them as in web,db,-db/extra, with %25 for a percent sign',
    cause,
  });
}
