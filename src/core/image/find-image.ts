import type { Job } from '../job';
import { Absence } from '../net/network-failure';
import type { Secret } from '../net/secret';
import { Problem } from '../problem';
import { anyOf } from '../remedy';
import { openArchiveImage } from './archive-image';
import { ArchiveOpener } from './archive/open-archive';
import type { BlobCache } from './blob-cache';
import { type CredentialSource, credentialSources } from './credentials';
import { connectToDocker } from './docker/docker-client';
import type { Image, ImageRequest, Source } from './image';
import { readableImage, type StoredImage } from './layer';
import { localDigest, openLocalImage, type Transfers } from './local-image';
import { type ImageWish, parseRequest } from './parsed-request';
import { createRegistryClient } from './registry';
import { checkLogin } from './registry/check-login';
import { createRegistryTransport, type RegistryTransportOptions } from './registry/registry-transport';
import { openRemoteImage, remoteDigest } from './remote-image';
import { SharedWork } from './shared-work';
import { describeSource } from './source-list';

/** Finds images in registries, in docker and in archives. Many jobs may use it at once. */
export interface ImageFinder {
  /**
   * The image, from the first of the request's sources that has it for a wanted platform; what the others said is passed to
   * `job.warn`. Close it after use.
   *
   * @throws Problem that tells what the sources said, as far as it matters, when none has it.
   */
  find(request: ImageRequest, job: Job): Promise<Image>;
  /**
   * The {@link Image.digest} that {@link find} would give. Cheap enough to be asked again and again: registries are sent a
   * HEAD, which they don't count as a pull, and only manifests that the cache has not seen are downloaded.
   */
  currentDigest(request: ImageRequest, job: Job): Promise<string>;
  /** Shows a registry a login, as {@link checkLogin} does. */
  checkLogin(domain: string, login: Login, job: Job): Promise<boolean>;
  /** What registries were shown before counts no more: somebody has logged in or out. */
  forgetLogins(): void;
  /** Closes connections. */
  close(): Promise<void>;
}

export interface Login {
  readonly username: string;
  readonly password: Secret;
}

export interface ImageFinderOptions extends RegistryTransportOptions {
  readonly cache: BlobCache;
  /** The folder that holds `liblzma.wasm` and `libbz2.wasm`. */
  readonly codecs: string;
  /** In their order; without them what `docker login` and pvr's environment variables say. */
  readonly credentials?: readonly CredentialSource[];
}

export function createImageFinder({
  cache,
  codecs,
  credentials,
  ...options
}: ImageFinderOptions): ImageFinder {
  const transport = createRegistryTransport(options);
  const registry = createRegistryClient(
    transport,
    credentials ?? credentialSources(options.environment, undefined),
  );
  const archives = new ArchiveOpener(cache, codecs);
  const transfers: Transfers = new SharedWork();
  // Each time anew: people switch contexts.
  const docker = () => connectToDocker(options.environment);

  async function openAt(source: Source, wish: ImageWish, job: Job): Promise<StoredImage> {
    switch (source.kind) {
      case 'remote':
        return openRemoteImage(wish, registry, cache, job);
      case 'local':
        return openLocalImage(wish, await docker(), cache, transfers, job);
      case 'archive':
        return openArchiveImage(source.path, wish, archives, job);
    }
  }

  async function digestAt(source: Source, wish: ImageWish, job: Job): Promise<string> {
    switch (source.kind) {
      case 'remote':
        return remoteDigest(wish, registry, cache, job);
      case 'local':
        return localDigest(wish, await docker(), job);
      case 'archive': {
        await using image = await openArchiveImage(source.path, wish, archives, job);
        return image.digest;
      }
    }
  }

  return {
    find: async (request, job) => readableImage(await fromFirst(request, job, openAt), codecs),
    currentDigest: (request, job) => fromFirst(request, job, digestAt),
    checkLogin: (domain, login, job) => checkLogin(transport, domain, { kind: 'basic', ...login }, job),
    forgetLogins: () => registry.forgetLogins(),
    close: () => transport.close(),
  };
}

/** What the first source answers that does not fail. */
async function fromFirst<T>(
  request: ImageRequest,
  job: Job,
  ask: (source: Source, wish: ImageWish, job: Job) => Promise<T>,
): Promise<T> {
  const wish = parseRequest(request);
  const failures: Failure[] = [];
  for (const source of request.sources) {
    try {
      const answer = await ask(source, wish, job);
      failures.forEach((failure) =>
        job.warn(`Not from ${describeSource(failure.source)}: ${failure.problem.message}`),
      );
      return answer;
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      failures.push({ source, problem: error });
    }
  }
  throw allFailed(request.reference, failures);
}

/** What a source said instead of giving the image. */
interface Failure {
  readonly source: Source;
  readonly problem: Problem;
}

/** One Problem of what all sources said; none of them has the image. */
function allFailed(reference: string, failures: readonly Failure[]): Problem {
  const doing = `looking for the image ${reference}`;
  const worthTelling = failures.filter((failure, at) => hasSomethingToSay(failure, failures.slice(0, at)));
  const [first, ...others] = worthTelling;
  if (first === undefined) {
    return new Problem({
      doing,
      found: 'no source is given',
      remedy: 'Choose remote, local or archive:PATH',
    });
  }
  const { problem } = first;
  if (others.length === 0) {
    if (!(problem instanceof Absence) || worthTelling.length === failures.length) return problem;
    const { remedy } = problem;
    return new Problem({
      doing: problem.doing,
      found: `${problem.found}; and no docker answers`,
      remedy,
      cause: problem,
    });
  }
  return new Problem({
    doing,
    found: worthTelling
      .map((failure) => `${describeSource(failure.source)}: ${failure.problem.found}`)
      .join('; '),
    remedy: anyOf(worthTelling.map((failure) => failure.problem.remedy)),
    cause: new AggregateError(worthTelling.map((failure) => failure.problem)),
  });
}

/**
 * Docker is asked after the registry because it may have what the registry has not. Where the registry has said more than
 * that, or where no docker runs, as on most machines, that it hasn't either is no news.
 */
function hasSomethingToSay({ source, problem }: Failure, before: readonly Failure[]): boolean {
  const registry = before.find((earlier) => earlier.source.kind === 'remote');
  if (source.kind !== 'local' || registry === undefined) return true;
  if (!(registry.problem instanceof Absence)) return false;
  return !(problem instanceof Absence && problem.why === 'unreachable');
}
