/**
 * JSON as Pantavisor sees it: a list of tokens with their places, found by jsmn (github.com/zserge/jsmn, not in its strict form),
 * which takes a good deal that is no JSON, and a few texts that are for broken. Texts are bytes, one character each (`latin1`).
 */
export interface DeviceToken {
  readonly type: 'object' | 'array' | 'string' | 'primitive';
  /** Where its text begins and ends: of a string without its quotes, else with all of it. */
  readonly start: number;
  end: number;
  /** Items of an array, keys of an object, one for a key. */
  size: number;
}

/** @returns undefined where jsmn reports an error. */
export function deviceTokens(text: string): readonly DeviceToken[] | undefined {
  const tokens: DeviceToken[] = [];
  /** Positions in `tokens` of what is open, the outermost first. */
  const open: number[] = [];
  let parent = -1;
  const add = (token: DeviceToken) => {
    tokens.push(token);
    const above = tokens[parent];
    if (above) above.size++;
  };
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position);
    switch (character) {
      case '{':
      case '[':
        add({ type: character === '{' ? 'object' : 'array', start: position, end: -1, size: 0 });
        parent = tokens.length - 1;
        open.push(parent);
        break;
      case '}':
      case ']': {
        const opened = tokens[open.pop() ?? -1];
        if (opened?.type !== (character === '}' ? 'object' : 'array')) return undefined;
        opened.end = position + 1;
        parent = open.at(-1) ?? -1;
        break;
      }
      case '"': {
        const end = endOfString(text, position + 1);
        if (end === undefined) return undefined;
        add({ type: 'string', start: position + 1, end, size: 0 });
        position = end;
        break;
      }
      case '\t':
      case '\r':
      case '\n':
      case ' ':
        break;
      case ':':
        parent = tokens.length - 1;
        break;
      case ',':
        parent = open.at(-1) ?? parent;
        break;
      case '\0':
        return open.length > 0 ? undefined : tokens;
      default: {
        const end = endOfPrimitive(text, position);
        if (end === undefined) return undefined;
        add({ type: 'primitive', start: position, end, size: 0 });
        position = end - 1;
      }
    }
  }
  return open.length > 0 ? undefined : tokens;
}

/** @param start behind the opening quote. */
function endOfString(text: string, start: number): number | undefined {
  for (let position = start; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === '"') return position;
    if (character !== '\\') continue;
    position++;
    const escaped = text.charAt(position);
    if (escaped === 'u') {
      if (!/^[0-9A-Fa-f]{4}$/.test(text.slice(position + 1, position + 5))) return undefined;
      position += 4;
    } else if (!'"/\\bfrnt'.includes(escaped) || escaped === '') return undefined;
  }
  return undefined;
}

function endOfPrimitive(text: string, start: number): number | undefined {
  for (let position = start; position < text.length; position++) {
    if (':\t\r\n ,]}\0'.includes(text.charAt(position))) return position;
    const code = text.charCodeAt(position);
    if (code < 32 || code >= 127) return undefined;
  }
  return text.length;
}

/**
 * The text of what follows the first string with this text, wherever that stands, as Pantavisor's `pv_json_get_value` finds
 * members (pantavisor utils/json.c).
 */
export function deviceMember(text: string, tokens: readonly DeviceToken[], key: string): string | undefined {
  const at = tokens.findIndex(({ type, start, end }) => type === 'string' && text.slice(start, end) === key);
  // A further string with this text is passed over.
  const rest = at < 0 ? [] : tokens.slice(at + 1);
  const value = rest.find(({ type, start, end }) => type !== 'string' || text.slice(start, end) !== key);
  return value && text.slice(value.start, value.end);
}

/** The items of an array as Pantavisor takes them, one token after the other; undefined where it is none, or empty. */
export function deviceItems(text: string): readonly string[] | undefined {
  const tokens = deviceTokens(text);
  const count = tokens?.[0]?.size ?? 0;
  if (tokens === undefined || count === 0) return undefined;
  return tokens.slice(1, count + 1).map(({ start, end }) => text.slice(start, end));
}

/** A member of the state: its key as it stands in the text, and the bytes of its value, of a string without its quotes. */
export interface DevicePair {
  readonly key: string;
  readonly value: string;
}

/** The members of a document in the order of its text; none where it is no object. */
export function devicePairs(text: string): readonly DevicePair[] {
  const tokens = deviceTokens(text) ?? [];
  const [document, ...rest] = tokens;
  if (document?.type !== 'object') return [];
  const pairs: DevicePair[] = [];
  for (let index = 0; index + 1 < rest.length;) {
    const [key, value] = [rest[index], rest[index + 1]];
    if (key === undefined || value === undefined) break;
    pairs.push({ key: text.slice(key.start, key.end), value: text.slice(value.start, value.end) });
    index += 2;
    while (index < rest.length && (rest[index]?.start ?? 0) < value.end) index++;
  }
  return pairs;
}
