import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { Secret } from './secret';
import { PeerError } from './timeouts';

/** One end of a connection, and how it proves that it is the one that is meant. */
export interface EndPoint {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Undefined: no TLS. */
  readonly tls: Pick<tls.ConnectionOptions, 'secureContext' | 'rejectUnauthorized'> | undefined;
}

export interface Route {
  readonly target: EndPoint;
  /** What leads there, by CONNECT (RFC 9110, 9.3.6). */
  readonly proxy: (EndPoint & { readonly authorization: Secret | undefined }) | undefined;
  /** Milliseconds for each step of the way. */
  readonly timeout: number;
}

/**
 * A connection that is ready for requests.
 *
 * @throws PeerError when nobody answers in time or the proxy refuses; else what Node says; the signal's AbortError.
 */
export async function dial({ target, proxy, timeout }: Route, signal: AbortSignal): Promise<Socket> {
  const bounds = { timeout, signal };
  if (proxy === undefined) return open(target, bounds);
  const tunnel = await open(proxy, bounds);
  try {
    await leadTo(target, tunnel, proxy.authorization, bounds);
    return await secure(tunnel, target, bounds);
  } catch (error) {
    tunnel.destroy();
    throw error;
  }
}

interface Bounds {
  readonly timeout: number;
  readonly signal: AbortSignal;
}

async function open(to: EndPoint, bounds: Bounds): Promise<Socket> {
  const socket = connect({ host: to.hostname, port: to.port, noDelay: true, keepAlive: true });
  return secure(await becomes('connect', socket, bounds), to, bounds);
}

/** Speaks TLS over a connection, where that is wanted. */
async function secure(socket: Socket, to: EndPoint, bounds: Bounds): Promise<Socket> {
  if (to.tls === undefined) return socket;
  // An address is no name to ask for (RFC 6066, 3).
  const servername = isIP(to.hostname) === 0 ? to.hostname : '';
  const secured = tls.connect({
    ...to.tls,
    socket,
    host: to.hostname,
    servername,
    ALPNProtocols: ['http/1.1'],
  });
  return becomes('secureConnect', secured, bounds);
}

async function becomes(
  event: 'connect' | 'secureConnect',
  socket: Socket,
  { timeout, signal }: Bounds,
): Promise<Socket> {
  // Between those who wait for one thing and those who wait for the next nobody listens.
  socket.on('error', () => undefined);
  const patience = setTimeout(() => socket.destroy(connectTimeout()), timeout);
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(patience);
  }
}

async function leadTo(
  { hostname, port }: EndPoint,
  tunnel: Socket,
  authorization: Secret | undefined,
  { timeout, signal }: Bounds,
): Promise<void> {
  const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  const request = sendRequest({
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      ...(authorization && { 'proxy-authorization': authorization.reveal() }),
    },
    createConnection: () => tunnel,
  });
  const patience = setTimeout(() => request.destroy(connectTimeout()), timeout);
  try {
    const answer = once(request.end(), 'connect', { signal }) as Promise<[IncomingMessage, Socket, Buffer]>;
    const [{ statusCode }, , head] = await answer;
    if (statusCode !== 200) throw new PeerError('PROXY_REFUSED', `it answered ${String(statusCode)}`);
    if (head.length > 0) tunnel.unshift(head);
  } finally {
    clearTimeout(patience);
  }
}

function connectTimeout(): PeerError {
  return new PeerError('CONNECT_TIMEOUT', 'no connection in time');
}
