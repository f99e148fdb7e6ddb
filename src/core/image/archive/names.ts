import type { Job } from '../../job';
import type { Problem } from '../../problem';
import { canonicalReference, familiarReference, parseReference, type Reference } from '../reference';
import { archiveProblem } from './archive-problem';

/** An image in an archive with what the archive calls it: `docker.io/library/nginx:1.25`, or only a tag. */
export interface Named<T> {
  readonly image: T;
  readonly names: readonly string[];
}

/**
 * The images that are called like `reference`: more than one when the archive has it for several platforms. A lone tag
 * counts as a name too, since OCI image layouts often hold nothing else; and where nothing has a name, all are candidates.
 * A single image is taken whatever its name, but not without a word.
 *
 * @throws Problem that lists the names when the archive does not tell which one it is.
 */
export function selectByName<T>(
  images: readonly Named<T>[],
  reference: Reference,
  file: string,
  job: Job,
): readonly T[] {
  const called = calledLike(images, reference);
  if (called.length > 0) return called.map(({ image }) => image);
  if (images.length > 0 && images.every(({ names }) => names.length === 0)) {
    return images.map(({ image }) => image);
  }
  const [only] = images;
  if (only === undefined || images.length > 1) throw holdsOnlyOthers(images, reference, file);
  job.warn(
    `${file} calls its only image ${listNames(images)}; it is taken for ${familiarReference(reference)}.`,
  );
  return [only.image];
}

/** For an archive whose images are not the wanted one: lists the names to choose from. */
export function holdsOnlyOthers(
  images: readonly Named<unknown>[],
  reference: Reference,
  file: string,
): Problem {
  if (images.length === 0) return archiveProblem(file, 'it holds no image');
  const several = images.length > 1;
  const held = several ? 'several images, none of them' : 'one image, which is not';
  return archiveProblem(file, `it holds ${held} ${familiarReference(reference)}: ${listNames(images)}`, {
    remedy: several ? 'Name one of these images' : 'Name this image',
  });
}

function calledLike<T>(images: readonly Named<T>[], reference: Reference): readonly Named<T>[] {
  if (reference.tag === undefined) return [];
  const wanted = canonicalReference({ ...reference, digest: undefined });
  const exact = images.filter(({ names }) => names.some((name) => canonical(name) === wanted));
  if (exact.length > 0) return exact;
  const tagged = images.filter(({ names }) => names.includes(reference.tag));
  if (tagged.length > 0 || reference.tag !== 'latest') return tagged;
  // Bazel writes names without a tag; and a tag alone, as a layout lists it, reads like a name: `v1` is `v1:latest` then.
  const written = familiarReference(reference);
  return images.filter(({ names }) =>
    names.some((name) => name === reference.name || (!/[:/]/.test(name) && `${name}:latest` === written)),
  );
}

const mostShown = 10;

function listNames(images: readonly Named<unknown>[]): string {
  const names = [...new Set(images.map((image) => image.names[0] ?? 'one without a name'))];
  const shown = names.slice(0, mostShown).map((name) => name.slice(0, 200));
  return [...shown, ...(names.length > mostShown ? ['others'] : [])].join(', ');
}

/** undefined for what is no reference with a repository, like a lone tag. */
function canonical(name: string): string | undefined {
  if (!/[:/]/.test(name)) return undefined;
  try {
    return canonicalReference(parseReference(name));
  } catch {
    return undefined;
  }
}
