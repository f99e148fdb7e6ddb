import type { App } from '../../core/checkout/app';
import { sameDigest } from '../../core/checkout/manifests/same-digest';
import type { Remedy } from '../../core/remedy';
import type { ImageCheck } from '../../core/use-cases/check-images';

/** What is known about the image that an app's tag names upstream. */
export type ImageState =
  /** Never asked, or the app has changed since. */
  | { readonly kind: 'unknown' }
  | (Seen & { readonly kind: 'current' })
  /** The tag names another image now than the one that is installed. */
  | (Seen & { readonly kind: 'moved'; readonly current: string })
  /** Nothing else was ever known. */
  | (CheckFailure & { readonly kind: 'failed' });

interface Seen {
  readonly checkedAt: number;
  /** It was asked again since, in vain: what was seen is the last that is known. */
  readonly failure?: CheckFailure;
}

export interface CheckFailure {
  readonly checkedAt: number;
  readonly found: string;
  readonly remedy: Remedy;
}

/** Why the last question had no answer; undefined where it had one. */
export function failureOf(image: ImageState): CheckFailure | undefined {
  if (image.kind === 'failed') return image;
  return image.kind === 'unknown' ? undefined : image.failure;
}

/** An answer about an app's image, with the time it was given, in milliseconds since 1970. */
export interface DatedCheck {
  readonly check: ImageCheck;
  readonly checkedAt: number;
  /** Of a failure: the last answer before it that was none. */
  readonly before?: DatedCheck;
}

/** An answer, and what it leaves of the one before. */
export function nextCheck(
  check: ImageCheck,
  checkedAt: number,
  previous: DatedCheck | undefined,
): DatedCheck {
  const known = previous?.check.state === 'failed' ? previous.before : previous;
  return check.state === 'failed' && known !== undefined
    ? { check, checkedAt, before: known }
    : { check, checkedAt };
}

/** `nginx:1.27`, what the app is made from; undefined of apps that are not made from docker images. */
export function referenceOf({ source }: App): string | undefined {
  if (source.kind !== 'docker') return undefined;
  const { name = '', tag } = source.image;
  return tag === undefined ? name : `${name}:${tag}`;
}

/** The digest of the image that base and overlay show together. */
export function installedDigest({ source }: App): string | undefined {
  return source.kind === 'docker' ? (source.image.overlayDigest ?? source.image.digest) : undefined;
}

/** What an earlier answer says about the app as it is now: a build, here or elsewhere, can have overtaken it. */
export function imageStateOf(app: App, dated: DatedCheck | undefined): ImageState {
  const installed = installedDigest(app);
  if (dated === undefined || installed === undefined) return { kind: 'unknown' };
  const { check, checkedAt } = dated;
  if (check.state === 'failed') {
    const failure = { checkedAt, found: check.found, remedy: check.remedy };
    const before = imageStateOf(app, dated.before);
    const isKnown = before.kind === 'current' || before.kind === 'moved';
    return isKnown ? { ...before, failure } : { kind: 'failed', ...failure };
  }
  if (check.reference !== referenceOf(app)) return { kind: 'unknown' };
  const upstream = check.state === 'moved' ? check.current : check.installed;
  if (sameDigest(upstream, installed)) return { kind: 'current', checkedAt };
  // Moved compared with what was installed then; if that is something else by now, nobody knows.
  const isOvertaken = check.state !== 'moved' || !sameDigest(check.installed, installed);
  return isOvertaken ? { kind: 'unknown' } : { kind: 'moved', checkedAt, current: check.current };
}
