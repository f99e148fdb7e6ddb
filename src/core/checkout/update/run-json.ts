import { applyEdits, modify, type FormattingOptions } from 'jsonc-parser';
import { sameJson, stringifyCanonical } from '../../json/canonical';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import type { RunManifest } from '../manifests/run-manifest';
import { volumeFile } from '../manifests/volume-name';
import { mergeLists } from './merge-lists';

/**
 * The existing run.json with the differences between two generated ones; the rest of its text, known or not,
 * stays as it is. What both generated ones say alike is left alone even where the existing one says
 * otherwise.
 */
export function mergeRunJson(versions: {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly existing: RunManifest;
}): string {
  const { before, after, existing } = versions;
  const options = formattingOf(existing.text);
  let text = existing.text;
  for (const { path, value } of changes(before, after, existing.document)) {
    text = applyEdits(text, modify(text, path, value === undefined ? undefined : plain(value), options));
  }
  return text;
}

interface Change {
  readonly path: string[];
  /** Undefined removes the member. */
  readonly value: JsonValue | undefined;
}

function* changes(before: JsonObject, after: JsonObject, existing: JsonObject): Generator<Change> {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(key);
    const now = after.get(key);
    const present = existing.get(key);
    if (was !== undefined && now !== undefined && sameJson(was, now)) continue;
    if (now === undefined) {
      if (present !== undefined) yield { path: [key], value: undefined };
    } else if (isJsonObject(now) && isJsonObject(present)) {
      // A new object that is there already (a volume with a persistence of its own) stays as it is.
      if (!isJsonObject(was)) continue;
      for (const { path, value } of changes(was, now, present)) yield { path: [key, ...path], value };
    } else if (isStringList(was) && isStringList(now) && isStringList(present)) {
      // Lists of names; with `dm:` or without, a volume is the same one.
      yield {
        path: [key],
        value: mergeLists({ before: was, after: now, existing: present, subject: volumeFile }),
      };
    } else {
      yield { path: [key], value: now };
    }
  }
}

function isStringList(value: JsonValue | undefined): value is readonly string[] {
  return isJsonArray(value) && value.every((item) => typeof item === 'string');
}

/**
 * The value as jsonc-parser takes it. Of what the template makes, only PV_CONDITIONS and PV_REMOUNT may hold
 * numbers.
 */
function plain(value: JsonValue): unknown {
  return JSON.parse(stringifyCanonical(value));
}

/** How new text is to be laid out: as the rest. Text on a single line stays on one. */
function formattingOf(text: string): { formattingOptions?: FormattingOptions } {
  const [, eol, margin] = /(\r?\n)([ \t]+)"/.exec(text) ?? [];
  if (eol === undefined || margin === undefined) return {};
  return { formattingOptions: { eol, insertSpaces: !margin.startsWith('\t'), tabSize: margin.length } };
}
