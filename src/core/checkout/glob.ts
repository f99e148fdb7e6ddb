/**
 * Matches paths as Pantavisor does with the patterns of a signature (pantavisor signature.c): `fnmatch` with `FNM_PATHNAME`,
 * so `*`, `?` and `[a-z]` stay within one part of the path; `dir/**` covers everything below `dir`.
 *
 * A lone `**` is meant to cover everything, and does so for pvr, which makes the signatures; on the device it matches
 * nothing, and such a signature never verifies.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  if (pattern === '**') return true;
  const coversBelow = pattern.endsWith('/**');
  const patternParts = bytesOf(coversBelow ? pattern.slice(0, -3) : pattern)
    .replace(/\\([^])/g, (whole, escaped: string) => (escaped === '/' ? '/' : whole))
    .split('/');
  const pathParts = bytesOf(path).split('/');
  if (coversBelow ? pathParts.length < patternParts.length : pathParts.length !== patternParts.length)
    return false;
  return patternParts.every((part, index) => matchesPart(part, pathParts[index] ?? ''));
}

/** A character for each byte: the device sets no locale, so that `?` stands for one byte there. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The cost is at most the product of the lengths: after a mismatch, only the last `*` takes one character more. */
function matchesPart(pattern: string, text: string): boolean {
  const tokens = tokensOf(pattern);
  let token = 0;
  let position = 0;
  let retryToken = -1;
  let retryPosition = 0;
  while (position < text.length) {
    const current = tokens[token];
    if (current === '*') {
      retryToken = ++token;
      retryPosition = position;
    } else if (current?.(text.charAt(position))) {
      token++;
      position++;
    } else if (retryToken >= 0) {
      token = retryToken;
      position = ++retryPosition;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

type Token = '*' | ((character: string) => boolean);

/** `*`, `?`, `\x`, `[set]` (of characters, ranges and classes; `!` or `^` for its complement), or a character for itself. */
const tokenPattern = /\*|\?|\\([^])|\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]|[^]/g;

/** Classes like `[:digit:]`, as ranges. */
const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  xdigit: '0-9A-Fa-f',
  space: ' \t-\r',
  blank: ' \t',
  punct: '!-/:-@[-`{-~',
};

function tokensOf(pattern: string): readonly Token[] {
  return [...pattern.matchAll(tokenPattern)].map(([whole, escaped, complement, set]): Token => {
    if (whole === '*') return '*';
    if (whole === '?') return () => true;
    if (set !== undefined) {
      const isIn = setTest(set);
      return (character) => isIn(character) !== (complement !== '');
    }
    // A backslash with nothing behind it matches nothing.
    const literal = escaped ?? (whole === '\\' ? undefined : whole);
    return (character) => character === literal;
  });
}

function setTest(set: string): (character: string) => boolean {
  const expanded = set.replace(/\[:(\w+):\]/g, (_, name: string) => classes[name] ?? '');
  const ranges = [...expanded.matchAll(/([^])-([^])|([^])/g)].map(([, from, to, single]) => ({
    from: from ?? single ?? '',
    to: to ?? single ?? '',
  }));
  return (character) => ranges.some(({ from, to }) => from <= character && character <= to);
}
