import {
  Agent,
  type AgentOptions,
  type ClientRequest,
  type ClientRequestArgs,
  request as sendRequest,
} from 'node:http';
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { pipeline, Readable, type Duplex } from 'node:stream';
import { describeError } from '../problem';
import { dial, type Route } from './dial';
import type { Answer, OutgoingRequest, StreamedBody } from './message';
import { PeerError, type Timeouts } from './timeouts';

/** Connections that nobody uses are closed after this, before most servers do it: in milliseconds. */
const idleTime = 4_000;

/** One host by one scheme, with the connections to it, which serve again. */
export interface Peer {
  /** One request, one answer. Throws what {@link dial} and Node throw, and the signal's reason. */
  exchange(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

export function createPeer(route: Route, timeouts: Timeouts): Peer {
  return peerThrough((signal) => dial(route, signal), timeouts, { keepAlive: true, timeout: idleTime });
}

/**
 * A host that is reached in a way of its own, by a connection for each request.
 *
 * @param connect what it throws, the exchange throws.
 */
export function createPeerBy(connect: Connect, timeouts: Timeouts): Peer {
  return peerThrough(connect, timeouts, {});
}

/** Makes a connection that is ready for HTTP. */
export type Connect = (signal: AbortSignal) => Promise<Duplex>;

function peerThrough(connect: Connect, timeouts: Timeouts, options: AgentOptions): Peer {
  const agent = new DialingAgent(connect, options);

  function exchange(url: URL, outgoing: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const request = sendRequest({
        agent,
        method: outgoing.method,
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          'user-agent': 'pantavisor-checkouts',
          'accept-encoding': 'identity',
          ...(outgoing.body !== undefined && { 'content-length': streamed(outgoing.body).length }),
          ...outgoing.headers,
        },
      });
      const stop = () => {
        // One that has no connection yet tells nobody that it was given up.
        reject(abortReason(signal));
        request.destroy();
      };
      let patience: NodeJS.Timeout | undefined;
      /** An answer can come, and be at its end, before a request has noticed that it is sent. */
      let isAnswered = false;
      const sending = { isWhole: outgoing.body === undefined };
      signal.addEventListener('abort', stop, { once: true });
      request
        .once('finish', () => {
          if (!isAnswered) patience = setTimeout(() => request.destroy(silent(timeouts)), timeouts.headers);
        })
        .once('response', (message) => {
          isAnswered = true;
          clearTimeout(patience);
          // Whoever reads it is told, also when that is later.
          message.on('error', () => undefined);
          // Who has the answer needs no more of a body than the host took.
          message.once('end', () => {
            if (!request.writableFinished && !sending.isWhole) request.destroy();
          });
          const { statusCode = 0, headersDistinct } = message;
          resolve({ status: statusCode, headers: headersDistinct, body: readBody(message, timeouts), url });
        })
        .once('close', () => {
          isAnswered = true;
          clearTimeout(patience);
          signal.removeEventListener('abort', stop);
        })
        .on('error', reject);
      if (outgoing.body === undefined) request.end();
      else send(streamed(outgoing.body), request, sending, timeouts, reject);
    });
  }

  return { exchange, close: () => agent.destroy() };
}

/** Keeps connections as Node's own agent does, and makes them in our way. */
class DialingAgent extends Agent {
  readonly #connect: Connect;
  readonly #closing = new AbortController();

  constructor(connect: Connect, options: AgentOptions) {
    super(options);
    this.#connect = connect;
  }

  override createConnection(
    _: ClientRequestArgs,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.#connect(this.#closing.signal).then(
      (socket) => done(null, socket),
      // The type wants a socket here, too; nobody looks at it.
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), new Socket()),
    );
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }
}

/** A body can't be read, or isn't as long as it was to be; `cause` says why. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}

/** Node hands on what is written at once, so that larger pieces would hide whether the host still takes them. */
const pieceSize = 64 * 1024;

function streamed(body: string | Uint8Array | StreamedBody): StreamedBody {
  if (typeof body === 'object' && 'open' in body) return body;
  const bytes = Buffer.from(body);
  return {
    length: bytes.length,
    open: () => Readable.from(pieces(bytes)),
  };
}

function* pieces(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

/**
 * Ends the request with the body, or with what goes wrong in it. A host that takes nothing for long is given up.
 *
 * @param sending is told when the last byte has been handed on.
 */
function send(
  body: StreamedBody,
  request: ClientRequest,
  sending: { isWhole: boolean },
  { body: silence }: Timeouts,
  fail: (error: UnreadableBody) => void,
): void {
  const patience = setTimeout(
    () => request.destroy(new PeerError('SILENT', `no byte was taken in ${seconds(silence)}`)),
    silence,
  );
  /** Tells of it at once: a request that has no connection yet tells nobody. */
  const failed = (cause: unknown) => {
    const error = new UnreadableBody(describeError(cause), { cause });
    fail(error);
    return error;
  };
  const checked = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let sent = 0;
    try {
      for await (const chunk of chunks) {
        sent += chunk.length;
        if (sent > body.length) break;
        patience.refresh();
        sending.isWhole = sent === body.length;
        yield chunk;
      }
    } catch (cause) {
      throw failed(cause);
    }
    if (sent === body.length) return;
    const cause = new Error(`a body of ${body.length} bytes has ${sent < body.length ? 'only ' : ''}${sent}`);
    throw failed(cause);
  };
  // One that was given up may never let the pipeline come to its end.
  request.once('close', () => clearTimeout(patience));
  pipeline(body.open(), checked, request, () => clearTimeout(patience));
}

function silent({ headers }: Timeouts): PeerError {
  return new PeerError('SILENT', `no answer in ${Math.round(headers / 1000)} s`);
}

function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/**
 * The pieces of a body as they come. Only the time that is spent waiting for them counts: a reader may take its own.
 *
 * @throws PeerError when the host falls silent or is too slow; else what Node says when the connection breaks.
 */
async function* readBody(
  body: Readable,
  { body: silence, slowest }: Timeouts,
): AsyncGenerator<Buffer, void, undefined> {
  let isWaiting = true;
  const patience = setTimeout(() => {
    if (isWaiting) body.destroy(new PeerError('SILENT', `no byte in ${seconds(silence)}`));
  }, silence);
  let since = performance.now();
  let waited = 0;
  let received = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      isWaiting = false;
      waited += performance.now() - since;
      received += chunk.length;
      if (waited >= slowest.during) {
        const bytesPerSecond = (received * 1000) / waited;
        if (bytesPerSecond < slowest.bytesPerSecond) {
          throw new PeerError('SLOW', `${Math.round(bytesPerSecond)} bytes/s over ${seconds(waited)}`);
        }
        waited = 0;
        received = 0;
      }
      yield chunk;
      isWaiting = true;
      since = performance.now();
      patience.refresh();
    }
  } finally {
    clearTimeout(patience);
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
