import { PassThrough, pipeline, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Job } from '../job';
import {
  type Answer,
  type AnswerHead,
  discard,
  headerOf,
  type OutgoingRequest,
  readRefusal,
  type WholeAnswer,
} from '../net/message';
import { usualTransientStatuses } from '../net/retry';
import type { Secret } from '../net/secret';
import type { Transport } from '../net/transport';
import { Problem } from '../problem';
import type { CredentialSource } from './credentials';
import { type Digest, digestOf, isDigest, verifyBytes } from './digest';
import type { Descriptor } from './manifest';
import { acceptedManifests } from './media-type';
import { familiarReference, logInTo, type Reference, registryOf, type Repository } from './reference';
import { answerProblem } from './registry/answer-problem';
import { audienceBehind, audienceOf, createAuthorizer } from './registry/authorization';
import { readBlob } from './registry/blob';

export interface FetchedManifest {
  readonly digest: Digest;
  /** As the registry holds them; their digest is `digest`. */
  readonly bytes: Buffer;
}

/** A blob to download, and whether the registry need not hold it. */
export type RemoteBlob = Descriptor & { readonly foreign?: boolean };

/** Reads images from registries (OCI distribution spec 1.1, "Pull"); every method throws a Problem when it can't. */
export interface RegistryClient {
  /** The digest of what the reference names now: of an index, if it is one. Counts as no pull where pulls are counted. */
  headManifest(reference: Reference, job: Job): Promise<Digest>;
  /** The manifest or index, by the reference's digest or else its tag; checked against the digest. */
  getManifest(reference: Reference, job: Job): Promise<FetchedManifest>;
  /** A small blob, like an image's config, as a whole; checked. */
  getBlob(repository: Repository, blob: RemoteBlob, job: Job): Promise<Buffer>;
  /** A blob's bytes as they come; the stream ends only when they were the right ones, else it fails with a Problem. */
  openBlob(repository: Repository, blob: RemoteBlob, job: Job): Readable;
  /** Drops all logins that are known: somebody has logged in or out. */
  forgetLogins(): void;
}

/** An answer, and whether whoever gave it was told a login or token. */
type Authorized<A extends AnswerHead> = A & { readonly hasShown: boolean };

/** Registries must take manifests of this size (OCI distribution spec 1.1, "Pushing Manifests"), and need not take larger. */
const maxManifestBytes = 4 * 1024 * 1024;
const maxSmallBlobBytes = 4 * 1024 * 1024;

/** The registry's and that of one behind it, each once more when what was known of it has expired. */
const mostChallenges = 4;

