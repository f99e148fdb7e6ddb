import type { EndPoint } from './dial';
import { type Answer, discard, type OutgoingRequest } from './message';
import { NetworkFailure } from './network-failure';
import { createPeer, UnreadableBody, type Peer } from './peer';
import type { ProcessEnvironment } from './process-environment';
import { hostnameOf, isLoopback, proxyAuthorization, proxyFor } from './proxy';
import type { Timeouts } from './timeouts';
import type { Trust } from './trust';

/** On this machine a connection is there at once; a plain-HTTP server that waits for more of a TLS hello is not TLS. */
const loopbackConnectTimeoutMs = 3_000;

/** Connections to any number of hosts, kept open for the next request. */
export interface Connections {
  /**
   * One request, one answer.
   *
   * @throws NetworkFailure when none comes; Problem when the connection can't even be tried.
   */
  exchange(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer>;
  /** Whether the host may be talked to without TLS. */
  mayBePlain(url: URL): boolean;
  close(): Promise<void>;
}

/** @param insecureHosts hosts (with port) that are treated like this machine itself: no TLS needed, any certificate good. */
export function createConnections(
  environment: ProcessEnvironment,
  trust: Trust,
  insecureHosts: ReadonlySet<string>,
  timeouts: Timeouts,
): Connections {
  const ways = new Map<string, Promise<Way>>();
  /** What the hosts that may choose have been found to speak. */
  const protocols = new Map<string, 'http:' | 'https:'>();

  const mayBePlain = (url: URL) => isLoopback(hostnameOf(url)) || insecureHosts.has(url.host);

  function wayTo(url: URL): Promise<Way> {
    const known = ways.get(url.origin);
    if (known !== undefined) return known;
    const way = findWay(url);
    ways.set(url.origin, way);
    // A certificate that was put right must count without a new start.
    way.catch(() => ways.delete(url.origin));
    return way;
  }

  async function findWay(url: URL): Promise<Way> {
    const proxy = proxyFor(url, environment);
    const limit = isLoopback(hostnameOf(url)) ? loopbackConnectTimeoutMs : timeouts.connect;
    const route = {
      target: await endPoint(url, !mayBePlain(url)),
      proxy: proxy && { ...(await endPoint(proxy, true)), authorization: proxyAuthorization(proxy) },
      timeout: Math.min(limit, timeouts.connect),
    };
    return { peer: createPeer(route, timeouts), proxy };
  }

  async function endPoint(url: URL, rejectUnauthorized: boolean): Promise<EndPoint> {
    const isTls = url.protocol === 'https:';
    return {
      hostname: hostnameOf(url),
      port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
      tls: isTls ? { secureContext: await trust.contextFor(url.host), rejectUnauthorized } : undefined,
    };
  }

  async function exchangeAt(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    const { peer, proxy } = await wayTo(url);
    try {
      return await peer.exchange(url, outgoing, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UnreadableBody) throw error.cause;
      throw new NetworkFailure(url, proxy, error);
    }
  }

  /** As docker does it: TLS first, and without when a host that may do so does not answer that. */
  async function exchange(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    if (url.protocol !== 'https:' || !mayBePlain(url)) return exchangeAt(url, outgoing, signal);
    const plain = new URL(url);
    plain.protocol = 'http:';
    const known = protocols.get(url.host);
    if (known !== undefined) return exchangeAt(known === 'http:' ? plain : url, outgoing, signal);
    const answer = await exchangeAt(url, outgoing, signal).catch((failure: unknown) => {
      if (failure instanceof NetworkFailure) return insteadWithoutTls(plain, outgoing, signal, failure);
      throw failure;
    });
    protocols.set(url.host, answer.url.protocol === 'https:' ? 'https:' : 'http:');
    return answer;
  }

  async function insteadWithoutTls(
    plain: URL,
    outgoing: OutgoingRequest,
    signal: AbortSignal,
    overTls: NetworkFailure,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await exchangeAt(plain, outgoing, signal);
    } catch (error) {
      throw error instanceof NetworkFailure ? error.after(overTls) : error;
    }
    // What a TLS server says to plain HTTP: it does speak TLS, only this connection broke.
    if (answer.status !== 400) return answer;
    await discard(answer);
    throw overTls;
  }

  async function close(): Promise<void> {
    const opened = await Promise.allSettled(ways.values());
    ways.clear();
    for (const way of opened) {
      if (way.status === 'fulfilled') way.value.peer.close();
    }
  }

  return { exchange, mayBePlain, close };
}

interface Way {
  readonly peer: Peer;
  /** For messages. */
  readonly proxy: URL | undefined;
}
