/**
 * Matches paths as pvr does with the patterns of a signature: a port of `Match` of github.com/bmatcuk/doublestar 1.3.4, with its
 * oddities. `*`, `?` and `[^a-z]` stay within one part of the path, `{a,b}` are alternatives, and a part that is `**` stands for
 * any number of parts, none included, but at the end of a pattern for one at least.
 *
 * A device has another dialect: `fnmatch`, see checkout/glob.ts.
 *
 * @returns undefined when the pattern is malformed: pvr then neither signs nor verifies.
 */
export function matchesDoublestar(pattern: string, path: string): boolean | undefined {
  if (pattern.length > maxLength) return undefined;
  try {
    return new Matcher().matchParts(pattern, splitUnescaped(path));
  } catch (error) {
    if (error instanceof MalformedPattern) return undefined;
    throw error;
  }
}

class MalformedPattern extends Error {}

/** Patterns of people are short and need a handful of steps; whoever makes one that needs more means no good. */
const maxLength = 4096;
const maxSteps = 20_000;

class Matcher {
  /** What has been tried before: without it, the time that some patterns take would double with each `*` in them. */
  readonly #components = new Map<string, readonly string[] | undefined>();
  #steps = 0;

  matchParts(pattern: string, parts: readonly string[]): boolean {
    this.#step();
    if (pattern === '') return parts.length === 0 || (parts.length === 1 && parts[0] === '');
    const slash = indexUnescaped(pattern, '/');
    if ((slash < 0 ? pattern : pattern.slice(0, slash)) === '**') {
      if (slash < 0) return true;
      const rest = pattern.slice(slash + 1);
      return parts.some((_, index) => this.#matchesLenient(rest, parts.slice(index)));
    }
    const [first, ...others] = parts;
    if (first === undefined) return false;
    const rests = this.#matchComponent(pattern, first);
    if (rests === undefined) return false;
    if (others.length === 0) return rests.length === 0;
    return rests.some((rest) => this.matchParts(rest, others));
  }

  /** Behind a `**`, what is malformed just doesn't match. */
  #matchesLenient(pattern: string, parts: readonly string[]): boolean {
    try {
      return this.matchParts(pattern, parts);
    } catch (error) {
      if (error instanceof MalformedPattern && this.#steps <= maxSteps) return false;
      throw error;
    }
  }

  /**
   * Matches one part of a path.
   *
   * @returns what may be left of the pattern for the next parts (nothing is left of a pattern that has ended); undefined when
   * it doesn't match.
   */
  #matchComponent(pattern: string, name: string): readonly string[] | undefined {
    const key = `${pattern}\0${name}`;
    if (this.#components.has(key)) return this.#components.get(key);
    const rests = this.#tryComponent(pattern, name);
    this.#components.set(key, rests);
    return rests;
  }

  #tryComponent(pattern: string, name: string): readonly string[] | undefined {
    this.#step();
    let at = 0;
    let nameAt = 0;
    while (at < pattern.length && nameAt < name.length) {
      const character = characterAt(pattern, at);
      const nameCharacter = characterAt(name, nameAt);
      if (character === '/') {
        at++;
        break;
      }
      at += character.length;
      if (character === '\\') {
        const escaped = characterAt(pattern, at);
        if (escaped === '') throw new MalformedPattern();
        if (escaped !== nameCharacter) return undefined;
        at += escaped.length;
        nameAt += nameCharacter.length;
      } else if (character === '*') {
        if (at >= pattern.length) return [];
        if (pattern.charAt(at) === '/') return [pattern.slice(at + 1)];
        const rest = pattern.slice(at);
        for (; nameAt < name.length; nameAt += characterAt(name, nameAt).length) {
          const rests = this.#matchComponent(rest, name.slice(nameAt));
          if (rests !== undefined) return rests;
        }
        return undefined;
      } else if (character === '[') {
        const length = indexUnescaped(pattern.slice(at), ']');
        if (length < 0) throw new MalformedPattern();
        if (!isInClass(pattern.slice(at, at + length), nameCharacter)) return undefined;
        at += length + 1;
        nameAt += nameCharacter.length;
      } else if (character === '{') {
        const alternatives = splitAlternatives(pattern.slice(at));
        const rest = pattern.slice(at + alternatives.length);
        const found = alternatives.options
          .map((option) => this.#matchComponent(option + rest, name.slice(nameAt)))
          .filter((rests) => rests !== undefined);
        return found.length === 0 ? undefined : [...new Set(found.flat())];
      } else if (character === '?' || character === nameCharacter) {
        nameAt += nameCharacter.length;
      } else {
        return undefined;
      }
    }
    if (nameAt < name.length) return undefined;
    if (at >= pattern.length) return [];
    const rest = pattern.slice(at);
    const slash = indexUnescaped(rest, '/');
    if (!isZeroLength(slash < 0 ? rest : rest.slice(0, slash))) return undefined;
    return slash < 0 ? [] : [rest.slice(slash + 1)];
  }

  #step(): void {
    if (++this.#steps > maxSteps) throw new MalformedPattern();
  }
}

function characterAt(text: string, index: number): string {
  const codePoint = text.codePointAt(index);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
}

/** Only the character right before counts: in `\\\\/`, the slash is taken for an escaped one, too. */
function indexUnescaped(text: string, character: string): number {
  for (let offset = 0; ;) {
    const index = text.indexOf(character, offset);
    if (index <= offset || text.charAt(index - 1) !== '\\') return index;
    offset = index + 1;
  }
}

function splitUnescaped(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  for (let slash = indexUnescaped(rest, '/'); slash >= 0; slash = indexUnescaped(rest, '/')) {
    parts.push(rest.slice(0, slash));
    rest = rest.slice(slash + 1);
  }
  return [...parts, rest];
}

function isInClass(set: string, character: string): boolean {
  const members = Array.from(set);
  if (members.length === 0) throw new MalformedPattern();
  const isComplement = members[0] === '^';
  let isIn = false;
  for (let index = isComplement ? 1 : 0; index < members.length;) {
    const next = () => {
      const member = members[index++];
      if (member === undefined || member === '-') throw new MalformedPattern();
      if (member !== '\\') return member;
      const escaped = members[index++];
      if (escaped === undefined) throw new MalformedPattern();
      return escaped;
    };
    const low = next();
    let high = low;
    if (members[index] === '-') {
      index++;
      high = next();
    }
    const [from = 0, to = 0, point = 0] = [low, high, character].map((one) => one.codePointAt(0));
    if (from <= point && point <= to) isIn = true;
  }
  return isIn !== isComplement;
}

/** @param text what follows an opening brace. @returns `length` of all up to and with the closing one. */
function splitAlternatives(text: string): { readonly options: readonly string[]; readonly length: number } {
  const options: string[] = [];
  let depth = 1;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\\') index++;
    else if (character === '{') depth++;
    else if (character === '}') {
      if (--depth > 0) continue;
      options.push(text.slice(start, index));
      return { options, length: index + 1 };
    } else if (character === ',' && depth === 1) {
      options.push(text.slice(start, index));
      start = index + 1;
    }
  }
  throw new MalformedPattern();
}

function isZeroLength(pattern: string): boolean {
  if (pattern === '' || pattern === '*' || pattern === '**') return true;
  if (!pattern.startsWith('{')) return false;
  const { options, length } = splitAlternatives(pattern.slice(1));
  return isZeroLength(pattern.slice(1 + length)) && options.some(isZeroLength);
}
