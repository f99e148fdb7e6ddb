import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { discard, type OutgoingRequest, type StreamedBody } from '../../../src/core/net/message';
import type { HostRemedies } from '../../../src/core/net/network-failure';
import { createTransport, type TransportOptions } from '../../../src/core/net/transport';
import { Problem } from '../../../src/core/problem';

const remedies: HostRemedies = {
  noTls: 'Give the shelf a certificate',
  noSuchName: "Check the shelf's name",
  refused: 'Check that the shelf runs',
  wantsCertificate: (host) => `Show ${host} a certificate`,
  notTrusted: (host) => `Trust ${host}`,
  noHttp: 'Check that it is a shelf',
  badRedirect: 'Check where the shelf is',
  tooLong: 'Check the question',
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

describe('a transport', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  const server = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const started = createServer(answer).listen(0, '127.0.0.1');
    await once(started, 'listening');
    open.push(() => {
      started.closeAllConnections();
      started.close();
      return once(started, 'close');
    });
    return `127.0.0.1:${(started.address() as AddressInfo).port}`;
  };
  /** One that takes bodies, and answers as `status` says to the attempt with this number, from 0. */
  const taker = async (status: (attempt: number) => number) => {
    const taken: { method: string; length: string; sha256: string }[] = [];
    const host = await server((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', headers } = request;
        taken.push({
          method,
          length: headers['content-length'] ?? '',
          sha256: sha256(Buffer.concat(chunks)),
        });
        response.writeHead(status(taken.length - 1)).end('taken');
      });
    });
    return { host, taken };
  };
  const transport = (options: Partial<TransportOptions> = {}) => {
    const created = createTransport({
      environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
      retry: { attempts: 3, firstPauseMs: 1, longestPauseMs: 5_000 },
      remedies,
      ...options,
    });
    open.push(() => created.close());
    return created;
  };
  const request = (method: OutgoingRequest['method'], host: string, body: OutgoingRequest['body']) => ({
    method,
    url: new URL(`http://${host}/objects/1`),
    headers: {},
    ...(body !== undefined && { body }),
    doing: 'sending',
  });
  const streamOf = (bytes: Buffer, length = bytes.length): StreamedBody & { opened: number } => ({
    length,
    opened: 0,
    open() {
      this.opened += 1;
      return Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]);
    },
  });

  const content = randomBytes(300_000);

  for (const method of ['PUT', 'PATCH', 'POST'] as const) {
    it(`sends bytes, text and streams with their length: ${method}`, async () => {
      const { host, taken } = await taker(() => 201);
      const over = transport();
      for (const body of [content, 'text: é', streamOf(content), new Uint8Array()] as const) {
        const answer = await over.fetch(request(method, host, body), 100, silentJob());
        assert.equal(answer.status, 201);
        assert.equal(answer.bytes.toString(), 'taken');
      }
      const expected = [content, Buffer.from('text: é'), content, Buffer.alloc(0)];
      assert.deepEqual(
        taken,
        expected.map((bytes) => ({ method, length: `${bytes.length}`, sha256: sha256(bytes) })),
      );
    });
  }

  it('opens a stream anew for each attempt', async () => {
    const { host, taken } = await taker((attempt) => (attempt < 2 ? 503 : 200));
    const body = streamOf(content);
    assert.equal((await transport().fetch(request('PUT', host, body), 100, silentJob())).status, 200);
    assert.equal(body.opened, 3);
    assert.deepEqual(
      taken.map((each) => each.sha256),
      [1, 2, 3].map(() => sha256(content)),
    );
  });

  it('sends a body again when the connection breaks in it', async () => {
    let breaks = 1;
    const received: number[] = [];
    const host = await server((incoming, response) => {
      if (breaks > 0) {
        breaks -= 1;
        incoming.once('data', () => incoming.socket.destroy());
        return;
      }
      let size = 0;
      incoming.on('data', (chunk: Buffer) => (size += chunk.length));
      incoming.on('end', () => {
        received.push(size);
        response.end();
      });
    });
    const body = streamOf(randomBytes(8_000_000));
    assert.equal((await transport().fetch(request('PUT', host, body), 100, silentJob())).status, 200);
    assert.deepEqual(received, [8_000_000]);
    assert.equal(body.opened, 2);
  });

  it('takes an answer that comes before the body is through, and lets go of the stream', async () => {
    const host = await server((_, response) => response.writeHead(401).end('who are you?'));
    let closed = 0;
    const endless: StreamedBody = {
      length: 1e12,
      open: () =>
        Readable.from(
          (function* () {
            try {
              for (;;) yield Buffer.alloc(65536);
            } finally {
              closed += 1;
            }
          })(),
        ),
    };
    const answer = await transport().fetch(request('PUT', host, endless), 100, silentJob());
    assert.equal(answer.status, 401);
    for (let turns = 0; closed === 0 && turns < 100; turns++) await new Promise((go) => setTimeout(go, 10));
    assert.equal(closed, 1);
  });

  it('does not send elsewhere what changes something', async () => {
    const { host } = await taker(() => 307);
    assert.equal((await transport().fetch(request('PUT', host, 'x'), 100, silentJob())).status, 307);
  });

  it('says as it is what goes wrong in the body itself, and does not try again', async () => {
    const { host, taken } = await taker(() => 200);
    const over = transport();
    const failing: StreamedBody = {
      length: 10,
      open: () =>
        new Readable({
          read() {
            this.destroy(new RangeError('the disk is gone'));
          },
        }),
    };
    await assert.rejects(
      over.fetch(request('PUT', host, failing), 100, silentJob()),
      /^RangeError: the disk/,
    );
    for (const length of [content.length - 1, content.length + 1]) {
      const body = streamOf(content, length);
      await assert.rejects(
        over.fetch(request('PUT', host, body), 100, silentJob()),
        /a body of \d+ bytes has/,
      );
      assert.equal(body.opened, 1);
    }
    assert.deepEqual(taken, []);
  });

  it('does not wait for ever for a host that takes nothing', async () => {
    const host = await server((incoming) => void incoming.pause());
    const over = transport({ timeouts: { body: 100 } });
    const body = Buffer.alloc(64 * 1024 * 1024);
    await assert.rejects(
      over.fetch(request('PUT', host, body), 100, silentJob()),
      problem(/took the request and then was silent/),
    );
  });

  it('can be stopped while it sends', async () => {
    const stop = new AbortController();
    const host = await server((incoming) => {
      incoming.once('data', () => stop.abort(new Error('stopped by the user')));
    });
    const job = { ...silentJob(), signal: stop.signal };
    const body = streamOf(Buffer.alloc(8_000_000));
    await assert.rejects(transport().fetch(request('PATCH', host, body), 100, job), /stopped by the user/);
  });

  it("gives advice in its caller's words, and trusts only the hosts that it is told", async () => {
    const { host } = await taker(() => 200);
    const port = host.split(':')[1] ?? '';
    const named = `shelf.invalid:${port}`;
    const over = transport();
    await assert.rejects(
      over.fetch({ ...request('GET', named, undefined) }, 100, silentJob()),
      problem(/no host of the name .*Check the shelf's name/),
    );
    assert.equal(over.mayBePlain(new URL(`https://${named}/`)), false);
    assert.equal(transport({ insecureHosts: [named] }).mayBePlain(new URL(`https://${named}/`)), true);
  });

  it('keeps its connection, and waits for nothing, when the answer comes before the end of a body was noticed', async () => {
    const { host, taken } = await taker(() => 200);
    const transport = createTransport({
      environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
      remedies,
    });
    open.push(() => transport.close());
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
    const before = timers();
    for (let at = 0; at < 5; at++) {
      const body: StreamedBody = {
        length: 4,
        open: () =>
          Readable.from(
            (async function* () {
              yield Buffer.from('body');
              await new Promise((resolve) => setTimeout(resolve, 20));
            })(),
          ),
      };
      const url = new URL(`http://${host}/x`);
      const answer = await transport.send({ method: 'PUT', url, headers: {}, body, doing: 'x' }, silentJob());
      await discard(answer);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    assert.equal(taken.length, 5);
    assert.ok(timers() <= before + 1, `${timers()} timers, ${before} before`);
  });
});
