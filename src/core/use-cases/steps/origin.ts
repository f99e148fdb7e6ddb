import { originPath } from '../../checkout/change/target-path';
import type { TextFiles } from '../../files/text-file';
import { stringifyIndented } from '../../json/indented';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonValue } from '../../json/value';

/** Where a checkout came from: what its changes are changes of. */
export interface Origin {
  /** How the remote is found again. */
  readonly address: string;
  readonly name: string;
  /** Its revision that the checkout has, or has changed. */
  readonly revision: string;
}

/** undefined: nobody knows, as of a checkout that pvr has made. */
export async function readOrigin(checkout: TextFiles): Promise<Origin | undefined> {
  const text = await checkout.text(originPath);
  if (text === undefined) return undefined;
  const document = parseJson(text, originPath, 'Delete the file, and get the revision of the device again');
  if (!isJsonObject(document)) return undefined;
  const [address, name, revision] = ['remote', 'name', 'revision'].map((key) => document.get(key));
  const isWhole = typeof address === 'string' && typeof name === 'string' && typeof revision === 'string';
  return isWhole ? { address, name, revision } : undefined;
}

export function originText({ address, name, revision }: Origin): string {
  const document = new Map<string, JsonValue>([
    ['remote', address],
    ['name', name],
    ['revision', revision],
  ]);
  return stringifyIndented(document, { prefix: '', indent: '  ' });
}
