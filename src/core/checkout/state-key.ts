import { Problem } from '../problem';
import { stateFile } from './state';

/**
 * Makes sure that all keys of a state are paths of files that may lie in a checkout: no way out of it, and none into what belongs to
 * pvr. A state can come from anywhere.
 *
 * @throws Problem that names the first one that isn't.
 */
export function requireSafeKeys(keys: Iterable<string>, name: string = stateFile): void {
  const files = new Set(keys);
  for (const key of files) {
    const found = whyUnsafe(key) ?? whatIsAbove(key, files);
    if (found === undefined) continue;
    throw new Problem({
      doing: `reading ${name}`,
      found: `${JSON.stringify(key)} is no file of a checkout: ${found}`,
      remedy: 'Get the state again from where it came from, or correct it there',
    });
  }
}

/** A clause; undefined when it is safe. */
function whyUnsafe(key: string): string | undefined {
  const parts = key.split('/');
  if (key.startsWith('/')) return 'it is an absolute path';
  if (key.includes('\0')) return 'it holds a NUL';
  if (process.platform === 'win32' && /[\\:]/.test(key)) return 'it is no plain path here';
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'it is no plain path';
  if (/^\.pvr?$/i.test(parts[0] ?? '')) return 'it belongs to pvr';
  return undefined;
}

/** A file can't lie below another one. */
function whatIsAbove(key: string, files: ReadonlySet<string>): string | undefined {
  for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
    const above = key.slice(0, at);
    if (files.has(above)) return `${above} is a file of it, too`;
  }
  return undefined;
}
