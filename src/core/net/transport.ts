import type { Job } from '../job';
import { Problem } from '../problem';
import { createConnections } from './connections';
import {
  discard,
  headerOf,
  readWhole,
  type Answer,
  type OutgoingRequest,
  type RequestHeaders,
  type WholeAnswer,
} from './message';
import { NetworkFailure, networkProblem, type HostRemedies } from './network-failure';
import type { ProcessEnvironment } from './process-environment';
import {
  defaultRetryPolicy,
  pauseAfter,
  usualTransientStatuses,
  waitForRetry,
  type RetryPolicy,
} from './retry';
import { defaultTimeouts, type Timeouts } from './timeouts';
import { createTrust } from './trust';

export interface TransportOptions {
  readonly environment: ProcessEnvironment;
  /** Hosts (with port) that may answer without TLS or with any certificate, besides this machine itself. */
  readonly insecureHosts?: readonly string[];
  /** Folders with a folder for each host (with its port) in which its certificates lie. */
  readonly certificateFolders?: readonly string[];
  readonly remedies: HostRemedies;
  readonly timeouts?: Partial<Timeouts>;
  readonly retry?: Partial<RetryPolicy>;
  /** Statuses of a server that has a bad moment: the request is sent again. */
  readonly transientStatuses?: ReadonlySet<number>;
}

/**
 * HTTP as hosts and the networks before them need it. Requests are sent again, after pauses, while the server is
 * overloaded or breaks the connection; redirects are followed where one only asks. Any other answer, also an error, is the caller's to judge.
 *
 * Both ways of sending throw a Problem when no answer comes, and the signal's reason when the job is stopped.
 */
export interface Transport {
  /** For a body of any length. */
  send(request: OutgoingRequest, job: Job): Promise<Answer>;
  /** For a body of at most `maxBytes`; a connection that breaks in it counts as broken too. */
  fetch(request: OutgoingRequest, maxBytes: number, job: Job): Promise<WholeAnswer>;
  readonly retry: RetryPolicy;
  /** Whether the host may be talked to without TLS. */
  mayBePlain(url: URL): boolean;
  close(): Promise<void>;
}

const maxRedirects = 10;

export function createTransport({
  environment,
  insecureHosts = [],
  certificateFolders = [],
  remedies,
  transientStatuses = usualTransientStatuses,
  ...options
}: TransportOptions): Transport {
  const retry: RetryPolicy = { ...defaultRetryPolicy, ...options.retry };
  const timeouts: Timeouts = { ...defaultTimeouts, ...options.timeouts };
  const trust = createTrust(environment, certificateFolders);
  const connections = createConnections(environment, trust, new Set(insecureHosts), timeouts);

  function badRedirect(doing: string, found: string): Problem {
    return new Problem({ doing, found, remedy: remedies.badRedirect });
  }

  function redirectTarget(answer: Answer, doing: string): URL | undefined {
    if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
    const location = headerOf(answer, 'location');
    if (location === undefined) return undefined;
    const target = URL.canParse(location, answer.url.href) ? new URL(location, answer.url) : undefined;
    if (target?.protocol === 'https:' || target?.protocol === 'http:') return target;
    throw badRedirect(doing, `${answer.url.host} redirects to something that is no web address`);
  }

  async function follow(outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    let { url, headers } = outgoing;
    for (let hops = 0; ; hops += 1) {
      const answer = await connections.exchange(url, { ...outgoing, headers }, signal);
      const target = isRead(outgoing) ? redirectTarget(answer, outgoing.doing) : undefined;
      if (target === undefined) return answer;
      await discard(answer);
      if (hops === maxRedirects) {
        throw badRedirect(outgoing.doing, `${url.host} redirects more than ${maxRedirects} times`);
      }
      if (
        answer.url.protocol === 'https:' &&
        target.protocol === 'http:' &&
        !connections.mayBePlain(target)
      ) {
        throw badRedirect(outgoing.doing, `${url.host} redirects to ${target.host} without TLS`);
      }
      if (target.origin !== answer.url.origin) headers = withoutAuthorization(headers);
      url = target;
    }
  }

  /** @param take reads what is wanted of the answer; when the connection breaks in it, the request is sent again. */
  async function insist<T>(
    outgoing: OutgoingRequest,
    job: Job,
    take: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    const { signal } = job;
    for (let attempt = 1; ; attempt += 1) {
      let wait: number | undefined;
      let why: string;
      try {
        signal.throwIfAborted();
        const answer = await follow(outgoing, signal);
        const { host } = answer.url;
        wait = transientStatuses.has(answer.status)
          ? pauseAfter(attempt, retry, headerOf(answer, 'retry-after'))
          : undefined;
        if (wait === undefined) return await take(answer);
        await discard(answer);
        why = `${host} answers ${answer.status}${answer.status === 429 ? ' (too many requests)' : ''}`;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof NetworkFailure)) throw error;
        wait =
          error.isTransient && outgoing.isOnce !== true ? pauseAfter(attempt, retry, undefined) : undefined;
        if (wait === undefined) throw networkProblem(error, outgoing.doing, remedies);
        why = `The connection to ${error.url.host} broke`;
      }
      await waitForRetry({ why, wait, wasLong: false }, job);
    }
  }

  return {
    send: (request, job) => insist(request, job, (answer) => Promise.resolve(answer)),
    fetch: (request, maxBytes, job) =>
      insist(request, job, (answer) => readWhole(answer, maxBytes, request.doing, remedies.tooLong)),
    retry,
    mayBePlain: (url) => connections.mayBePlain(url),
    close: () => connections.close(),
  };
}

/** What only asks, and may ask elsewhere. */
function isRead({ method }: OutgoingRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What proves who we are to one host is not shown to another. */
function withoutAuthorization(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}
