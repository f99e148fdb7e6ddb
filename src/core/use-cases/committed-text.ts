import path from 'node:path';
import { committedForm } from '../checkout/committed-document';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { isObjectId } from '../checkout/state';
import { maxTextSize, readTextBytes } from '../files/text-file';
import { stringifyIndented } from '../json/indented';
import { compareKeys, withSortedKeys } from '../json/key-order';
import { parseJson } from '../json/parse';
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import type { ObjectStore } from '../objects/object-store';
import { objectStoreOf } from '../revision/object-store-of';
import { isSameValue } from '../revision/working-revision';

/**
 * How a JSON document is written out, which the commit holds without white space. `sorted`: by its keys. `as-there`: as the file
 * that lies there is, so that nothing differs but what was changed; the very same text where nothing was.
 */
export type TextForm = 'sorted' | 'as-there';

/**
 * A file of the last commit as a text.
 *
 * @param file path below the checkout.
 * @returns null where the commit has no such file, or nothing that is a text.
 * @throws Problem when the state can't be read, or the object is missing.
 */
export async function readCommittedText(
  checkout: OpenedCheckout,
  file: string,
  form: TextForm,
): Promise<string | null> {
  const value = (await checkout.state()).entries.get(file);
  if (value === undefined) return null;
  if (isObjectId(value)) return objectText(await objectStoreOf(checkout), value);
  if (form === 'sorted') return written(withSortedKeys(value));
  const there = (await checkout.text(file)) ?? '';
  const document = documentIn(there, file);
  if (document === undefined) return written(withSortedKeys(value));
  if (isSameValue(committedForm(document), value)) return there;
  const end = /\r?\n$/.exec(there)?.[0] ?? '';
  return stringifyIndented(inOrderOf(document, value), { prefix: '', indent: indentOf(there) }) + end;
}

/** The document that lies there now, as {@link readCommittedText} writes one of the commit with `sorted`; null where it is none. */
export async function readPresentText(checkout: OpenedCheckout, file: string): Promise<string | null> {
  const document = documentIn((await checkout.text(file)) ?? '', file);
  return document === undefined ? null : written(withSortedKeys(committedForm(document)));
}

/** With the indentation that is usual in checkouts. */
export function written(document: JsonValue): string {
  return `${stringifyIndented(document, { prefix: '', indent: '    ' })}\n`;
}

/** An object as a text; null where it is none, or too large for one. @throws Problem when it is missing or damaged. */
export async function objectText(store: ObjectStore, id: string): Promise<string | null> {
  const size = await store.sizeOf(id);
  if (size !== undefined && size > maxTextSize) return null;
  const content = await readTextBytes(store.directory, path.basename(await store.requireWhole(id)));
  return content === undefined || content.includes(0) ? null : content.toString('utf8');
}

function documentIn(text: string, file: string): JsonValue | undefined {
  try {
    return parseJson(text, file);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function indentOf(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? '    ';
}

/** The value with its keys in the order in which another one has them; those that it lacks come last. */
function inOrderOf(model: JsonValue, value: JsonValue): JsonValue {
  if (isJsonArray(value))
    return value.map((item, at) => inOrderOf(isJsonArray(model) ? (model[at] ?? null) : null, item));
  if (!isJsonObject(value)) return value;
  const like = isJsonObject(model) ? model : new Map<string, JsonValue>();
  const ranks = new Map([...like.keys()].map((key, rank) => [key, rank]));
  const rankOf = (key: string) => ranks.get(key) ?? ranks.size;
  return new Map(
    [...value]
      .sort(([a], [b]) => rankOf(a) - rankOf(b) || compareKeys(a, b))
      .map(([key, member]): [string, JsonValue] => [key, inOrderOf(like.get(key) ?? null, member)]),
  );
}
