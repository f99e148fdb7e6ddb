import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HubAnswer, type HubRequest, indented, notFound, plain, refusal } from './answer';
import { logIn, PageLogins } from './auth';
import { answerDevices, register } from './devices';
import { type Cursor, answerLogs } from './logs';
import { answerObjects, answerStorage } from './objects';
import { anonymous, type Caller, type Claims, SignedUrls, Tokens } from './tokens';
import { answerTrails } from './trails';
import { emptyWorld, type World } from './world';

/** What goes wrong with requests, for as often as is said. */
export interface Fault {
  readonly matches: (method: string, path: string) => boolean;
  /**
   * `cut`: the connection ends before anything is done. `lost`: it is done, and the answer never comes. `half`: half of the
   * answer's body comes. A number: a status in place of the answer.
   */
  readonly what: 'cut' | 'lost' | 'half' | 'slow' | number;
  /** How often; always where it isn't said. */
  times?: number;
  /** Seconds, for a status. */
  readonly retryAfter?: number;
  /** Milliseconds that `slow` takes. */
  readonly delay?: number;
}

export interface HubOptions {
  /** Seconds that tokens live. */
  readonly tokenLife?: number;
  /** Milliseconds of a way there and back: before each answer, and once more on a new connection, whose handshake takes one, too. */
  readonly latency?: number;
}

/** A Pantahub for tests, on this machine: what the real one answers, seen in recordings, with what it knows in memory. */
export interface Hub extends AsyncDisposable {
  readonly url: string;
  readonly world: World;
  readonly tokens: Tokens;
  readonly faults: Fault[];
  /** `POST /auth/login`, in their order; signed URLs as `PUT /local-s3/…`. */
  readonly requests: string[];
  /** Bytes of all bodies that came. */
  readonly traffic: { received: number };
  /** How many requests of a kind are answered at once, at most. */
  readonly busiest: { uploads: number; downloads: number; logins: number };
}

