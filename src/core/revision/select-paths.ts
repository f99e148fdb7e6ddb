import { isAtOrBelow } from '../checkout/paths';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';

/** Files that somebody names: a file, a folder with all that is in it, or a pattern. */
export interface PathPattern {
  /** As it was typed, for messages. */
  readonly typed: string;
  /** Below the checkout, without `.` and `..`; empty for the checkout itself. */
  readonly path: string;
  /** What it matches where nothing has that very name; undefined where it has no special characters. */
  readonly glob: RegExp | undefined;
}

/** Which files were meant, and which patterns matched none of them. */
export interface Selection {
  /** In the order of the files. */
  readonly files: readonly string[];
  /** Those of them that lie in a folder that was named. */
  readonly swept: ReadonlySet<string>;
  readonly unmatched: readonly PathPattern[];
}

/**
 * What somebody typed in a folder of a checkout.
 *
 * @param folder below the checkout; empty for the checkout itself.
 * @throws Problem when it leads out of the checkout, or is a broken pattern.
 */
export function pathPattern(typed: string, folder: string): PathPattern {
  const parts = folder === '' ? [] : folder.split('/');
  const depth = parts.length;
  let kept = depth;
  for (const part of typed.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw refusal(typed, 'it leads out of the checkout');
    kept = Math.min(kept, parts.length);
  }
  if (typed.startsWith('/')) throw refusal(typed, 'it is an absolute path');
  if (typed === '') throw refusal(typed, 'it is empty');
  const hasGlob = parts.slice(kept).some((part) => /[*?[\\]/.test(part));
  const glob = hasGlob
    ? new RegExp(
        `^${parts.map((part, at) => (at < kept ? literal(part) : globSource(part, typed))).join('/')}$`,
        'u',
      )
    : undefined;
  return { typed, path: parts.join('/'), glob };
}

/** @param patterns none of them means all files. */
export function selectPaths(patterns: readonly PathPattern[], files: readonly string[]): Selection {
  if (patterns.length === 0) return { files, swept: new Set(files), unmatched: [] };
  const selected = new Set<string>();
  const swept = new Set<string>();
  const unmatched: PathPattern[] = [];
  for (const pattern of patterns) {
    const { path, glob } = pattern;
    const below = files.filter((file) => path === '' || isAtOrBelow(file, path));
    const matched = below.length > 0 || glob === undefined ? below : files.filter((file) => glob.test(file));
    if (matched.length === 0 && path !== '') unmatched.push(pattern);
    for (const file of matched) selected.add(file);
    for (const file of below) if (file !== path) swept.add(file);
  }
  return { files: files.filter((file) => selected.has(file)), swept, unmatched };
}

/** A part of a pattern, as Go's filepath.Match takes it: `*`, `?`, `[a-z]`, `[^a]`, and a backslash before what stands for itself. */
const token = /\*+|\?|\\([^])|\[(\^?)((?:\\[^]|[^\]\\])+)\]|[^]/gu;

function globSource(part: string, typed: string): string {
  return part.replace(token, (whole, escaped?: string, complement?: string, set?: string) => {
    if (whole.startsWith('*')) return '[^/]*';
    if (whole === '?') return '[^/]';
    if (escaped !== undefined) return literal(escaped);
    if (set !== undefined) return setSource(set, complement === '^', typed);
    if (whole === '[' || whole === '\\') throw refusal(typed, 'it is a pattern that does not end');
    return literal(whole);
  });
}

function setSource(set: string, isComplement: boolean, typed: string): string {
  const characters = set.replace(
    /\\([^])|[\][^]/gu,
    (whole, escaped?: string) => `\\u{${hex(escaped ?? whole)}}`,
  );
  try {
    const source = isComplement ? `(?!/)[^${characters}]` : `(?!/)[${characters}]`;
    new RegExp(source, 'u');
    return source;
  } catch {
    throw refusal(typed, `[${set}] is no set of characters`);
  }
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function refusal(typed: string, found: string): Problem {
  return new Problem({
    doing: `looking for ${JSON.stringify(typed)}`,
    found,
    remedy: 'Name files or folders of the checkout, or a pattern such as web/*.json',
  });
}

/** For a command that does nothing where a name matches nothing. @throws Problem. */
export function requireMatches({ unmatched }: Pick<Selection, 'unmatched'>, where: string): void {
  if (unmatched.length === 0) return;
  throw new Problem({
    doing: `looking for ${unmatched.map(({ typed }) => typed).join(', ')}`,
    found: `nothing ${where} has ${unmatched.length === 1 ? 'that name' : 'those names'}`,
    remedy: remedy`Look at the names with ${way.revision('status')}`,
  });
}
