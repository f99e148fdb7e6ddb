/** What a server asks for in a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

// One of: a parameter with a quoted or bare value · a scheme, perhaps with a token68 · a comma.
const item =
  /\s*(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",=]+))|([\w!#$%&'*+.^`|~-]+)(?=[\s,]|$)(?:[ \t]+[\w.~+/-]+=*(?=\s*(?:,|$)))?|,)/gy;

/** Reads all challenges of a header, or of several of them; what is malformed ends the reading of its header. */
export function parseChallenges(headers: string | readonly string[] | undefined): readonly Challenge[] {
  return [headers ?? []].flat().flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name, quoted, bare, scheme] of header.matchAll(item)) {
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    } else if (name !== undefined) {
      const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
      challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
    }
  }
  return challenges;
}
