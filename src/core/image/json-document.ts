import type * as z from 'zod';
import { Problem } from '../problem';
import type { Remedy } from '../remedy';

/** What a Problem says around what is wrong with the document. */
export interface DocumentContext {
  readonly doing: string;
  readonly remedy: Remedy;
}

/**
 * The parser's own message is for nobody: it quotes the document, which may hold a token or password.
 *
 * @returns undefined when `text` is not JSON.
 */
export function tryParseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return value;
  } catch {
    return undefined;
  }
}

/** @throws Problem when `bytes` are not JSON. */
export function parseJsonBytes(bytes: Uint8Array, { doing, remedy }: DocumentContext): unknown {
  const value = tryParseJson(new TextDecoder().decode(bytes));
  if (value !== undefined) return value;
  throw new Problem({ doing, found: 'it is not JSON', remedy });
}

/** @throws Problem that names the first field which is not as `schema` says. */
export function checkDocument<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { doing, remedy }: DocumentContext,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined ? '' : issue.path.map(String).join('.');
  const what = issue?.message ?? 'it has another shape';
  throw new Problem({ doing, found: where === '' ? what : `"${where}": ${what}`, remedy });
}
