import path from 'node:path';
import { OpenedCheckout } from '../core/checkout/opened-checkout';
import { rememberCheckout } from '../core/revision/object-store-of';
import { type PathPattern, pathPattern } from '../core/revision/select-paths';
import { CodecPool } from '../core/squashfs/codec-pool';
import { codecs } from './codecs-folder';
import { type CheckoutSession, type CommonOptions, currentFolder, openCheckoutSession } from './session';

export interface RevisionSession extends CheckoutSession {
  readonly hasher: CodecPool;
  /** What was typed in the current folder, as files of the checkout. @throws Problem. */
  readonly patterns: (typed: readonly string[]) => readonly PathPattern[];
}

/** Gives `work` what the commands for revisions need; the threads that hash start when there is something large to read. */
export async function withRevisionSession<Result>(
  options: CommonOptions,
  work: (session: RevisionSession) => Promise<Result>,
): Promise<Result> {
  const session = await openCheckoutSession(options);
  // Nobody waits for it before the end: it is for whoever clears the store up.
  const remembering = rememberCheckout(new OpenedCheckout(session.checkoutDirectory));
  const pool = new CodecPool({ directory: codecs });
  try {
    const patterns = (typed: readonly string[]) =>
      typed.map((one) => patternIn(session.checkoutDirectory, one));
    return await work({ ...session, hasher: pool, patterns });
  } finally {
    session.terminal.clearLine();
    await Promise.all([remembering, pool.close()]);
  }
}

function patternIn(checkoutDirectory: string, typed: string): PathPattern {
  const slashes = (text: string) => (path.sep === '/' ? text : text.replaceAll(path.sep, '/'));
  // An absolute path may be one of the checkout's, too.
  const isBelow = path.isAbsolute(typed) && !path.relative(checkoutDirectory, typed).startsWith('..');
  if (isBelow) return pathPattern(slashes(path.relative(checkoutDirectory, typed)) || '.', '');
  return pathPattern(slashes(typed), slashes(path.relative(checkoutDirectory, currentFolder())));
}

/** A path as it may stand on a line of its own: control and direction characters would make another line, or another text, of it. */
export function shownFile(file: string): string {
  const isPlain = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(file);
  if (isPlain) return file;
  const escaped = JSON.stringify(file).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return escaped;
}
