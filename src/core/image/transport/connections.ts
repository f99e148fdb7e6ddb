import type { Dispatcher } from 'undici';
import type { ImageEnvironment } from '../environment';
import { hostnameOf, isLoopback } from './host';
import { discard, type Answer, type OutgoingRequest } from './message';
import { NetworkFailure } from './network-failure';
import { proxyAuthorization, proxyFor } from './proxy';
import { createTrust } from './trust';

/** In milliseconds. */
export interface Timeouts {
  readonly connect: number;
  /** From the request to the head of the answer. */
  readonly headers: number;
  /** Between two pieces of the answer's body. */
  readonly body: number;
}

export const defaultTimeouts: Timeouts = { connect: 15_000, headers: 60_000, body: 60_000 };

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
  environment: ImageEnvironment,
  insecureHosts: ReadonlySet<string>,
  timeouts: Timeouts,
): Connections {
  const trust = createTrust(environment);
  const peers = new Map<string, Promise<Peer>>();
  /** What the hosts that may choose have been found to speak. */
  const protocols = new Map<string, 'http:' | 'https:'>();

  const mayBePlain = (url: URL) => isLoopback(hostnameOf(url)) || insecureHosts.has(url.host);

  function peerOf(url: URL): Promise<Peer> {
    const known = peers.get(url.origin);
    if (known !== undefined) return known;
    const peer = connectTo(url);
    peers.set(url.origin, peer);
    // A certificate that was put right must count without a new start.
    peer.catch(() => peers.delete(url.origin));
    return peer;
  }

  async function connectTo(url: URL): Promise<Peer> {
    const proxy = proxyFor(url, environment);
    // Large, and not needed by those who ask no registry.
    const { Agent, ProxyAgent } = await import('undici');
    const limit = isLoopback(hostnameOf(url)) ? loopbackConnectTimeoutMs : timeouts.connect;
    const timeout = Math.min(limit, timeouts.connect);
    const connect =
      url.protocol === 'https:'
        ? { timeout, secureContext: await trust.contextFor(url.host), rejectUnauthorized: !mayBePlain(url) }
        : { timeout };
    if (proxy === undefined) return { dispatcher: new Agent({ connect }), proxy };
    const authorization = proxyAuthorization(proxy);
    const dispatcher = new ProxyAgent({
      uri: proxy.origin,
      ...(authorization === undefined ? {} : { token: authorization.reveal() }),
      requestTls: connect,
      proxyTls:
        proxy.protocol === 'https:'
          ? { timeout: timeouts.connect, secureContext: await trust.contextFor(proxy.host) }
          : { timeout: timeouts.connect },
    });
    return { dispatcher, proxy };
  }

  async function exchangeAt(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    const { dispatcher, proxy } = await peerOf(url);
    const { request } = await import('undici');
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        method: outgoing.method,
        headers: { 'user-agent': 'pantavisor-checkouts', 'accept-encoding': 'identity', ...outgoing.headers },
        body: outgoing.body ?? null,
        signal,
        headersTimeout: timeouts.headers,
        bodyTimeout: timeouts.body,
      });
      return { status: statusCode, headers, body, url };
    } catch (error) {
      signal.throwIfAborted();
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
    tlsFailure: NetworkFailure,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await exchangeAt(plain, outgoing, signal);
    } catch (error) {
      throw error instanceof NetworkFailure ? tlsFailure : error;
    }
    // What a TLS server says to plain HTTP: it does speak TLS, only this connection broke.
    if (answer.status !== 400) return answer;
    await discard(answer);
    throw tlsFailure;
  }

  async function close(): Promise<void> {
    const opened = await Promise.allSettled(peers.values());
    peers.clear();
    for (const peer of opened) {
      if (peer.status === 'fulfilled') await peer.value.dispatcher.destroy();
    }
  }

  return { exchange, mayBePlain, close };
}

interface Peer {
  readonly dispatcher: Dispatcher;
  readonly proxy: URL | undefined;
}
