import type { ByteString } from '../src/core/bytes/byte-string';

const decoder = new TextDecoder();
const isPlain = /^[\x20-\x7e]*$/;

/**
 * A path or name as it may be shown: bytes that are not UTF-8, and the control and direction characters with which a hostile
 * name could pose as another, become U+FFFD.
 */
export function byteText(bytes: ByteString): string {
  if (isPlain.test(bytes)) return bytes;
  const text = decoder.decode(Uint8Array.from(bytes, (unit) => unit.charCodeAt(0)));
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