/** Many requests may run at once. Tokens are kept in memory; the transport stays the caller's to close. */
export function createRegistryClient(
  transport: Transport,
  credentials: readonly CredentialSource[],
): RegistryClient {
  const authorizer = createAuthorizer(transport, credentials);

  /**
   * Sends a request, and again with what the registry wants to see of us. A registry that it sends us on to, as a front door
   * does, may ask for itself, and is told what is meant for it alone.
   */
  async function authorized<A extends AnswerHead>(
    repository: Repository,
    outgoing: OutgoingRequest,
    job: Job,
    send: (outgoing: OutgoingRequest) => Promise<A>,
    drop?: (answer: A) => Promise<void>,
  ): Promise<Authorized<A>> {
    const own = audienceOf(repository);
    let audience = own;
    let shown = authorizer.current(own);
    const asked = new Set<string>();
    let answer = await send(withAuthorization(outgoing, shown));
    if (answer.status === 404 && shown === undefined) {
      shown = await authorizer.invited(own, job);
      if (shown !== undefined) {
        asked.add(own.key);
        await drop?.(answer);
        answer = await send(withAuthorization(outgoing, shown));
      }
    }
    for (let hops = 0; answer.status === 401 && hops < mostChallenges; hops += 1) {
      const isOwn = answer.url.host === outgoing.url.host;
      audience = isOwn ? own : audienceBehind(own, answer.url);
      const known = authorizer.current(audience);
      let found = known === shown ? undefined : known;
      if (found === undefined && !asked.has(audience.key)) {
        asked.add(audience.key);
        found = await authorizer.meet(answer, audience, job);
      }
      if (found === undefined) break;
      await drop?.(answer);
      shown = found;
      answer = await send(withAuthorization(isOwn ? outgoing : { ...outgoing, url: answer.url }, shown));
    }
    if (answer.status === 403) authorizer.forget(audience);
    return { ...answer, hasShown: shown !== undefined };
  }

  function askForManifest(
    method: 'GET' | 'HEAD',
    reference: Reference,
    job: Job,
  ): Promise<Authorized<WholeAnswer>> {
    const outgoing: OutgoingRequest = {
      method,
      url: urlOf(reference, `manifests/${reference.digest ?? reference.tag}`),
      headers: { accept: acceptedManifests },
      doing: doingOf(reference),
    };
    return authorized(reference, outgoing, job, (request) => transport.fetch(request, maxManifestBytes, job));
  }

  async function headManifest(reference: Reference, job: Job): Promise<Digest> {
    const answer = await askForManifest('HEAD', reference, job);
    const digest = digestIn(answer);
    if (answer.status === 200 && digest !== undefined) return digest;
    // What has been tried often enough, or would be counted as one more request of too many, isn't asked once more.
    const isFinal = answer.status === 401 || usualTransientStatuses.has(answer.status);
    if (isFinal) throw manifestProblem(answer, reference);
    // Some registries leave the digest out, some know no HEAD, or say 403 or 404 to it: docker asks by GET whatever they say.
    return (await getManifest(reference, job)).digest;
  }

  async function getManifest(reference: Reference, job: Job): Promise<FetchedManifest> {
    const answer = await askForManifest('GET', reference, job);
    if (answer.status !== 200) throw manifestProblem(answer, reference);
    const { bytes } = answer;
    const digest = reference.digest ?? digestIn(answer) ?? digestOf(bytes);
    verifyBytes(bytes, { digest, size: undefined }, doingOf(reference));
    return { digest, bytes };
  }

  function blobBytes(
    repository: Repository,
    blob: RemoteBlob,
    job: Job,
  ): AsyncGenerator<Buffer, void, undefined> {
    const doing = `downloading ${blob.digest} of ${repository.name}`;
    const askFrom = async (start: number) => {
      const outgoing: OutgoingRequest = {
        method: 'GET',
        url: urlOf(repository, `blobs/${blob.digest}`),
        headers: start === 0 ? {} : { range: `bytes=${start}-` },
        doing,
      };
      const send = (request: OutgoingRequest) => transport.send(request, job);
      const answer = await authorized(repository, outgoing, job, send, discard);
      if (answer.status === 200 || (answer.status === 206 && start > 0)) return answer;
      throw await blobProblem(answer, repository, blob, doing);
    };
    return readBlob(askFrom, blob, doing, transport.retry, job);
  }

  async function getBlob(repository: Repository, blob: RemoteBlob, job: Job): Promise<Buffer> {
    if (blob.size <= maxSmallBlobBytes) return buffer(blobBytes(repository, blob, job));
    throw new Problem({
      doing: `downloading ${blob.digest} of ${repository.name}`,
      found: `it has ${blob.size} bytes, and ${maxSmallBlobBytes} is the limit for an image's config`,
      remedy: 'Push the image again with a current docker, buildx, podman or skopeo',
    });
  }

  function openBlob(repository: Repository, blob: RemoteBlob, job: Job): Readable {
    // A reader that goes away must also end a request that is waiting for the next bytes.
    const gone = new AbortController();
    const signal = AbortSignal.any([job.signal, gone.signal]);
    const output = new PassThrough().once('close', () => gone.abort());
    pipeline(blobBytes(repository, blob, withSignal(job, signal)), output, () => undefined);
    return output;
  }

  return { headManifest, getManifest, getBlob, openBlob, forgetLogins: () => authorizer.forgetAll() };
}

function urlOf(repository: Repository, path: string): URL {
  return new URL(`https://${registryOf(repository).host}/v2/${repository.path}/${path}`);
}

function withAuthorization(outgoing: OutgoingRequest, header: Secret | undefined): OutgoingRequest {
  if (header === undefined) return outgoing;
  return { ...outgoing, headers: { ...outgoing.headers, authorization: header.reveal() } };
}

function withSignal(job: Job, signal: AbortSignal): Job {
  return {
    signal,
    progress: (phase, done, total) => job.progress(phase, done, total),
    warn: (message) => job.warn(message),
  };
}

function digestIn(answer: AnswerHead): Digest | undefined {
  const digest = headerOf(answer, 'docker-content-digest');
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}

function doingOf(reference: Reference): string {
  return `reading the manifest of ${familiarReference(reference)}`;
}

function manifestProblem(answer: Authorized<WholeAnswer>, reference: Reference): Problem {
  const what = familiarReference(reference);
  const { hasShown } = answer;
  return answerProblem(answer, { doing: doingOf(reference), what, login: logInTo(reference), hasShown });
}

async function blobProblem(
  answer: Authorized<Answer>,
  repository: Repository,
  blob: RemoteBlob,
  doing: string,
): Promise<Problem> {
  const refusal = await readRefusal(answer);
  if (answer.status === 404 && blob.foreign === true) {
    return new Problem({
      doing,
      found:
        'the image leaves this layer to another server (a "foreign" layer), and the registry has no copy',
      remedy: 'Push the image with all its layers (dockerd --allow-nondistributable-artifacts)',
    });
  }
  const what = `${blob.digest} of ${repository.name}`;
  const { hasShown } = answer;
  return answerProblem(refusal, { doing, what, login: logInTo(repository), hasShown });
}
