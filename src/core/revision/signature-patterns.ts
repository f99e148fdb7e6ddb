import path from 'node:path';
import { Problem } from '../problem';
import { matchesDoublestar } from './doublestar';
import type { SignaturePatterns } from './verify-as-pvr';

/** What somebody asks to be signed, in pvr's words. */
export type SignatureRequest =
  | {
      readonly kind: 'part';
      /** A folder or file at the checkout's top. */
      readonly part: string;
      /** Patterns of paths below it; undefined: all of it, without its `src.json`. */
      readonly include?: readonly string[] | undefined;
      readonly exclude?: readonly string[] | undefined;
      /** Leave out what lies in `_config` for it. */
      readonly noConfig?: boolean | undefined;
    }
  | {
      readonly kind: 'raw';
      readonly name: string;
      /** Patterns as they are written down; undefined: the whole state, without the signatures and the `src.json` of apps. */
      readonly include?: readonly string[] | undefined;
      readonly exclude?: readonly string[] | undefined;
    };

export interface NamedPatterns extends SignaturePatterns {
  /** Path of the signature below the checkout. */
  readonly file: string;
}

/**
 * The patterns that `pvr sig add` makes of a request (cmdsigadd.go), but where those never verify: without an include, pvr's
 * raw form takes `**`, which no device matches with anything, and instead of the signature's own file it excludes `_sigs/.json`.
 * That stays where the signature doesn't cover itself anyway, so that it has pvr's bytes.
 *
 * @throws Problem for a name or a pattern that would sign something else than it says.
 */
export function patternsOf(request: SignatureRequest): NamedPatterns {
  if (request.kind === 'part') return patternsOfPart(request);
  const name = checkedName(request.name);
  const file = `_sigs/${name}.json`;
  const { include = everything, exclude = request.include === undefined ? notEverything : ['src.json'] } =
    request;
  const coversItself = include.some(
    (pattern) => pattern === '**' || matchesDoublestar(pattern, file) !== false,
  );
  return { file, include, exclude: [...exclude, coversItself ? file : '_sigs/.json'] };
}

/** What both dialects take for all there is. */
const everything = ['*/**', '*'];
/** Signatures that cover each other could never be made anew. */
const notEverything = ['*/src.json', '_sigs/**'];

function patternsOfPart({
  part: name,
  include = ['**'],
  exclude = ['src.json'],
  noConfig = false,
}: Extract<SignatureRequest, { kind: 'part' }>): NamedPatterns {
  const part = checkedName(name);
  const file = `_sigs/${part}.json`;
  const below = (patterns: readonly string[]) => patterns.map((pattern) => patternBelow(part, pattern));
  return {
    file,
    include: [...below(include), ...(noConfig ? [] : [`_config/${part}/**`])],
    exclude: [...below(exclude), file],
  };
}

/** Shells complete the name of a folder with a slash. */
function checkedName(text: string): string {
  const name = text.replace(/\/+$/, '');
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\\*?[\]{}\0]/.test(name);
  if (isPlain) return name;
  throw new Problem({
    doing: `signing ${text}`,
    found: 'it is no name of a single folder or file',
    remedy: 'Give one without slashes and without the characters that patterns are made of',
  });
}

/** As Go's `path.Join`. */
function patternBelow(part: string, pattern: string): string {
  const joined = path.posix.join(part, pattern).replace(/(.)\/+$/, '$1');
  if (joined === part || joined.startsWith(`${part}/`)) return joined;
  throw new Problem({
    doing: `signing ${part}`,
    found: `the pattern ${pattern} leads out of it, to ${joined}`,
    remedy: 'Use --raw to sign more than one part',
  });
}
