import { byteStringToText, type ByteString } from './byte-string';
import { Problem } from '../problem';

/** A layer that no container runtime could unpack either, or that tries to do harm. */
export function layerProblem(found: string): Problem {
  return new Problem({
    doing: 'reading a layer of the image',
    found,
    remedy: 'Pull the image again, and if that changes nothing build it anew',
  });
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
