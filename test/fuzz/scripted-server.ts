import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a server answers, also what no HTTP server would; all texts are bytes (latin1). */
export interface Answer {
  /** 200 when not given. */
  readonly status?: number;
  /** `$HOST` stands for the server itself. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Instead of all that. */
  readonly raw?: string;
}

export interface Script {
  /** By path, below `/v2/app/` or, with a slash in front, below the root. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** `WWW-Authenticate`, for who doesn't say who he is. */
  readonly challenge?: string;
}

/** A server that says what it is told to, byte by byte; each answer ends its connection. */
export class ScriptedServer {
  #script: Script = { answers: {} };
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  /** Answers by this script from now on. @returns `127.0.0.1:43210`. */
  async play(script: Script): Promise<string> {
    this.#script = script;
    if (this.#server === undefined) {
      this.#server = createServer((socket) => this.#serve(socket)).listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let request = '';
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1');
      // TLS begins like this, and this is a server without it.
      if (request.startsWith('\x16')) socket.destroy();
      else if (request.includes('\r\n\r\n')) this.#answer(socket, request);
    });
  }

  /** A script that was varied may make no sense at all; the connection just ends then. */
  #answer(socket: Socket, request: string): void {
    try {
      socket.end(Buffer.from(this.#answerTo(request), 'latin1'));
    } catch {
      socket.destroy();
    }
  }

  #answerTo(request: string): string {
    const [, method = '', url = ''] = /^(\S+) (\S+)/.exec(request) ?? [];
    const { answers, challenge } = this.#script;
    const isStranger = !/^authorization:/im.test(request);
    if (typeof challenge === 'string' && isStranger && url.startsWith('/v2/')) {
      return this.#text({ status: 401, headers: { 'www-authenticate': challenge } }, method);
    }
    const name = url.startsWith('/v2/app/') ? url.slice('/v2/app/'.length) : url.replace(/\?.*/, '');
    return this.#text(answers[name] ?? { status: 404 }, method);
  }

  #text({ status = 200, headers = {}, body = '', raw }: Answer, method: string): string {
    if (raw !== undefined) return raw;
    const lines = Object.entries({ 'content-length': String(body.length), ...headers });
    const host = `127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`.replaceAll('$HOST', host)).join('');
    return `HTTP/1.1 ${status} Answer\r\n${head}connection: close\r\n\r\n${method === 'HEAD' ? '' : body}`;
  }
}
