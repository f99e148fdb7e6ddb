import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentJob, type Job } from '../../../src/core/job';
import { headerOf } from '../../../src/core/net/message';
import { proxyFor } from '../../../src/core/net/proxy';
import { parseRetryAfter, pauseAfter } from '../../../src/core/net/retry';
import {
  createRegistryTransport,
  type RegistryTransportOptions,
} from '../../../src/core/image/registry/registry-transport';
import type { Transport } from '../../../src/core/net/transport';
import { Problem } from '../../../src/core/problem';
import { serve, type TestServer } from '../image/http-server';

const environment = (env: Record<string, string> = {}) => ({
  env,
  homeDirectory: '/nowhere',
  platform: process.platform,
});
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.message);

describe('createTransport', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const server = async (answer: Parameters<typeof serve>[0]) => {
    const started = await serve(answer);
    open.push(started);
    return started;
  };
  /** One that answers the first bytes of a connection with whatever it likes. */
  const rawServer = async (answer: (socket: Socket, head: string) => void): Promise<string> => {
    const sockets = new Set<Socket>();
    const started = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (head) => answer(socket, head.toString('latin1')));
    }).listen(0, '127.0.0.1');
    await once(started, 'listening');
    open.push({
      close: async () => {
        sockets.forEach((socket) => socket.destroy());
        started.close();
        await once(started, 'close');
      },
    });
    return `127.0.0.1:${(started.address() as AddressInfo).port}`;
  };
  const transport = (options: Partial<RegistryTransportOptions> = {}) => {
    const created = createRegistryTransport({
      environment: environment(),
      retry: { attempts: 3, firstPauseMs: 1, longestPauseMs: 5_000, ...options.retry },
      ...options,
    });
    open.push(created);
    return created;
  };
  const get = (
    over: Transport,
    url: string,
    { headers = {}, job = silentJob() }: { headers?: Record<string, string>; job?: Job } = {},
  ) => over.send({ method: 'GET', url: new URL(url), headers, doing: 'asking' }, job);

  it('asks this machine without TLS when it does not speak it, and remembers that', async () => {
    const { host, requests } = await server((request, response) =>
      response.end(request.headers['user-agent']),
    );
    const over = transport();
    for (const path of ['first', 'second']) {
      const answer = await get(over, `https://${host}/${path}`);
      assert.equal(await text(answer.body), 'pantavisor-checkouts');
      assert.equal(answer.url.href, `http://${host}/${path}`);
    }
    assert.deepEqual(requests, ['GET /first', 'GET /second']);
  });

  it('does not take for a plain server what answers 400 to plain HTTP, as TLS servers do', async () => {
    const { host, requests } = await server((_, response) =>
      response.writeHead(requests.length === 1 ? 400 : 200).end(),
    );
    const over = transport();
    await assert.rejects(get(over, `https://${host}/first`), problem(/does not speak TLS/));
    assert.equal((await get(over, `https://${host}/second`)).status, 200);
    assert.deepEqual(requests, ['GET /first', 'GET /second']);
  });

  it('tries again when the server is overloaded', async () => {
    const states = [429, 408, 499, 500, 502, 503, 504, 522, 200];
    const { host, requests } = await server((_, response) =>
      response.writeHead(states.shift() ?? 400).end('done'),
    );
    const retry = { attempts: 9, firstPauseMs: 1, longestPauseMs: 1 };
    const answer = await get(transport({ retry }), `http://${host}/`);
    assert.equal(answer.status, 200);
    assert.equal(await text(answer.body), 'done');
    assert.equal(requests.length, 9);
  });

  it('waits as long as the server asks, and says so', async () => {
    const states = [429, 200];
    const { host } = await server((_, response) =>
      response.writeHead(states.shift() ?? 400, { 'retry-after': '2' }).end(),
    );
    const warnings: string[] = [];
    const before = performance.now();
    const job = { ...silentJob(), warn: (message: string) => void warnings.push(message) };
    assert.equal((await get(transport(), `http://${host}/`, { job })).status, 200);
    assert.ok(performance.now() - before >= 1_990);
    assert.deepEqual(warnings, [`${host} answers 429 (too many requests); trying again in 2 s.`]);
  });

  it('can be stopped while it waits', async () => {
    const { host, requests } = await server((_, response) =>
      response.writeHead(503, { 'retry-after': '5' }).end(),
    );
    const stop = new AbortController();
    const job = {
      ...silentJob(),
      signal: stop.signal,
      warn: () => stop.abort(new Error('stopped by the user')),
    };
    await assert.rejects(get(transport(), `http://${host}/`, { job }), /stopped by the user/);
    assert.equal(requests.length, 1);
  });

  it('does not wait when the server asks for too long a pause, and gives up at last', async () => {
    const { host, requests } = await server((request, response) =>
      response.writeHead(503, request.url === '/long' ? { 'retry-after': '3600' } : {}).end(),
    );
    assert.equal((await get(transport(), `http://${host}/long`)).status, 503);
    assert.equal(requests.length, 1);
    assert.equal((await get(transport(), `http://${host}/`)).status, 503);
    assert.equal(requests.length, 4);
  });

  it('does not repeat what an answer settles', async () => {
    const { host, requests } = await server((_, response) => response.writeHead(501).end());
    assert.equal((await get(transport(), `http://${host}/`)).status, 501);
    assert.equal(requests.length, 1);
  });

  it('tries again when the connection breaks', async () => {
    let breaks = 2;
    const { host } = await server((request, response) => {
      if (breaks > 0) {
        breaks -= 1;
        request.socket.destroy();
      } else response.end('at last');
    });
    assert.equal(await text((await get(transport(), `http://${host}/`)).body), 'at last');
    breaks = 3;
    await assert.rejects(
      get(transport(), `http://${host}/`),
      problem(/the connection to 127\.0\.0\.1:\d+ broke/),
    );
  });

  it('follows redirects, and shows its authorization only to the host that it is for', async () => {
    const seen: string[] = [];
    const storage = await server((request, response) => {
      seen.push(`storage ${request.url ?? ''} ${request.headers.authorization ?? 'nothing'}`);
      if (request.url === '/back') response.writeHead(302, { location: `http://${registry.host}/end` }).end();
      else response.end('blob');
    });
    const registry: TestServer = await server((request, response) => {
      seen.push(`registry ${request.url ?? ''} ${request.headers.authorization ?? 'nothing'}`);
      if (request.url === '/start') response.writeHead(307, { location: '/next' }).end('moved');
      else if (request.url === '/next')
        response.writeHead(301, { location: `http://${storage.host}/back` }).end();
      else response.end('end');
    });
    const answer = await get(transport(), `http://${registry.host}/start`, {
      headers: { authorization: 'Basic secret' },
    });
    assert.equal(await text(answer.body), 'end');
    assert.equal(answer.url.pathname, '/end');
    assert.deepEqual(seen, [
      'registry /start Basic secret',
      'registry /next Basic secret',
      'storage /back nothing',
      'registry /end nothing',
    ]);
  });

  it('ends a chain of redirects, and refuses those that lead nowhere', async () => {
    const { host, requests } = await server((request, response) =>
      response.writeHead(302, { location: request.url === '/loop' ? '/loop' : 'file:///etc/passwd' }).end(),
    );
    await assert.rejects(get(transport(), `http://${host}/loop`), problem(/redirects more than 10 times/));
    assert.equal(requests.length, 11);
    await assert.rejects(get(transport(), `http://${host}/`), problem(/no web address/));
  });

  it('does not wait for ever for a silent server', async () => {
    const { host, requests } = await server((request, response) => {
      if (request.url === '/half') response.write('half an ans');
    });
    const over = transport({ timeouts: { headers: 100, body: 100 } });
    await assert.rejects(get(over, `http://${host}/`), problem(/took the request and then was silent/));
    assert.equal(requests.length, 1);
    const answer = await get(over, `http://${host}/half`);
    await assert.rejects(text(answer.body), { code: 'SILENT' });
  });

  it('gives up a body that comes too slowly, and says how slowly', async () => {
    const { host } = await server((_, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const slowest = { bytesPerSecond: 1_000_000, during: 50 };
    const over = transport({ timeouts: { slowest } });
    const outgoing = {
      method: 'GET',
      url: new URL(`http://${host}/`),
      headers: {},
      doing: 'asking',
    } as const;
    await assert.rejects(
      over.fetch(outgoing, 1_000_000, silentJob()),
      problem(/^asking: 127\.0\.0\.1:\d+ sends too slowly \(\d+ bytes\/s over \d+ s\)\. Check the network/),
    );
  });

  it('does not take for slow or silent a host whose reader is', async () => {
    const { host } = await server((_, response) => response.end(Buffer.alloc(1_000_000)));
    const limits = { body: 50, slowest: { bytesPerSecond: 1_000, during: 50 } };
    const { body } = await get(transport({ timeouts: limits }), `http://${host}/`);
    let received = 0;
    for await (const chunk of body) {
      received += chunk.length;
      await delay(10);
    }
    assert.equal(received, 1_000_000);
  });

  it('gets all of a body that ends with its connection while its reader is behind', async () => {
    const content = randomBytes(192 * 1024);
    const endings = {
      'with its length': [`Content-Length: ${content.length}`, content],
      'in chunks': [
        'Transfer-Encoding: chunked',
        Buffer.concat([
          Buffer.from(`${content.length.toString(16)}\r\n`),
          content,
          Buffer.from('\r\n0\r\n\r\n'),
        ]),
      ],
      'without its length': ['X-Length: unknown', content],
    } as const;
    for (const [how, [header, bytes]] of Object.entries(endings)) {
      const host = await rawServer((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${header}\r\nConnection: close\r\n\r\n`);
        socket.end(bytes);
      });
      const over = transport();
      const pull = async () => {
        const { body } = await get(over, `http://${host}/`);
        const pieces: Buffer[] = [];
        for await (const piece of body) {
          pieces.push(piece);
          await delay(2);
        }
        assert.ok(Buffer.concat(pieces).equals(content), how);
      };
      for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 6 }, pull));
    }
  });

  it('says that an answer is no HTTP', async () => {
    const host = await rawServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
    await assert.rejects(get(transport(), `http://${host}/`), problem(/is no HTTP that can be understood/));
  });

  it('says what both ways to ask this machine came to', async () => {
    const plain = await rawServer((socket, head) => {
      if (head.startsWith('GET')) socket.resetAndDestroy();
      else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    await assert.rejects(
      get(transport({ retry: { attempts: 1 } }), `https://${plain}/`),
      problem(
        new RegExp(
          `^asking: ${plain} does not speak TLS; over plain HTTP, the connection to ${plain} broke .*\\. Try again later\\.$`,
        ),
      ),
    );
    const hanging = await rawServer(() => undefined);
    await assert.rejects(
      get(transport({ timeouts: { connect: 50, headers: 50 } }), `https://${hanging}/`),
      problem(/over TLS, .* did not take the connection in time; over plain HTTP, .* was silent/),
    );
  });

  it('asks a host without TLS only when it is named as one that may do without, through a proxy, too', async () => {
    const { host } = await server((_, response) => response.end('plain'));
    const targets: string[] = [];
    const proxy = createHttpServer().on('connect', ({ url = '' }, client: Socket) => {
      targets.push(url);
      const registry = connect(Number(host.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(registry).pipe(client);
      });
      client.on('error', () => registry.destroy());
      registry.on('error', () => client.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    open.push({ close: () => new Promise((closed) => proxy.close(() => closed())) });
    const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const proxies = { HTTP_PROXY: `http://${address}`, HTTPS_PROXY: address };
    const through = (env: Record<string, string>) =>
      get(transport({ environment: environment({ ...proxies, ...env }) }), 'https://registry.invalid:5000/');
    await assert.rejects(
      through({ PVX_INSECURE_REGISTRIES: 'other.invalid' }),
      problem(/registry\.invalid:5000 does not speak TLS.* name it in PVX_INSECURE_REGISTRIES\.$/),
    );
    assert.deepEqual(targets.splice(0), ['registry.invalid:5000']);
    const answer = await through({ PVX_INSECURE_REGISTRIES: 'other.invalid, registry.invalid:5000' });
    assert.equal(await text(answer.body), 'plain');
    assert.deepEqual(targets, ['registry.invalid:5000', 'registry.invalid:5000']);
  });

  it('can be stopped while it waits for an answer', async () => {
    const stop = new AbortController();
    const { host } = await server(() => stop.abort(new Error('stopped by the user')));
    const job = { ...silentJob(), signal: stop.signal };
    await assert.rejects(get(transport(), `http://${host}/`, { job }), /stopped by the user/);
  });

  it('says what keeps it from connecting', async () => {
    const gone = await serve(() => undefined);
    await gone.close();
    await assert.rejects(get(transport(), `https://${gone.host}/`), problem(/refused the connection/));
    await assert.rejects(
      get(transport({ retry: { attempts: 1 } }), 'https://registry.invalid/'),
      problem(/no host of the name registry\.invalid/),
    );
  });

  it('goes through a proxy with a name and a password, and shows the password to nobody else', async () => {
    const connects: string[] = [];
    const proxy = createServer((socket: Socket) => {
      socket.once('data', (head) => {
        connects.push(head.toString('latin1'));
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      });
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    open.push({ close: () => new Promise((closed) => proxy.close(() => closed())) });
    const address = proxy.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const over = transport({
      environment: environment({ HTTPS_PROXY: `http://me:hunter2@127.0.0.1:${port}` }),
    });
    await assert.rejects(
      get(over, 'https://registry.invalid/v2/'),
      (error) =>
        error instanceof Problem &&
        error.found.includes(`the proxy did not let the connection to registry.invalid through`) &&
        error.found.includes(`127.0.0.1:${port}`) &&
        !error.message.includes('hunter2'),
    );
    assert.match(connects[0] ?? '', /^CONNECT registry\.invalid:443 /);
    assert.match(connects[0] ?? '', new RegExp(`Basic ${Buffer.from('me:hunter2').toString('base64')}`));
  });

  it('reads a header that came twice', async () => {
    const { host } = await server((_, response) => response.setHeader('x-twice', ['a', 'b']).end());
    assert.equal(headerOf(await get(transport(), `http://${host}/`), 'x-twice'), 'a');
  });
});

describe('proxyFor', () => {
  const proxy = (url: string, env: Record<string, string>) => proxyFor(new URL(url), environment(env))?.href;

  it('goes by the scheme of the address', () => {
    const env = { HTTP_PROXY: 'http://plain:1', https_proxy: 'secure:2' };
    assert.equal(proxy('http://a.example/', env), 'http://plain:1/');
    assert.equal(proxy('https://a.example/', env), 'http://secure:2/');
    assert.equal(proxy('https://a.example/', { HTTP_PROXY: 'http://plain:1' }), undefined);
    assert.equal(proxy('https://a.example/', { HTTPS_PROXY: '', https_proxy: '' }), undefined);
  });

  it('is never used for this machine itself', () => {
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '[::1]']) {
      assert.equal(proxy(`https://${host}:5000/`, { HTTPS_PROXY: 'http://p:1' }), undefined);
    }
  });

  const exceptions: readonly [entry: string, url: string, excepted: boolean][] = [
    ['*', 'https://a.example/', true],
    ['a.example', 'https://a.example/', true],
    ['A.Example', 'https://b.a.example/', true],
    ['a.example', 'https://ba.example/', false],
    ['.a.example', 'https://b.a.example/', true],
    ['.a.example', 'https://a.example/', false],
    ['*.a.example', 'https://b.a.example/', true],
    ['x.example, a.example', 'https://a.example/', true],
    ['a.example:5000', 'https://a.example:5000/', true],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:5000', 'https://a.example/', false],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['1.2.3', 'https://10.1.2.3/', false],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['fd00::/8', 'https://[fd00::1]:5000/', true],
    ['[fd00::1]:5000', 'https://[fd00::1]:5000/', true],
    ['fd00::1', 'https://[fd00::1]/', true],
    ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ];
  for (const [entry, url, excepted] of exceptions) {
    it(`is ${excepted ? 'not ' : ''}used for ${url} with NO_PROXY=${entry}`, () => {
      const expected = excepted ? undefined : 'http://p:1/';
      assert.equal(proxy(url, { HTTPS_PROXY: 'http://p:1', NO_PROXY: entry }), expected);
    });
  }

  it('must speak HTTP', () => {
    assert.throws(
      () => proxy('https://a.example/', { HTTPS_PROXY: 'socks5://me:hunter2@p:1' }),
      (error) =>
        problem(/HTTPS_PROXY names a proxy that speaks socks5/)(error) && !String(error).includes('hunter2'),
    );
  });

  it('must be a URL; the message does not repeat it', () => {
    assert.throws(
      () => proxy('https://a.example/', { HTTPS_PROXY: 'http://me:hunter2@' }),
      (error) =>
        error instanceof Problem && error.found.includes('HTTPS_PROXY') && !error.message.includes('hunter2'),
    );
  });
});

describe('a pause', () => {
  const policy = { attempts: 5, firstPauseMs: 1_000, longestPauseMs: 60_000 };

  it('doubles from one attempt to the next, with some chance in it, up to a limit', () => {
    for (const [attempt, ceiling] of [
      [1, 1_000],
      [2, 2_000],
      [4, 8_000],
    ] as const) {
      const wait = pauseAfter(attempt, policy, undefined) ?? 0;
      assert.ok(wait >= ceiling / 2 && wait <= ceiling, `${attempt}: ${wait}`);
    }
    assert.equal(pauseAfter(5, policy, undefined), undefined);
    assert.ok((pauseAfter(20, { ...policy, attempts: 99 }, undefined) ?? Infinity) <= 60_000);
  });

  it('is at least what the server asks for', () => {
    const now = Date.parse('2024-05-01T12:00:00Z');
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter('Wed, 01 May 2024 12:00:30 GMT', now), 30_000);
    assert.equal(parseRetryAfter('Wed, 01 May 2024 11:00:00 GMT', now), 0);
    assert.equal(parseRetryAfter('soon', now), undefined);
    assert.equal(parseRetryAfter(undefined, now), undefined);
    assert.equal(pauseAfter(1, policy, '30'), 30_000);
    assert.equal(pauseAfter(1, policy, '61'), undefined);
  });
});
