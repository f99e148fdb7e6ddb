import { Problem } from '../problem';
import { compareKeys } from './key-order';
import { isJsonArray, JsonNumber, type JsonValue } from './value';

/**
 * Canonical JSON as pvr writes `.pvr/json` and hashes it (github.com/gibson042/canonicaljson-go): no white
 * space, keys in code point order, one spelling for each number.
 *
 * @throws Problem for a number with an exponent so large that its digits can't be written out.
 */
export function stringifyCanonical(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (value instanceof JsonNumber) return canonicalNumber(value.text);
  if (isJsonArray(value)) return `[${value.map(stringifyCanonical).join(',')}]`;
  const members = [...value]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([key, member]) => `${canonicalString(key)}:${stringifyCanonical(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * Two documents that pvr would take for the same: order of keys, white space and spelling of numbers don't
 * count.
 */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  return stringifyCanonical(a) === stringifyCanonical(b);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function canonicalString(text: string): string {
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return shortEscapes[character] ?? `\\u${hex}`;
  });
  return `"${escaped}"`;
}

/** More zeros than any number of use has; `1e999999999` would be a gigabyte of them. */
const maxAppendedZeros = 10_000;

/**
 * Integers as plain digits of any length, everything else as `d.d…E±n` with as few digits as its value needs.
 */
function canonicalNumber(text: string): string {
  const [mantissa = '', exponentText = '0'] = text.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');

  const allDigits = whole + fraction;
  let start = 0;
  while (allDigits[start] === '0') start++;
  if (start === allDigits.length) return '0';
  let end = allDigits.length;
  while (allDigits[end - 1] === '0') end--;
  const digits = allDigits.slice(start, end);

  // value = digits × 10^exponent
  const exponent = Number(exponentText) - fraction.length + (allDigits.length - end);
  if (!Number.isSafeInteger(exponent) || exponent > maxAppendedZeros) {
    throw new Problem({
      doing: 'writing JSON in canonical form',
      found: `the number ${text.length > 40 ? `${text.slice(0, 40)}…` : text} is out of range`,
      remedy: 'Use a smaller exponent, or write the number as a string',
    });
  }
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  return `${sign}${digits.slice(0, 1)}.${digits.slice(1) || '0'}E${exponent + digits.length - 1}`;
}
