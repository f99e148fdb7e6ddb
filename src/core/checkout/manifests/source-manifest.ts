import { stringifyIndented } from '../../json/indented';
import { withSortedKeys } from '../../json/key-order';
import { parseJson } from '../../json/parse';
import {
  describeKind,
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  withoutNulls,
} from '../../json/value';
import { Problem } from '../../problem';
import {
  isSourceField,
  type SourceField,
  sourceFieldOrder,
  type SourceFields,
  sourceFieldShapes,
} from './source-fields';

/** The `#spec` of an app's src.json; `bsp/src.json` has another. */
export const serviceManifestSpec = 'service-manifest-src@1';

/** An app's src.json: where its root file system comes from, and how its container is set up. */
export interface SourceManifest {
  /** Everything in the file, known or not, in the order of the file. */
  readonly document: JsonObject;
  /** The known fields that hold what pvr expects there; a `null` counts as absent. */
  readonly fields: SourceFields;
  /** The known fields that hold something else. */
  readonly faults: readonly FieldFault[];
}

export interface FieldFault {
  readonly key: SourceField;
  /** `a string`, `a list of strings`, … */
  readonly expected: string;
  readonly found: string;
}

/**
 * Reads a src.json, whatever the order of its keys and its indentation: they differ between one that `pvr app
 * add` wrote and one that `pvr clone` did.
 *
 * @param name the file, for messages: `web/src.json`.
 * @throws Problem when the text isn't a JSON object. A field of the wrong kind is no reason to throw: see
 * {@link SourceManifest.faults} and {@link requireSound}.
 */
export function readSourceManifest(text: string, name: string): SourceManifest {
  const document = parseJson(text, name);
  if (!isJsonObject(document)) {
    throw new Problem({
      doing: `reading ${name}`,
      found: `it holds ${describeKind(document)} instead of an object`,
      remedy: 'Restore the file from the last commit with pvr checkout',
    });
  }
  return sourceManifestOf(document);
}

/** The manifest of an app that is about to be added. */
export function newSourceManifest(fields: SourceFields): SourceManifest {
  return withFields(sourceManifestOf(new Map()), {
    '#spec': serviceManifestSpec,
    template: 'builtin-lxc-docker',
    ...fields,
  });
}

/** For work that must not go on from a broken manifest. @throws Problem naming every {@link FieldFault}. */
export function requireSound(manifest: SourceManifest, name: string): void {
  if (manifest.faults.length === 0) return;
  const faults = manifest.faults.map(
    ({ key, expected, found }) => `"${key}" is ${found} instead of ${expected}`,
  );
  throw new Problem({
    doing: `reading ${name}`,
    found: faults.join('; '),
    remedy: 'Correct these fields, or restore the file from the last commit with pvr checkout',
  });
}

/** What an app is made from: an image, a root file system, or an app of another checkout; in pvr's words. */
export const sourceKinds = ['docker', 'rootfs', 'pvr'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How pvr decides what an app is made from (pvr libpvr/applib.go:295-320): the last of its questions wins. */
export function sourceKind({ fields }: SourceManifest): SourceKind {
  if (fields.rootfs_url) return 'rootfs';
  return fields.pvr ? 'pvr' : 'docker';
}

/** The app whose base an extension app is an overlay over; for pvr, an empty name is none. */
export function extendedApp({ fields: { base } }: SourceManifest): string | undefined {
  return base === '' ? undefined : base;
}

/** Values to set, by field; `undefined` removes the field. */
export type FieldChanges = { readonly [Key in SourceField]?: SourceFields[Key] | undefined };

/**
 * The manifest with some fields changed and everything else as it was. A field that exists keeps its place; a
 * new one goes right behind the field that precedes it in pvr's order.
 */
export function withFields({ document }: SourceManifest, changes: FieldChanges): SourceManifest {
  let members = [...document];
  for (const key of sourceFieldOrder) {
    if (!Object.hasOwn(changes, key)) continue;
    const value: JsonValue | undefined = changes[key];
    const present = members.findIndex(([other]) => other === key);
    if (value === undefined) members = members.filter(([other]) => other !== key);
    else if (present >= 0) members = members.with(present, [key, withSortedKeys(value)]);
    else members = members.toSpliced(placeOf(key, members), 0, [key, withSortedKeys(value)]);
  }
  return sourceManifestOf(new Map(members));
}

/** The text of src.json as pvr writes it; never with a `null` (see {@link withoutNulls}). */
export function sourceManifestText({ document }: SourceManifest): string {
  return formatSourceManifest(withoutNulls(document));
}

/**
 * pvr's layout of src.json: `json.MarshalIndent(src, " ", " ")` of a struct whose fields but `#spec` are all
 * `omitempty` (pvr libpvr/applib.go:51-86), without a line feed at the end.
 */
export function formatSourceManifest(document: JsonObject): string {
  const members = [...document].filter(
    ([key, value]) => key === '#spec' || !isSourceField(key) || !isEmpty(value),
  );
  return stringifyIndented(new Map(members), { prefix: ' ', indent: ' ' });
}

/** The same of a document that was read already, as the last commit holds it. */
export function sourceManifestOf(document: JsonObject): SourceManifest {
  const fields: Partial<Record<SourceField, JsonValue>> = {};
  const faults: FieldFault[] = [];
  for (const [key, value] of withoutNulls(document)) {
    // An empty string says as little as an absent field does: pvr writes neither.
    if (!isSourceField(key) || value === '') continue;
    const { expected, matches } = sourceFieldShapes[key];
    if (matches(value)) fields[key] = value;
    else faults.push({ key, expected, found: describeKind(value) });
  }
  // Each value has passed the test of its own field's shape, which TypeScript can't follow through the loop.
  return { document, fields: fields as SourceFields, faults };
}

/**
 * Where a new field belongs: behind its nearest predecessor in pvr's order, else before its nearest
 * successor.
 */
function placeOf(key: SourceField, members: readonly (readonly [string, JsonValue])[]): number {
  const rank = sourceFieldOrder.indexOf(key);
  const indexOf = (field: SourceField) => members.findIndex(([other]) => other === field);
  const predecessor = sourceFieldOrder.slice(0, rank).findLast((field) => indexOf(field) >= 0);
  if (predecessor !== undefined) return indexOf(predecessor) + 1;
  const successor = sourceFieldOrder.slice(rank + 1).find((field) => indexOf(field) >= 0);
  return successor === undefined ? members.length : indexOf(successor);
}

/** What Go's `omitempty` leaves out. */
function isEmpty(value: JsonValue): boolean {
  if (isJsonArray(value)) return value.length === 0;
  if (isJsonObject(value)) return value.size === 0;
  return value === null || value === false || value === '';
}
