import { sameDocument } from '../../checkout/committed-document';
import { specKey } from '../../checkout/state';
import { compareKeys } from '../../json/key-order';
import type { JsonObject, JsonValue } from '../../json/value';
import { partNameOf } from '../../revision/fragments';

/** What of a part is otherwise in another state. Plain data. */
export interface PartChange {
  /** An app, its `_config`, its signature, or what else lies at the top. */
  readonly part: string;
  /** The keys, in their order. */
  readonly files: readonly string[];
  /** `added`: the other state alone has it; `removed`: this one alone. */
  readonly kind: 'added' | 'removed' | 'changed';
}

/** The parts that differ, by name. */
export function changedParts(before: JsonObject, after: JsonObject): readonly PartChange[] {
  const byPart = new Map<string, string[]>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (isSame(before.get(key), after.get(key))) continue;
    const part = partNameOf(key);
    byPart.set(part, [...(byPart.get(part) ?? []), key]);
  }
  const hasPart = (state: JsonObject, part: string) =>
    [...state.keys()].some((key) => partNameOf(key) === part);
  return [...byPart]
    .map(([part, files]): PartChange => {
      const kind = !hasPart(before, part) ? 'added' : !hasPart(after, part) ? 'removed' : 'changed';
      return { part, files: files.sort(compareKeys), kind };
    })
    .sort((a, b) => compareKeys(a.part, b.part));
}

function isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return one === undefined || other === undefined ? one === other : sameDocument(one, other);
}

export interface Merged {
  readonly members: JsonObject;
  /** Parts that came from the other side. */
  readonly taken: readonly string[];
  /** Parts that both sides changed, each in its way, with the files that differ between the two. */
  readonly conflicts: readonly PartChange[];
}

/**
 * What two states make that go back to the same one: part by part, whichever side changed it. A part that both changed is a conflict,
 * and stays as `prefer` says.
 */
export function threeWay(
  base: JsonObject,
  own: JsonObject,
  theirs: JsonObject,
  prefer: 'ours' | 'theirs' = 'ours',
): Merged {
  const ours = new Set(changedParts(base, own).map(({ part }) => part));
  const others = new Set(changedParts(base, theirs).map(({ part }) => part));
  const differing = changedParts(own, theirs);
  const conflicts = differing.filter(({ part }) => ours.has(part) && others.has(part));
  const isConflict = new Set(conflicts.map(({ part }) => part));
  const taken = differing
    .map(({ part }) => part)
    .filter((part) => others.has(part) && (!isConflict.has(part) || prefer === 'theirs'));
  const isTaken = new Set(taken);
  const members = new Map([
    ...[...own].filter(([key]) => !isTaken.has(partNameOf(key))),
    ...[...theirs].filter(([key]) => isTaken.has(partNameOf(key))),
  ]);
  const spec = own.get(specKey) ?? theirs.get(specKey);
  if (spec !== undefined && !members.has(specKey)) members.set(specKey, spec);
  return { members, taken, conflicts };
}
