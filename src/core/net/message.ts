import type { Readable } from 'node:stream';
import { Problem } from '../problem';
import type { Remedy } from '../remedy';
import { NetworkFailure } from './network-failure';

export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface OutgoingRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `https:` to a host that may answer without TLS means: whatever it speaks. */
  readonly url: URL;
  /** Several values are sent as a line each. */
  readonly headers: RequestHeaders;
  readonly body?: string | Uint8Array | StreamedBody;
  /** What a Problem says was being done. */
  readonly doing: string;
  /** When the connection breaks, it isn't sent again: it may have been done. */
  readonly isOnce?: boolean;
}

/** A body that needn't be in memory. */
export interface StreamedBody {
  /** Bytes. */
  readonly length: number;
  /** From its start, as often as the request is sent. What goes wrong in it reaches whoever sends as it is. */
  open(): Readable;
}

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the answer came from at last, after redirects. */
  readonly url: URL;
}

export interface Answer extends AnswerHead {
  /** Must be read, or given up with {@link discard}. */
  readonly body: AsyncIterable<Buffer>;
}

export interface WholeAnswer extends AnswerHead {
  readonly bytes: Buffer;
}

/** One value of a header, whatever its number. */
export function headerOf({ headers }: AnswerHead, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value[0] : value;
}

/**
 * @throws NetworkFailure when the connection breaks in the body.
 * @throws Problem when the body has more than `maxBytes`.
 */
export async function readWhole(
  { body, ...head }: Answer,
  maxBytes: number,
  doing: string,
  remedy: Remedy,
): Promise<WholeAnswer> {
  const bytes = await readUpTo(body, maxBytes).catch((cause: unknown) => {
    throw new NetworkFailure(head.url, undefined, cause);
  });
  if (bytes !== undefined) return { ...head, bytes };
  throw new Problem({
    doing,
    found: `the answer of ${head.url.host} has more than ${maxBytes} bytes`,
    remedy,
  });
}

/** An answer that says no, with its body if that is there and short. */
export async function readRefusal({ body, ...head }: Answer): Promise<WholeAnswer> {
  const bytes = await readUpTo(body, maxRefusalBytes).catch(() => undefined);
  return { ...head, bytes: bytes ?? Buffer.alloc(0) };
}

const maxRefusalBytes = 64 * 1024;

/** Ends an answer whose body nobody wants; a short one is read, so that the connection can serve again. */
export async function discard(answer: Answer): Promise<void> {
  await readRefusal(answer);
}

/** undefined, and an end to the body, when there are more than `maxBytes`. */
async function readUpTo(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
