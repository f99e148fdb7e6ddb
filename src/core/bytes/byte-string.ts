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

/** A path inside the image as it may stand in a message. */
export function shownPath(path: ByteString): string {
  return path === '' ? '/' : shown(path);
}

const longestShown = 200;

/**
 * A path or name from an image as it may stand in a message: short, and free of the control and direction characters
 * with which a hostile name could rewrite a terminal.
 */
export function shown(path: ByteString): string {
  const text = byteStringToText(path).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
