/**
 * A name, path, link target or xattr name as it lies in an archive or a file system: bytes, one per UTF-16 unit
 * (`latin1`). Names need not be UTF-8 on Linux; kept this way they survive unharmed, work as map keys, and the default
 * string order is byte order, which is the order SquashFS wants.
 */
export type ByteString = string;

export function byteStringFromText(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function byteStringToBytes(value: ByteString): Buffer {
  return Buffer.from(value, 'latin1');
}

/** For people's eyes only: bytes that are not UTF-8 become U+FFFD. */
export function byteStringToText(value: ByteString): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}
