import { Problem } from '../problem';
import type { Contradiction } from './contradictions/contradictions';

export type Unreadable = Extract<Contradiction, { readonly kind: 'unreadable' }>;

/** What could not be read, as a contradiction of the checkout. @param file path below it. */
export function unreadable(file: string, { found, remedy }: Problem): Unreadable {
  return { kind: 'unreadable', file, found, remedy };
}

/**
 * What `read` returns; when it throws a {@link Problem}, that goes to the contradictions, and `otherwise` is returned.
 *
 * @param file what is read; path below the checkout.
 */
export async function readOr<T>(
  otherwise: T,
  file: string,
  contradictions: Unreadable[],
  read: () => T | Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    contradictions.push(unreadable(file, problem));
    return otherwise;
  }
}

/** The same list whichever file was read first. */
export function inOrder(contradictions: readonly Unreadable[]): readonly Unreadable[] {
  return contradictions.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
