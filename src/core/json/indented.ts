import { isJsonArray, JsonNumber, type JsonValue } from './value';

export interface Indentation {
  /** Begins every line but the first. */
  readonly prefix: string;
  /** Follows the prefix, once for each level of nesting. */
  readonly indent: string;
}

/**
 * What Go's `json.MarshalIndent` makes of the value, byte for byte, except that keys stay in their order (Go
 * sorts its maps, see {@link withSortedKeys}, but not its structs). No line feed at the end.
 */
export function stringifyIndented(value: JsonValue, { prefix, indent }: Indentation): string {
  const write = (node: JsonValue, margin: string): string => {
    if (node === null || typeof node === 'boolean') return String(node);
    if (typeof node === 'string') return goString(node);
    if (node instanceof JsonNumber) return node.text;
    const inner = margin + indent;
    if (isJsonArray(node)) {
      const items = node.map((item) => inner + write(item, inner));
      return items.length === 0 ? '[]' : `[${items.join(',')}${margin}]`;
    }
    const members = [...node].map(([key, member]) => `${inner}${goString(key)}: ${write(member, inner)}`);
    return members.length === 0 ? '{}' : `{${members.join(',')}${margin}}`;
  };
  return write(value, `\n${prefix}`);
}

/** What Go's `json.Marshal` makes of it, with the keys in their order. */
export function stringifyCompact(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return goString(value);
  if (value instanceof JsonNumber) return value.text;
  if (isJsonArray(value)) return `[${value.map(stringifyCompact).join(',')}]`;
  return `{${[...value].map(([key, member]) => `${goString(key)}:${stringifyCompact(member)}`).join(',')}}`;
}

/**
 * Compact JSON on lines of its own, as Go's `json.Indent` does it: each string and number keeps its spelling.
 */
export function indentCompact(compact: string, indent: string): string {
  let margin = '\n';
  return compact.replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]/g, (token) => {
    switch (token) {
      case '{':
      case '[':
        margin += indent;
        return token + margin;
      case '}':
      case ']':
        margin = margin.slice(0, -indent.length);
        return margin + token;
      case ',':
        return token + margin;
      case ':':
        return ': ';
      default:
        return token;
    }
  });
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * A string as Go's encoder quotes it: safe inside HTML and JavaScript too. `\b` and `\f` are `\u0008` and
 * `\u000c`, as in every Go before 1.22, which pvr is built with.
 */
export function goString(text: string): string {
  const escaped = text.replace(/["\\<>&\u2028\u2029\u0000-\u001f]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
    return shortEscapes[character] ?? `\\u${hex}`;
  });
  return `"${escaped}"`;
}

/** A list of strings as Go's encoder writes it without white space. */
export function goList(items: readonly string[]): string {
  return `[${items.map(goString).join(',')}]`;
}
