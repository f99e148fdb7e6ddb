import path from 'node:path';
import type { TextFiles } from '../files/text-file';
import { stringifyIndented } from '../json/indented';
import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';

export const configFile = '.pvr/config';
const remedy = 'Correct the file: its "ObjectsDir" says where pvr keeps what was committed';

/** What pvr remembers of a checkout besides its state (pvr libpvr/repolib.go:102-111), with the fields that nobody here knows. */
export interface CheckoutConfig {
  readonly document: JsonObject;
  /** Where the content of committed files lies: an absolute path. */
  readonly objectsDirectory: string;
}

/** @throws Problem when the file is broken. Without one, pvr's defaults count. */
export async function readConfig(checkout: TextFiles): Promise<CheckoutConfig> {
  const text = await checkout.text(configFile);
  const document = text === undefined ? new Map<string, JsonValue>() : parseJson(text, configFile, remedy);
  if (!isJsonObject(document)) {
    const found = `it holds ${describeKind(document)} instead of an object`;
    throw new Problem({ doing: `reading ${configFile}`, found, remedy });
  }
  const configured = document.get('ObjectsDir');
  const isGiven = typeof configured === 'string' && configured !== '';
  const folder = isGiven ? configured : path.join('.pvr', 'objects');
  return { document, objectsDirectory: path.resolve(checkout.directory, folder) };
}

/** What `pvr init` writes: `json.MarshalIndent(cfg, "", "\t")`. */
export function newConfigText(objectsDirectory: string): string {
  return configText(
    new Map<string, JsonValue>([
      ['DefaultGetUrl', ''],
      ['DefaultPutUrl', ''],
      ['DefaultPostUrl', ''],
      ['ObjectsDir', objectsDirectory],
      ['AccessTokens', new Map()],
      ['RefreshTokens', new Map()],
    ]),
  );
}

/** With other fields than before, each in the place where it was; fields that are unknown here stay. */
export function configText(document: JsonObject): string {
  return stringifyIndented(document, { prefix: '', indent: '\t' });
}
