import type { App } from '../../core/checkout/app';
import { sameDigest } from '../../core/checkout/manifests/same-digest';
import type { Remedy } from '../../core/remedy';
import type { ImageCheck } from '../../core/use-cases/check-images';

/** What is known about the image that an app's tag names upstream. */
export type ImageState =
  /** Never asked, or the app has changed since. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'current'; readonly checkedAt: number }
  /** The tag names another image now than the one that is installed. */
  | { readonly kind: 'moved'; readonly checkedAt: number; readonly current: string }
  | { readonly kind: 'failed'; readonly checkedAt: number; readonly found: string; readonly remedy: Remedy };

/** An answer about an app's image, with the time it was given, in milliseconds since 1970. */
export interface DatedCheck {
  readonly check: ImageCheck;
  readonly checkedAt: number;
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
  if (check.state === 'failed')
    return { kind: 'failed', checkedAt, found: check.found, remedy: check.remedy };
  if (check.reference !== referenceOf(app)) return { kind: 'unknown' };
  const upstream = check.state === 'moved' ? check.current : check.installed;
  if (sameDigest(upstream, installed)) return { kind: 'current', checkedAt };
  // Moved compared with what was installed then; if that is something else by now, nobody knows.
  const isOvertaken = check.state !== 'moved' || !sameDigest(check.installed, installed);
  return isOvertaken ? { kind: 'unknown' } : { kind: 'moved', checkedAt, current: check.current };
}
