import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import { parseShare, parseSize, shareExample, sizeExample } from './amounts';

/** Where a checkout keeps the rules that its weights are held to. It is no part of any revision. */
export const budgetFile = '.pvx.json';

/**
 * What a rule is about. `download`: bytes that a device with the last commit fetches for the next one. `overlay`: bytes of an overlay.
 * `share`: percent of its base that an overlay weighs.
 */
export type Measure = 'download' | 'overlay' | 'share';

/** The measures, with the key of their limit. */
export const limitKeys = { download: 'maxDownload', overlay: 'maxOverlay', share: 'maxShare' } as const;
export const measures = Object.keys(limitKeys) as readonly Measure[];

/** A limit that somebody has set. There are no others. */
export interface Rule {
  readonly measure: Measure;
  /** The app it is for; undefined: of downloads, the whole revision; of overlays, each app that has no rule of its own. */
  readonly app: string | undefined;
  /** Bytes, or percent. What weighs as much is within it. */
  readonly limit: number;
  /** Where it stands: in {@link budgetFile}, or it was given for this once. */
  readonly from: 'file' | 'given';
}

/** The amount of a limit; undefined of what is none. */
export function parseLimit(measure: Measure, text: string): number | undefined {
  return measure === 'share' ? parseShare(text) : parseSize(text);
}

/**
 * The rules that {@link budgetFile} holds:
 * `{"budget": {"maxDownload": "20 MB", "maxShare": "40 %", "apps": {"web": {"maxOverlay": "5 MB"}}}}`.
 *
 * @throws Problem for what nobody understands: a rule with a typing error would let everything through.
 */
export function readRules(text: string): readonly Rule[] {
  const whatToDo = `Correct the file, as {"budget": {"maxDownload": "20 MB", "apps": {"web": {"maxShare": "40 %"}}}}`;
  const wrong = (found: string) => new Problem({ doing: `reading ${budgetFile}`, found, remedy: whatToDo });
  const objectAt = (value: JsonValue | undefined, place: string, keys: readonly string[]): JsonObject => {
    if (value === undefined) return new Map();
    if (!isJsonObject(value)) throw wrong(`${place} is ${describeKind(value)} instead of an object`);
    const unknown = keys.length === 0 ? undefined : [...value.keys()].find((key) => !keys.includes(key));
    if (unknown !== undefined) throw wrong(`${place} has "${unknown}", and nobody knows what that is`);
    return value;
  };
  const limitsIn = (owner: JsonObject, app: string | undefined, place: string) =>
    measures.flatMap((measure): readonly Rule[] => {
      const key = limitKeys[measure];
      const value = owner.get(key);
      if (value === undefined) return [];
      const written =
        value instanceof JsonNumber
          ? String(Number(value.text))
          : typeof value === 'string'
            ? value
            : undefined;
      const limit = written === undefined ? undefined : parseLimit(measure, written);
      if (limit === undefined)
        throw wrong(
          `"${key}" of ${place} is ${written === undefined ? describeKind(value) : `"${written}"`} instead of ${measure === 'share' ? shareExample : sizeExample}`,
        );
      return [{ measure, app, limit, from: 'file' }];
    });

  const keys = Object.values(limitKeys);
  const document = objectAt(parseJson(text, budgetFile, whatToDo), 'it', ['$schema', 'budget']);
  const budget = objectAt(document.get('budget'), 'budget', [...keys, 'apps']);
  const apps = objectAt(budget.get('apps'), 'apps', []);
  return [
    ...limitsIn(budget, undefined, 'budget'),
    ...[...apps].flatMap(([app, rules]) => limitsIn(objectAt(rules, app, keys), app, app)),
  ];
}

/** Rules that are given for this once take the place of the file's about the same measure. */
export function withGiven(inFile: readonly Rule[], given: readonly Rule[]): readonly Rule[] {
  const measured = new Set(given.map(({ measure }) => measure));
  return [...inFile.filter(({ measure }) => !measured.has(measure)), ...given];
}
