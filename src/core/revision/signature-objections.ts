import { stringifyCanonical } from '../json/canonical';
import { isJsonArray, isJsonObject, type JsonObject } from '../json/value';
import { matchesDoublestar } from './doublestar';
import { crashingMembers, matchesOnDevice, payloadAsDevice } from './verify-as-device';
import { payloadAsPvr, type PvrSelection, type SignaturePatterns } from './verify-as-pvr';

/**
 * Why no device can take a signature with these patterns, whoever makes it; clauses. Signatures are made as pvr reads a state, and
 * a device reads some of it otherwise.
 *
 * @param document the state, with `#spec`.
 * @param text how it is sent to a device; canonical JSON where it isn't written yet.
 */
export function deviceObjections(
  document: JsonObject,
  patterns: SignaturePatterns,
  selection: PvrSelection,
  text = stringifyCanonical(document),
): readonly string[] {
  const crashes = crashingMembers(text).map((key) => `what ${key} holds crashes Pantavisor`);
  const device = payloadAsDevice(text, patterns);
  if (device.payload === payloadAsPvr(document, selection)) return crashes;
  const keys = [...document.keys()];
  const dialects = [...new Set([...patterns.include, ...patterns.exclude])].flatMap((pattern) =>
    objectionTo(pattern, keys),
  );
  const scalars = selection.protected
    .filter((key) => device.included.has(key) && !isTakenVerbatim(document, key))
    .map((key) => `${key} holds neither an object, a list nor a text, and a device puts it in quotes`);
  const found = [...crashes, ...dialects, ...scalars];
  if (found.length > 0) return found;
  if (selection.protected.length === 0) return ['it covers nothing, and a device refuses that'];
  return ['the state is not written in canonical JSON, and a device takes it as it stands'];
}

function isTakenVerbatim(document: JsonObject, key: string): boolean {
  const value = document.get(key);
  return typeof value === 'string' ? !/^[{[]/.test(value) : isJsonObject(value) || isJsonArray(value);
}

function objectionTo(pattern: string, keys: readonly string[]): readonly string[] {
  const differing = keys.filter(
    (key) => (matchesDoublestar(pattern, key) === true) !== matchesOnDevice(pattern, key),
  );
  const [first] = differing;
  if (first === undefined) return [];
  if (pattern === '**') return ['a device matches nothing with **; write */** and * for everything'];
  const [who, other] = matchesOnDevice(pattern, first) ? ['a device', 'pvr'] : ['pvr', 'a device'];
  const more = differing.length === 1 ? '' : ` and ${differing.length - 1} more`;
  return [`${who} matches ${first}${more} with ${pattern}, and ${other} does not`];
}