export async function startHub({ tokenLife = 3600, latency = 0 }: HubOptions = {}): Promise<Hub> {
  const world = emptyWorld();
  const tokens = new Tokens(tokenLife);
  const faults: Fault[] = [];
  const requests: string[] = [];
  const traffic = { received: 0 };
  const busiest = { uploads: 0, downloads: 0, logins: 0 };
  const running = { uploads: 0, downloads: 0, logins: 0 };
  const pages = new PageLogins(world, tokens);
  const cursors = new Map<string, Cursor>();
  /** Connections that have had a request. */
  const met = new WeakSet<Socket>();
  const server = createServer(
    (message, response) => void serve(message, response).catch(() => message.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const urls = new SignedUrls(() => url);

  function challenge(request: HubRequest): HubAnswer {
    const isTrail = request.path.startsWith('/trails/');
    const body =
      request.path === '/auth/auth_status'
        ? '{\n  "Error": "Not Authorized"\n}'
        : '{"Error":"Not Authorized"}';
    return {
      status: 401,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'www-authenticate': `JWT realm="pantahub services", ph-aeps="${url}/auth"`,
        ...(isTrail && { phjsonformat: 'gibson042-canonicaljson' }),
      },
      body,
    };
  }

  function answer(request: HubRequest): HubAnswer {
    const { method, path } = request;
    if (path.startsWith('/local-s3/')) return answerStorage(world, urls, request);
    if (path === '/auth/login' && method === 'POST') return logIn(world, tokens, request);
    if (path === '/auth/oauth/authorize') return pages.authorize(request);
    if (path === '/auth/oauth/token' && method === 'POST') return pages.token(request);
    if (path === '/devices')
      return {
        status: 307,
        headers: { location: '/devices/', 'content-type': 'text/html; charset=utf-8' },
        body: '<a href="/devices/">Temporary Redirect</a>.\n\n',
      };
    const claims = claimsOf(request, tokens);
    if (path === '/devices/' && method === 'POST' && claims === undefined)
      return register(world, request, '');
    const [, user, nick, last] = /^\/([^/]+)\/([^/]+)\/(\.pvrremote)$/.exec(path) ?? [];
    const isRepository = last !== undefined && user !== 'trails';
    const isServed = /^\/(?:auth|devices|trails|objects|logs|dash)(?:\/|$)/.test(path) || isRepository;
    if (!isServed) return notFound();
    if (isRepository && !known(user, nick)) return refusal(404);
    if (claims === undefined) return challenge(request);
    const owned = { ...request, caller: callerOf(claims) };
    const owner = owned.caller.owner ?? owned.caller.prn;
    if (isRepository) {
      // What the web site does for pvr.
      const device = known(user, nick);
      return answerTrails(world, urls, url, { ...owned, path: `/trails/${device?.id ?? ''}/.pvrremote` });
    }
    if (path === '/auth/login') return indented({ token: tokens.refreshed(claims) });
    if (path === '/auth/auth_status') return indented(claims);
    if (path === '/auth/code') return pages.code(owned);
    if (path.startsWith('/devices/')) return answerDevices(world, owned);
    if (path.startsWith('/trails/')) return answerTrails(world, urls, url, owned);
    if (path.startsWith('/objects/')) return answerObjects(world, urls, owner, request);
    if (path.startsWith('/logs/')) return answerLogs(world, cursors, owned);
    if (path.startsWith('/dash/')) return dashboard(world, owned.caller);
    return notFound();
  }

  function known(user: string | undefined, nick: string | undefined) {
    const account = world.accounts.get(user ?? '');
    return [...world.devices.values()].find(
      (device) => device.owner === account?.prn && device.nick === nick,
    );
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(message.url ?? '/', url);
    const method = message.method ?? 'GET';
    requests.push(`${method} ${asked.pathname.replace(/^(\/local-s3\/).*/, '$1…')}`);
    const kind = kindOf(method, asked.pathname);
    if (kind !== undefined) {
      running[kind] += 1;
      busiest[kind] = Math.max(busiest[kind], running[kind]);
      response.once('close', () => (running[kind] -= 1));
    }
    const fault = faults.find((one) => one.times !== 0 && one.matches(method, asked.pathname));
    if (fault?.times !== undefined) fault.times -= 1;
    if (fault?.what === 'cut') return void message.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk as Buffer);
      traffic.received += (chunk as Buffer).length;
    }
    const [, trail = ''] = /^\/trails\/([^/]+)\/steps$/.exec(asked.pathname) ?? [];
    const nextRevision = method === 'POST' ? world.trails.get(trail)?.steps.length : undefined;
    const wait = latency + (met.has(message.socket) ? 0 : latency);
    met.add(message.socket);
    await sleep(nextRevision === undefined ? wait : wait + 20);
    if (fault?.what === 'slow') await sleep(fault.delay ?? 1000);
    const request = {
      ...{ method, path: decodeURIComponent(asked.pathname), query: asked.searchParams },
      ...{ headers: message.headers, body: Buffer.concat(chunks), nextRevision },
    };
    const wrong = typeof fault?.what === 'number' ? refusal(fault.what) : undefined;
    const { status, headers, body } = wrong ?? answer(request);
    // A message that has been read leaves its connection alone.
    if (fault?.what === 'lost') return void message.socket.destroy();
    const retryAfter =
      wrong === undefined || fault?.retryAfter === undefined
        ? {}
        : { 'retry-after': String(fault.retryAfter) };
    response.writeHead(status, { ...headers, ...retryAfter, 'content-length': Buffer.byteLength(body) });
    if (fault?.what !== 'half') return void response.end(method === 'HEAD' ? '' : body);
    const bytes = Buffer.from(body);
    response.write(bytes.subarray(0, bytes.length >> 1), () => message.socket.destroy());
  }

  return {
    ...{ url, world, tokens, faults, requests, traffic, busiest },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function kindOf(method: string, path: string): 'uploads' | 'downloads' | 'logins' | undefined {
  if (path.startsWith('/local-s3/')) return method === 'PUT' ? 'uploads' : 'downloads';
  return path === '/auth/login' ? 'logins' : undefined;
}

function claimsOf({ headers }: HubRequest, tokens: Tokens): Claims | undefined {
  const [, token] = /^Bearer (.+)$/.exec(String(headers['authorization'])) ?? [];
  return token === undefined ? undefined : tokens.read(token);
}

function callerOf({ prn, nick, type, owner }: Claims): Caller {
  return { prn, nick, type, owner, isAnonymous: prn === anonymous };
}

function dashboard(world: World, { prn, nick }: Caller): HubAnswer {
  const own = [...world.objects.values()].filter(
    (object) => object.owner === prn && object.content !== undefined,
  );
  const gibibytes = (bytes: number) => bytes / 1024 ** 3;
  const actual = gibibytes(own.reduce((sum, { size }) => sum + size, 0));
  const quota = (Name: string, Actual: number, Max: number, Unit: string) => ({ Name, Actual, Max, Unit });
  const devices = [...world.devices.values()].filter((device) => device.owner === prn);
  return plain({
    ...{ prn, nick },
    subscription: {
      'plan-id': 'FREE',
      billing: { Type: 'Monthly', AmountDue: 0, Currency: 'USD', VatRegion: 'World' },
      'quota-stats': {
        BANDWIDTH: quota('BANDWIDTH', 0, 2, 'GiB'),
        DEVICES: quota('DEVICES', devices.length, 25, 'Piece'),
        OBJECTS: quota('OBJECTS', actual, gibibytes(world.quota), 'GiB'),
      },
    },
    'top-devices': devices.map((device) => ({
      ...{ 'device-id': device.id, nick: device.nick, prn: device.prn, type: 'INFO', status: 'DONE' },
      ...{
        message: 'Device changed at 0001-01-01 00:00:00 +0000 UTC',
        'last-activity': '0001-01-01T00:00:00Z',
      },
    })),
  });
}
