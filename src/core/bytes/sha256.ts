import { createHash } from 'node:crypto';

/** Of bytes, or of a text in UTF-8, in lower-case hex. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
