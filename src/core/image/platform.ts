import { Problem, type ProblemParts } from '../problem';
import { remedy, way } from '../remedy';

/** For what an image was built, normalised: `linux/arm64` never carries the variant `v8`, `aarch64` is `arm64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Empty when the platform names none. */
  readonly variant: string;
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Alone, these name no platform. */
const knownSystems = new Set(['linux', 'windows', 'darwin', 'macos', 'freebsd']);

/**
 * Reads `linux/arm/v7`, `linux/arm64` or a lone architecture (`arm64`, `armhf`), which means Linux.
 *
 * @throws Problem for anything else.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.trim().toLowerCase().split('/');
  const [first = '', second, variant] = parts;
  if (
    parts.length > 3 ||
    parts.some((part) => !/^[\w.-]+$/.test(part)) ||
    (second === undefined && knownSystems.has(first))
  ) {
    throw new Problem({
      doing: `reading the platform "${text.slice(0, 100)}"`,
      found: 'it is not an operating system, an architecture and perhaps a variant with "/" between them',
      remedy: 'Write it like linux/arm64, linux/arm/v7 or linux/amd64',
    });
  }
  return second === undefined
    ? normalizePlatform({ os: 'linux', architecture: first })
    : normalizePlatform({ os: first, architecture: second, variant });
}

const sameArchitecture: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  i386: { architecture: '386' },
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
};

/** As containerd's platforms.Normalize, but an `arm` without a variant keeps none: {@link runnableVariants} knows it. */
export function normalizePlatform(raw: {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}): Platform {
  const named = raw.architecture.toLowerCase();
  const same = sameArchitecture[named] ?? { architecture: named };
  const written = (same.variant ?? raw.variant ?? '').toLowerCase();
  const variant = /^\d/.test(written) ? `v${written}` : written;
  const os = raw.os.toLowerCase();
  return {
    os: os === 'macos' ? 'darwin' : os,
    architecture: same.architecture,
    variant: baseVariants[same.architecture] === variant ? '' : variant,
  };
}

/** The variant that naming none means. */
const baseVariants: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1' };

/** Best first; an `arm` image that names no variant is taken for v7, as containerd does. */
const armVariants = ['v8', 'v7', '', 'v6', 'v5'];
const amd64Variants = ['v4', 'v3', 'v2', ''];

/** The image variants that run where `wish` runs, best first. */
function runnableVariants({ architecture, variant }: Platform): readonly string[] {
  switch (architecture) {
    case 'arm': {
      const from = armVariants.indexOf(variant === '' ? 'v7' : variant);
      const known = from === -1 ? [variant] : armVariants.slice(from);
      return known.includes('') ? known : [...known, ''];
    }
    case 'amd64': {
      const from = amd64Variants.indexOf(variant);
      return from === -1 ? [variant] : amd64Variants.slice(from);
    }
    default:
      return variant === '' ? [''] : [variant, ''];
  }
}

/** How well an image fits a wish: 0 is best, undefined is not at all. */
function fit(image: Platform, wish: Platform): number | undefined {
  if (image.os !== wish.os || image.architecture !== wish.architecture) return undefined;
  const rank = runnableVariants(wish).indexOf(image.variant);
  return rank === -1 ? undefined : rank;
}

/**
 * Whether an image that names no variant may need more than `wish` has: it means v7 to docker and containerd, but the images
 * of old say nothing either.
 */
export function mayNeedMore(image: Platform | undefined, wish: Platform): boolean {
  return image?.architecture === 'arm' && image.variant === '' && ['v5', 'v6'].includes(wish.variant);
}

/** Whether an image runs where `wish` runs. */
export function fulfils(image: Platform | undefined, wish: Platform): boolean {
  return image !== undefined && fit(image, wish) !== undefined;
}

/** Build attestations lie in an index as images for `unknown/unknown` (BuildKit, attestation-storage.md). */
function isAttestation(platform: Platform | undefined): boolean {
  return platform?.os === 'unknown' && platform.architecture === 'unknown';
}

