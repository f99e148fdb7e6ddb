import type { z } from 'zod';
import { describeError, Problem } from '../problem.js';

/** What a Problem says around what is wrong with the document. */
export interface DocumentContext {
  readonly doing: string;
  readonly remedy: string;
}

/** @throws Problem when `bytes` are not JSON. */
export function parseJsonBytes(bytes: Uint8Array, { doing, remedy }: DocumentContext): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return value;
  } catch (cause) {
    throw new Problem({
      doing,
      found: `it is not JSON (${describeError(cause).slice(0, 200)})`,
      remedy,
      cause,
    });
  }
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
