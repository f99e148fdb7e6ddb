import { Problem } from '../problem';
import type { Remedy } from '../remedy';
import { type JsonArray, JsonNumber, type JsonObject, type JsonValue } from './value';

/** Far above what a checkout holds (a state of thousands of files is some MB), far below what hurts. */
const maxLength = 64 * 1024 * 1024;
/**
 * Real documents nest about ten levels; the bound keeps hostile ones from overflowing the stack, here and
 * when writing.
 */
const maxDepth = 512;

/**
 * Parses strict JSON (RFC 8259: no comments, no trailing comma, no byte order mark), as pvr's Go decoder
 * takes it: of a repeated key the last value wins, in the place of the first; a lone surrogate becomes
 * U+FFFD.
 *
 * @param name what is being read, for the message of the {@link Problem}: `web/src.json`.
 * @param remedy what to do about a text that is no JSON, where a commit doesn't hold the file.
 */
export function parseJson(
  text: string,
  name: string,
  remedy: Remedy = 'Correct the file, or restore it from the last commit with pvr checkout',
): JsonValue {
  if (text.length > maxLength) {
    throw new Problem({
      doing: `reading ${name}`,
      found: `it is ${text.length} characters long, and a checkout's JSON has ${maxLength} at most`,
      remedy: 'Check whether this is the right file',
    });
  }
  return new Parser(text, name, remedy).document();
}

const numberLiteral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const stringEscape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Parser {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly name: string,
    private readonly remedy: Remedy,
  ) {}

  document(): JsonValue {
    const value = this.value(0);
    this.skipWhitespace();
    if (this.position < this.text.length) throw this.fault('the end of the document');
    return value;
  }

  /** @param depth how many arrays and objects are open. */
  private value(depth: number): JsonValue {
    this.skipWhitespace();
    switch (this.text.charAt(this.position)) {
      case '{':
        return this.object(depth + 1);
      case '[':
        return this.array(depth + 1);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.open(depth);
    if (this.skipped('}')) return members;
    do {
      this.skipWhitespace();
      if (this.text[this.position] !== '"') throw this.fault('a key in double quotes');
      const key = this.string();
      if (!this.skipped(':')) throw this.fault('":"');
      members.set(key, this.value(depth));
    } while (this.skipped(','));
    if (!this.skipped('}')) throw this.fault('"," or "}"');
    return members;
  }

  private array(depth: number): JsonArray {
    const items: JsonValue[] = [];
    this.open(depth);
    if (this.skipped(']')) return items;
    do items.push(this.value(depth));
    while (this.skipped(','));
    if (!this.skipped(']')) throw this.fault('"," or "]"');
    return items;
  }

  private open(depth: number): void {
    if (depth > maxDepth) throw this.fault(`at most ${maxDepth} levels of nesting`);
    this.position++;
  }

  private string(): string {
    const start = this.position++;
    let escaped = false;
    for (;;) {
      const unit = this.text.charCodeAt(this.position);
      if (unit === 0x22) break;
      if (unit === 0x5c) {
        escaped = true;
        if (this.take(stringEscape) === '') throw this.fault('a valid escape sequence');
      } else if (unit >= 0x20) {
        this.position++;
      } else {
        // NaN at the end of the text lands here too.
        throw this.fault('the end of the string, or an escaped control character');
      }
    }
    this.position++;
    const literal = this.text.slice(start, this.position);
    // The literal is valid by now. Only escapes can bring lone surrogates, since files are read as UTF-8.
    return escaped ? String(JSON.parse(literal)).replace(/\p{Surrogate}/gu, '\ufffd') : literal.slice(1, -1);
  }

  private number(): JsonNumber {
    const literal = this.take(numberLiteral);
    if (literal === '') throw this.fault('a value');
    return new JsonNumber(literal);
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.position)) throw this.fault('a value');
    this.position += word.length;
    return value;
  }

  private skipped(punctuation: string): boolean {
    this.skipWhitespace();
    if (this.text[this.position] !== punctuation) return false;
    this.position++;
    return true;
  }

  private skipWhitespace(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.position);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.position++;
    }
  }

  /** What the sticky pattern matches here, which may be nothing. */
  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text)?.[0] ?? '';
    this.position += match.length;
    return match;
  }

  private fault(expected: string): Problem {
    const before = this.text.slice(0, this.position);
    const line = before.split('\n').length;
    const column = this.position - before.lastIndexOf('\n');
    const character = this.text.codePointAt(this.position);
    return new Problem({
      doing: `reading ${this.name}`,
      found: `line ${line}, column ${column}: expected ${expected}, found ${describeCharacter(character)}`,
      remedy: this.remedy,
    });
  }
}

function describeCharacter(codePoint: number | undefined): string {
  if (codePoint === undefined) return 'the end of the text';
  if (codePoint === 0x22) return 'a double quote';
  const printable = codePoint > 0x20 && codePoint !== 0x7f && codePoint !== 0xfeff;
  return printable
    ? `"${String.fromCodePoint(codePoint)}"`
    : `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}