/** The entries of an index that may be images. */
export function imagesAmong<T extends Candidate>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ platform, isArtifact }) => !isArtifact && !isAttestation(platform));
}

/** An entry of an index, as far as it counts for the choice. */
interface Candidate {
  readonly platform: Platform | undefined;
  readonly isArtifact?: boolean;
}

/** An image that comes for some platforms, of which none can be chosen. */
export class PlatformProblem extends Problem {
  constructor(
    parts: ProblemParts,
    /** `linux/arm64` and the others. */
    readonly available: readonly string[],
  ) {
    super(parts);
  }
}

/**
 * Chooses from an index: the first wish that any image can fulfil, and the image that fulfils it best (a wish `linux/arm`
 * prefers v7 to v6 to v5). Without wishes there must be only one platform to choose; nothing is ever guessed.
 *
 * An image that names no platform is chosen only when it is the sole one; check its config with {@link requirePlatform}.
 *
 * @param wishes in order of preference.
 * @param doing what a Problem says was being done: `choosing the image of nginx:1.25`.
 * @throws PlatformProblem that lists what there is; Problem when there is nothing.
 */
export function choosePlatform<T extends Candidate>(
  images: readonly T[],
  wishes: readonly Platform[],
  doing: string,
): T {
  const candidates = imagesAmong(images);
  const [only] = candidates;
  if (only === undefined) {
    throw new Problem({
      doing,
      found: 'the index lists no image',
      remedy: 'Push the image again, or use another tag',
    });
  }
  if (candidates.length === 1 && only.platform === undefined) return only;
  const available = availablePlatforms(candidates);
  const listed = [
    ...available,
    ...(candidates.some(({ platform }) => platform === undefined) ? ['one without a platform'] : []),
  ].join(', ');
  if (wishes.length === 0) {
    if (new Set(candidates.map(({ platform }) => platform && formatPlatform(platform))).size === 1)
      return only;
    throw new PlatformProblem(
      {
        doing,
        found: `it comes for several platforms (${listed}), and nothing says which one the device has`,
        remedy: remedy`Choose one ${way.platformOfApp()}, or for the whole device in _hostconfig/pvr/docker.json`,
      },
      available,
    );
  }
  for (const wish of wishes) {
    const best = bestFit(candidates, wish);
    if (best !== undefined) return best;
  }
  throw new PlatformProblem(
    {
      doing,
      found: `it does not come for ${wishes.map(formatPlatform).join(' or ')}, only for ${listed}`,
      remedy:
        available.length > 0
          ? 'Choose one of these platforms if the device can run it, or another image'
          : 'Choose another image, or push this one with the platforms in its index (docker buildx)',
    },
    available,
  );
}

/**
 * Checks the platform that an image was built for.
 *
 * @returns the first of the wishes that it fulfils; undefined without wishes, which all images fulfil.
 * @throws Problem when it fulfils none of them.
 */
export function requirePlatform<W extends Platform>(
  actual: Platform | undefined,
  wishes: readonly W[],
  doing: string,
): W | undefined {
  if (wishes.length === 0) return undefined;
  const fulfilled = wishes.find((wish) => fulfils(actual, wish));
  if (fulfilled !== undefined) return fulfilled;
  const wanted = wishes.map(formatPlatform).join(' or ');
  throw new Problem({
    doing,
    found:
      actual === undefined
        ? `the image does not say for which platform it was built, and ${wanted} is wanted`
        : `the image was built for ${formatPlatform(actual)}, and ${wanted} is wanted`,
    remedy: remedy`Build the image for ${wanted} (docker build --platform), or choose its platform ${way.platform()}`,
  });
}

function bestFit<T extends { readonly platform: Platform | undefined }>(
  candidates: readonly T[],
  wish: Platform,
): T | undefined {
  let best: { readonly candidate: T; readonly rank: number } | undefined;
  for (const candidate of candidates) {
    const rank = candidate.platform && fit(candidate.platform, wish);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { candidate, rank };
  }
  return best?.candidate;
}

function availablePlatforms(
  candidates: readonly { readonly platform: Platform | undefined }[],
): readonly string[] {
  return [...new Set(candidates.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : [])))];
}
