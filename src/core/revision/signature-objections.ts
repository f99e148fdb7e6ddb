import { stringifyCanonical } from '../json/canonical';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json/value';
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
  const crashing = crashingMembers(text);
  const crashes = crashing.map((key) => `what ${key} holds crashes Pantavisor`);
  const device = payloadAsDevice(text, patterns);
  if (device.payload === payloadAsPvr(document, selection)) return crashes;
  const keys = [...document.keys()];
  const dialects = [...new Set([...patterns.include, ...patterns.exclude])].flatMap((pattern) =>
    objectionTo(pattern, keys),
  );
  const scalars = selection.protected
    .filter((key) => device.included.has(key) && !crashing.includes(key))
    .flatMap((key) => objectionToValue(key, document.get(key)));
  const found = [...crashes, ...dialects, ...scalars];
  if (found.length > 0) return found;
  if (selection.protected.length === 0) return ['it covers nothing, and a device refuses that'];
  return ['the state is not written in canonical JSON, and a device takes it as it stands'];
}

/** A device takes what begins like an object or a list as it stands, and puts quotes around all else. */
function objectionToValue(key: string, value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string')
    return /^[{[]/.test(value) ? [`${key} holds a text that a device takes for more than that`] : [];
  if (isJsonObject(value) || isJsonArray(value)) return [];
  return [`${key} holds neither an object, a list nor a text, and a device puts it in quotes`];
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
