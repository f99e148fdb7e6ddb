import type { Random } from '../device-view/random';
import { varyBytes } from './vary-bytes';

/** A change of a JSON text: mostly one that leaves it JSON. */
export function varyJson(text: string, random: Random): string {
  const document = random.chance(0.85) ? parsed(text) : undefined;
  const varied = document && stringified(changed(document.value, random), random);
  return varied ?? varyBytes(Buffer.from(text), [], random).toString('latin1');
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Goes down to some value, and changes that. */
function changed(value: unknown, random: Random): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length === 0 || random.chance(0.15)) return otherValue(value, random);
  const key = random.pickFrom(keys) ?? '';
  if (Array.isArray(value)) {
    const at = Number(key);
    const items: readonly unknown[] = value;
    return random.chance(0.2)
      ? random.pick([[], items.toSpliced(at, 1), [...items, ...items], [...items, hostileValue(random)]])
      : items.with(at, changed(items[at], random));
  }
  const members = Object.entries(value as object);
  const choice = random.below(10);
  if (choice === 0) return Object.fromEntries(members.filter(([name]) => name !== key));
  if (choice === 1) return Object.fromEntries([...members, [hostileText(random), hostileValue(random)]]);
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === key ? changed(member, random) : (member as unknown)]),
  );
}

function otherValue(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && random.chance(0.5)) {
    return varyBytes(Buffer.from(value), [], random).toString('utf8');
  }
  if (typeof value === 'number' && random.chance(0.5))
    return value + random.pick([-1, 1, 0.5, 2 ** 31, 2 ** 53]);
  return hostileValue(random);
}

function hostileValue(random: Random): unknown {
  switch (random.below(10)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick([0, -1, 1, 0.1, 1e308, -1e-308, 2 ** 53, 2 ** 32, -(2 ** 31)]);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return [hostileText(random), null, 0, {}];
    case 6:
      return { [hostileText(random)]: hostileText(random) };
    case 7:
      return nested(random.pick([10, 100, 5000]), random);
    default:
      return hostileText(random);
  }
}

const texts = [
  '',
  ' ',
  '.',
  '..',
  '/',
  '../../etc/passwd',
  'a/b',
  '-',
  '\0',
  '\n',
  '"',
  '\\n',
  '{{.Source}}',
  '__proto__',
  'constructor',
  'toString',
  '#spec',
  'root.squashfs',
  'dm:root.squashfs',
  'sha256:',
  `sha256:${'0'.repeat(64)}`,
  'linux/arm64',
  '9'.repeat(400),
  '1e999',
  '\ud800',
  '\u202e',
  '*'.repeat(64),
  '**/*'.repeat(16),
  '[!'.repeat(16),
  'x'.repeat(70_000),
] as const;

export function hostileText(random: Random): string {
  return random.pick(texts);
}

function nested(depth: number, random: Random): unknown {
  let value: unknown = 0;
  const isList = random.chance(0.5);
  for (let level = 0; level < depth; level++) value = isList ? [value] : { a: value };
  return value;
}

/**
 * Sometimes with what only text can say: a member twice, a number that is too large for one.
 * @returns undefined where it lies deeper than can be written.
 */
function stringified(value: unknown, random: Random): string | undefined {
  let text: string;
  try {
    text = JSON.stringify(value, undefined, random.pick([0, 2]));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  switch (random.below(12)) {
    case 0:
      return text.replace(/\{/, '{"__proto__": {"polluted": true}, ');
    case 1:
      return text.replace(/("\w+":\s*)("[^"]*")/, '$1$2, $1[]');
    case 2:
      return text.replace(/\b\d+\b/, '1234567890123456789012345678901234567890e400');
    case 3:
      return `\ufeff${text}`;
    default:
      return text;
  }
}
