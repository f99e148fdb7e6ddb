import { sha256Of } from '../../bytes/sha256';

/**
 * A name that no step of a device has: of the time and of the state. Behind `locals/` it has at most 64 characters, and no slash.
 *
 * @param taken the names that are there, or have been tried.
 */
export function freshName(state: string, now: Date, taken: ReadonlySet<string>): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const base = `locals/pvx-${time}-${sha256Of(state).slice(0, 8)}`;
  for (let at = 1; ; at += 1) {
    const name = at === 1 ? base : `${base}-${at}`;
    if (!taken.has(name)) return name;
  }
}
