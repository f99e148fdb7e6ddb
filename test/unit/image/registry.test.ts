import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, it, mock } from 'node:test';
import type { Credentials, CredentialSource } from '../../../src/core/image/credentials';
import { digestOf, type Digest } from '../../../src/core/image/digest';
import { mediaTypes } from '../../../src/core/image/media-type';
import { parseReference, withDigest } from '../../../src/core/image/reference';
import { createRegistryClient, type RegistryClient } from '../../../src/core/image/registry';
import { silentJob } from '../../../src/core/job';
import { Secret } from '../../../src/core/net/secret';
import { checkLogin } from '../../../src/core/image/registry/check-login';
import { createRegistryTransport } from '../../../src/core/image/registry/registry-transport';
import { Problem } from '../../../src/core/problem';
import { serve, type TestServer } from './http-server';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const manifest = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }),
);
const basic: Credentials = { kind: 'basic', username: 'user', password: new Secret('hunter2') };
const basicHeader = `Basic ${Buffer.from('user:hunter2').toString('base64')}`;
const problem = (found: RegExp) => (error: unknown) =>
  error instanceof Problem && found.test(error.message) && !error.message.includes('hunter2');

describe('createRegistryClient', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    mock.timers.reset();
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const server = async (handler: Handler): Promise<TestServer> => {
    const started = await serve(handler);
    open.push(started);
    return started;
  };
  const client = (credentials?: Credentials, ...stored: CredentialSource[]): RegistryClient => {
    const transport = createRegistryTransport({
      environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
      retry: { attempts: 3, firstPauseMs: 1 },
      timeouts: { headers: 2_000, body: 200 },
    });
    open.push(transport);
    const named: CredentialSource = ({ isNamed }) => Promise.resolve(isNamed ? credentials : undefined);
    return createRegistryClient(transport, [named, ...stored]);
  };
  const job = silentJob();

  describe('reading a manifest', () => {
    it('asks for every kind at once, by tag, and tells its digest', async () => {
      const { host, requests } = await server((request, response) => {
        // A line each: some registries read no commas.
        const accepted = request.rawHeaders.filter((_, at, all) => all[at - 1]?.toLowerCase() === 'accept');
        assert.deepEqual(accepted, [
          mediaTypes.ociIndex,
          mediaTypes.dockerManifestList,
          mediaTypes.ociManifest,
          mediaTypes.dockerManifest,
        ]);
        response.end(manifest);
      });
      assert.deepEqual(await client().getManifest(parseReference(`${host}/team/app:v1`), job), {
        digest: digestOf(manifest),
        bytes: manifest,
      });
      assert.deepEqual(requests, ['GET /v2/team/app/manifests/v1']);
    });

    it('asks by digest when there is one, and refuses other content', async () => {
      const { host, requests } = await server((_, response) => response.end(manifest));
      const reference = parseReference(`${host}/app:v1`);
      const digest = digestOf(manifest, 'sha512');
      assert.equal((await client().getManifest(withDigest(reference, digest), job)).digest, digest);
      assert.deepEqual(requests, [`GET /v2/app/manifests/${digest}`]);
      await assert.rejects(
        client().getManifest(withDigest(reference, digestOf(Buffer.from('another'))), job),
        problem(/has the digest .* instead of/),
      );
    });

    it('refuses content that is not what the registry itself says', async () => {
      const { host } = await server((_, response) =>
        response.setHeader('docker-content-digest', digestOf(Buffer.from('another'))).end(manifest),
      );
      await assert.rejects(client().getManifest(parseReference(`${host}/app`), job), problem(/instead of/));
    });

    it('asks again when the connection breaks in it', async () => {
      let first = true;
      const { host, requests } = await server((request, response) => {
        response.writeHead(200, { 'content-length': manifest.length });
        if (first) response.write(manifest.subarray(0, 9), () => request.socket.destroy());
        else response.end(manifest);
        first = false;
      });
      const { bytes } = await client().getManifest(parseReference(`${host}/app`), job);
      assert.deepEqual(bytes, manifest);
      assert.equal(requests.length, 2);
    });

    it('refuses one without end', async () => {
      const { host } = await server((_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(256 * 1024)));
        };
        response.on('drain', more);
        more();
      });
      await assert.rejects(
        client().getManifest(parseReference(`${host}/app`), job),
        problem(/has more than 4194304 bytes/),
      );
    });
  });

  describe('asking for a digest', () => {
    it('reads no manifest', async () => {
      const { host, requests } = await server((_, response) =>
        response.setHeader('docker-content-digest', digestOf(manifest)).end(),
      );
      assert.equal(await client().headManifest(parseReference(`${host}/app`), job), digestOf(manifest));
      assert.deepEqual(requests, ['HEAD /v2/app/manifests/latest']);
    });

    for (const [what, status, header] of [
      ['tells none', 200, undefined],
      ['tells a senseless one', 200, 'sha256:..'],
      ['knows no HEAD', 405, undefined],
      ['says 403 to HEAD', 403, undefined],
      ['says 404 to HEAD', 404, undefined],
    ] as const) {
      it(`computes it when the registry ${what}`, async () => {
        const { host, requests } = await server((request, response) => {
          if (request.method === 'GET') response.end(manifest);
          else response.writeHead(status, header && { 'docker-content-digest': header }).end();
        });
        assert.equal(await client().headManifest(parseReference(`${host}/app`), job), digestOf(manifest));
        assert.deepEqual(requests, ['HEAD /v2/app/manifests/latest', 'GET /v2/app/manifests/latest']);
      });
    }
  });

  describe('answered with an error', () => {
    const answers: readonly [status: number, body: string, expected: RegExp][] = [
      [
        404,
        '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}',
        /does not have .*app:v1 \(404\): manifest unknown\. Check the name/,
      ],
      [
        403,
        '{"errors":[{"code":"DENIED"}]}',
        /does not let you read .*\(403\): DENIED\. .*docker login 127\.0\.0\.1/,
      ],
      [401, '', /does not let you read .*\(401\)\. .*docker login/],
      [
        429,
        '{"errors":[{"message":"pull rate limit"}]}',
        /one too many \(429\): pull rate limit\. Try again later/,
      ],
      [503, '<html>oops</html>', /answered 503\. Try again later/],
      [418, '{"error":"teapot","error_description":"short and stout"}', /answered 418: short and stout/],
    ];
    for (const [status, body, expected] of answers) {
      it(`says so (${status})`, async () => {
        const { host } = await server((_, response) => response.writeHead(status).end(body));
        await assert.rejects(client().getManifest(parseReference(`${host}/app:v1`), job), problem(expected));
      });

      it(`says so when asked for a digest, in GET's words if that may have others (${status})`, async () => {
        const { host, requests } = await server((_, response) => response.writeHead(status).end(body));
        const isFinal = [401, 429, 503].includes(status);
        await assert.rejects(
          client().headManifest(parseReference(`${host}/app:v1`), job),
          problem(isFinal ? new RegExp(`(does not|too many|answered).*${status}`) : expected),
        );
        assert.equal(
          requests.every((request) => request.startsWith('HEAD ')),
          isFinal,
        );
      });
    }

    it('repeats the message in one short line, without what may be secret', async () => {
      const message = `line\n\u001b[31mtwo Bearer hunter2 https://s3.example/x?sig=hunter2 eyJhbGciOi.hunter2 ${'x'.repeat(9_999)}`;
      const { host } = await server((_, response) =>
        response.writeHead(403).end(JSON.stringify({ errors: [{ message }] })),
      );
      await assert.rejects(
        client().getManifest(parseReference(`${host}/app`), job),
        (error) =>
          problem(/line \[31mtwo Bearer … https:\/\/s3\.example\/x\?… … x+…/)(error) &&
          error instanceof Error &&
          error.message.length < 700,
      );
    });
  });

  describe('asked who is there', () => {
    const challenge = (response: ServerResponse, value: string) =>
      response.writeHead(401, { 'www-authenticate': value }).end();

    it('logs in with Basic, and at once the next time', async () => {
      const { host, requests } = await server((request, response) => {
        if (request.headers.authorization === basicHeader) response.end(manifest);
        else challenge(response, 'Basic realm="x"');
      });
      const registry = client(basic);
      await registry.getManifest(parseReference(`${host}/app`), job);
      await registry.getManifest(parseReference(`${host}/app`), job);
      assert.equal(requests.length, 3);
    });

    it('asks anew once somebody has logged in or out', async () => {
      const { host, requests } = await server((request, response) => {
        if (request.headers.authorization === basicHeader) response.end(manifest);
        else challenge(response, 'Basic realm="x"');
      });
      let login: Credentials | undefined = basic;
      const registry = client(undefined, () => Promise.resolve(login));
      await registry.getManifest(parseReference(`${host}/app`), job);
      login = undefined;
      registry.forgetLogins();
      await assert.rejects(registry.getManifest(parseReference(`${host}/app`), job), problem(/docker login/));
      assert.equal(requests.length, 3);
    });

    it('does not ask again and again with a password that is wrong', async () => {
      const { host, requests } = await server((_, response) => challenge(response, 'Basic realm="x"'));
      await assert.rejects(
        client(basic).getManifest(parseReference(`${host}/app`), job),
        problem(/docker login/),
      );
      assert.equal(requests.length, 2);
    });

    it('shows no password to a storage server that asks for one', async () => {
      const storage = await server((request, response) => {
        assert.equal(request.headers.authorization, undefined);
        challenge(response, 'Basic realm="give it to me"');
      });
      const { host } = await server((request, response) => {
        if (request.headers.authorization !== basicHeader) challenge(response, 'Basic realm="x"');
        else response.writeHead(307, { location: `http://${storage.host}/blob` }).end();
      });
      await assert.rejects(client(basic).getManifest(parseReference(`${host}/app`), job), problem(/\(401\)/));
      assert.deepEqual(storage.requests, ['GET /blob']);
    });

    it('asks at /v2/ where strangers are told that there is nothing, once, and only with a login', async () => {
      const { host, requests } = await server((request, response) => {
        if (request.headers.authorization === basicHeader) response.end(manifest);
        else if (request.url === '/v2/') challenge(response, 'Basic realm="x"');
        else response.writeHead(404).end();
      });
      const reference = parseReference(`${host}/app`);
      const registry = client(basic);
      await registry.getManifest(reference, job);
      await registry.getManifest(reference, job);
      const get = 'GET /v2/app/manifests/latest';
      assert.deepEqual(requests, [get, 'GET /v2/', get, get]);
      await assert.rejects(client().getManifest(reference, job), problem(/\(404\)/));
      assert.deepEqual(requests.slice(4), [get]);
    });

    it('believes a 404 of a registry that lets everybody begin', async () => {
      const { host, requests } = await server((request, response) =>
        response.writeHead(request.url === '/v2/' ? 200 : 404).end(),
      );
      const registry = client(basic);
      for (let time = 0; time < 2; time += 1) {
        await assert.rejects(
          registry.getManifest(parseReference(`${host}/app`), job),
          problem(/does not have .*\(404\)/),
        );
      }
      assert.equal(requests.filter((request) => request === 'GET /v2/').length, 1);
    });

    it('shows a wrong password once, too, where /v2/ asks for it', async () => {
      let shown = 0;
      const { host } = await server((request, response) => {
        if (request.headers.authorization !== undefined) shown += 1;
        if (request.url === '/v2/' || request.headers.authorization !== undefined)
          challenge(response, 'Basic realm="x"');
        else response.writeHead(404).end();
      });
      await assert.rejects(client(basic).getManifest(parseReference(`${host}/app`), job), problem(/\(401\)/));
      assert.equal(shown, 1);
    });

    describe('by a registry behind a front door', () => {
      const other: Credentials = { kind: 'basic', username: 'other', password: new Secret('hunter2') };
      const otherHeader = `Basic ${Buffer.from('other:hunter2').toString('base64')}`;

      /** A front door that wants `login` and sends on to a registry that accepts `accepts` and asks with `challenge`. */
      const frontDoor = async (asks: (host: string) => string, accepts: string, login?: string) => {
        const seen: (string | undefined)[] = [];
        const behind: TestServer = await server((request, response) => {
          if (request.url?.startsWith('/token') === true) {
            assert.equal(request.headers.authorization, undefined);
            response.end('{"token":"anonymous"}');
            return;
          }
          seen.push(request.headers.authorization);
          if (request.headers.authorization === accepts) response.end(manifest);
          else challenge(response, asks(behind.host));
        });
        const front = await server((request, response) => {
          if (login !== undefined && request.headers.authorization !== login)
            challenge(response, 'Basic realm="x"');
          else response.writeHead(307, { location: `http://${behind.host}${request.url ?? ''}` }).end();
        });
        return { reference: parseReference(`${front.host}/team/app`), front, behind, seen };
      };
      const bearer = (host: string) => `Bearer realm="http://${host}/token",service="s"`;
      const basicChallenge = () => 'Basic realm="x"';

      it('gets a token without a login, and keeps it, whatever the front door was told', async () => {
        for (const login of [undefined, basicHeader]) {
          const { reference, behind, seen } = await frontDoor(bearer, 'Bearer anonymous', login);
          const registry = client(basic);
          await registry.getManifest(reference, job);
          await registry.getManifest(reference, job);
          assert.deepEqual(
            behind.requests.filter((request) => request.includes('/token')),
            ['GET /token?service=s&scope=repository%3Ateam%2Fapp%3Apull'],
          );
          assert.ok(!seen.includes(basicHeader));
        }
      });

      it('shows the login that is stored for that very host', async () => {
        const { reference, behind, seen } = await frontDoor(basicChallenge, otherHeader, basicHeader);
        const stored: CredentialSource = ({ host }) =>
          Promise.resolve(host === behind.host ? other : undefined);
        await client(basic, stored).getManifest(reference, job);
        assert.deepEqual(seen, [undefined, otherHeader]);
      });

      it('shows none where there is none for it', async () => {
        const { reference, seen } = await frontDoor(basicChallenge, otherHeader);
        await assert.rejects(client(basic).getManifest(reference, job), problem(/\(401\)/));
        assert.deepEqual(seen, [undefined]);
      });

      it('is not led around without end', async () => {
        const servers: TestServer[] = [];
        let count = 0;
        const answer: Handler = (request, response) => {
          count += 1;
          const next = servers[count % servers.length];
          if (request.url?.startsWith('/token') === true) response.end('{"token":"t"}');
          else if (count % 3 === 0) response.writeHead(307, { location: `http://${next?.host}/v2/x` }).end();
          else challenge(response, bearer(next?.host ?? ''));
        };
        for (let at = 0; at < 3; at += 1) servers.push(await server(answer));
        const [first] = servers;
        await assert.rejects(client(basic).getManifest(parseReference(`${first?.host}/app`), job), Problem);
        assert.ok(count < 50, `${count} requests`);
      });
    });

    /** A registry and its token server on another port; `grant` answers the token server's requests. */
    const withTokens = async (
      grant: (request: IncomingMessage, body: string) => object | number,
      accepts = (authorization: string) => authorization.startsWith('Bearer good'),
    ) => {
      const tokens = await server((request, response, body) => {
        const answer = grant(request, body);
        if (typeof answer === 'number') response.writeHead(answer).end();
        else response.end(JSON.stringify(answer));
      });
      const registry = await server((request, response) => {
        if (accepts(request.headers.authorization ?? '')) response.end(manifest);
        else {
          challenge(
            response,
            `Bearer realm="http://${tokens.host}/token?x=1",service="registry.example",scope="repository:app:pull"`,
          );
        }
      });
      return { tokens, registry, reference: parseReference(`${registry.host}/app`) };
    };

    it('gets a token without a login, and keeps it', async () => {
      const { tokens, reference } = await withTokens((request) => {
        assert.equal(request.headers.authorization, undefined);
        return { token: 'good', expires_in: 300 };
      });
      const registry = client();
      await registry.getManifest(reference, job);
      await registry.headManifest(reference, job);
      assert.deepEqual(tokens.requests, [
        'GET /token?x=1&service=registry.example&scope=repository%3Aapp%3Apull',
      ]);
    });

    it('gets a token with a password, which the registry itself never sees', async () => {
      const { tokens, reference } = await withTokens((request) => {
        assert.equal(request.headers.authorization, basicHeader);
        return { access_token: 'good', token: '' };
      });
      await client(basic).getManifest(reference, job);
      assert.match(tokens.requests[0] ?? '', /&account=user$/);
    });

    it('gets a token for an identity token (OAuth2)', async () => {
      const { tokens, reference } = await withTokens((_, body) => {
        assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
          grant_type: 'refresh_token',
          client_id: 'pantavisor-checkouts',
          service: 'registry.example',
          scope: 'repository:app:pull',
          refresh_token: 'refresh me',
        });
        return { access_token: 'good' };
      });
      await client({ kind: 'identity-token', token: new Secret('refresh me') }).getManifest(reference, job);
      assert.deepEqual(tokens.requests, ['POST /token?x=1']);
    });

    it('sends a registry token as it is', async () => {
      const { tokens, reference } = await withTokens(() => 500);
      await client({ kind: 'registry-token', token: new Secret('good') }).getManifest(reference, job);
      assert.deepEqual(tokens.requests, []);
    });

    it('gets a new token when the old one expires', async () => {
      let count = 0;
      const { tokens, reference } = await withTokens(() => ({
        token: `good${(count += 1)}`,
        expires_in: 300,
      }));
      const registry = client();
      mock.timers.enable({ apis: ['Date'], now: 0 });
      await registry.getManifest(reference, job);
      mock.timers.tick(280_000);
      await registry.getManifest(reference, job);
      assert.equal(tokens.requests.length, 1);
      mock.timers.tick(20_000);
      await registry.getManifest(reference, job);
      assert.equal(tokens.requests.length, 2);
    });

    it('gets a new token when the registry refuses the old one early', async () => {
      const seen: string[] = [];
      let current = 'good1';
      const { reference, tokens } = await withTokens(
        () => ({ token: current, expires_in: 300 }),
        (authorization) => {
          seen.push(authorization);
          return authorization === `Bearer ${current}`;
        },
      );
      const registry = client();
      await registry.getManifest(reference, job);
      current = 'good2';
      await registry.getManifest(reference, job);
      assert.deepEqual(seen, ['', 'Bearer good1', 'Bearer good1', 'Bearer good2']);
      assert.equal(tokens.requests.length, 2);
    });

    it('says who refused the login', async () => {
      const { reference } = await withTokens(() => 401);
      await assert.rejects(
        client(basic).getManifest(reference, job),
        problem(/refused the password of "user" \(401\)\. Log in with docker login/),
      );
      await assert.rejects(client().getManifest(reference, job), problem(/gives no token without a login/));
    });

    it('says what is wrong with a token server', async () => {
      const answers: (object | number)[] = [{ hello: 1 }, 500];
      const { reference } = await withTokens(() => answers.shift() ?? 500);
      await assert.rejects(client().getManifest(reference, job), problem(/the answer holds no token/));
      await assert.rejects(client().getManifest(reference, job), problem(/answered 500/));
      const { host } = await server((_, response) => challenge(response, 'Bearer realm="ftp://x/"'));
      await assert.rejects(
        client().getManifest(parseReference(`${host}/app`), job),
        problem(/no usable address/),
      );
    });

    it('sends no password without TLS to another machine', async () => {
      const { host } = await server((_, response) =>
        challenge(response, 'Bearer realm="http://tokens.invalid/token",service="x"'),
      );
      await assert.rejects(
        client(basic).getManifest(parseReference(`${host}/app`), job),
        problem(/credentials sent to tokens\.invalid without TLS/),
      );
    });
  });

  describe('downloading a blob', () => {
    const content = randomBytes(300_000);
    const blob = (bytes: Buffer = content, size = bytes.length) => ({
      mediaType: 'application/octet-stream',
      digest: digestOf(bytes),
      size,
    });
    const repository = ({ host }: TestServer) => parseReference(`${host}/app`);

    /** Sends `content` from where the client asks, and breaks the connection after so many bytes each time. */
    const breaking = (...lengths: number[]): Handler => {
      return (request, response) => {
        const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const length = lengths.shift();
        response.writeHead(start > 0 ? 206 : 200, {
          'content-length': content.length - start,
          ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
        });
        if (length === undefined) response.end(content.subarray(start));
        else response.write(content.subarray(start, start + length), () => request.socket.destroy());
      };
    };

    it('brings the bytes', async () => {
      const registry = await server((_, response) => response.end(content));
      assert.deepEqual(await buffer(client().openBlob(repository(registry), blob(), job)), content);
      assert.deepEqual(await client().getBlob(repository(registry), blob(), job), content);
      assert.equal(registry.requests[0], `GET /v2/app/blobs/${blob().digest}`);
    });

    it('goes on where a broken connection ended', async () => {
      const ranges: (string | undefined)[] = [];
      const answer = breaking(100_000, 50_000);
      const registry = await server((request, response, body) => {
        ranges.push(request.headers.range);
        answer(request, response, body);
      });
      assert.deepEqual(await buffer(client().openBlob(repository(registry), blob(), job)), content);
      assert.deepEqual(ranges, [undefined, 'bytes=100000-', 'bytes=150000-']);
    });

    it('goes on after a silence', async () => {
      let first = true;
      const registry = await server((request, response, body) => {
        if (first)
          response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 10));
        else breaking()(request, response, body);
        first = false;
      });
      assert.deepEqual(await buffer(client().openBlob(repository(registry), blob(), job)), content);
    });

    it('skips what it has when the registry knows no ranges', async () => {
      let first = true;
      const registry = await server((request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        if (first) response.write(content.subarray(0, 100_001), () => request.socket.destroy());
        else response.end(content);
        first = false;
      });
      assert.deepEqual(await buffer(client().openBlob(repository(registry), blob(), job)), content);
    });

    it('refuses a range that is not the one asked for', async () => {
      const registry = await server((request, response, body) => {
        if (request.headers.range === undefined) breaking(100)(request, response, body);
        else response.writeHead(206, { 'content-range': 'bytes 0-9/300000' }).end('0123456789');
      });
      await assert.rejects(
        buffer(client().openBlob(repository(registry), blob(), job)),
        problem(/bytes from 100 on and sent others/),
      );
    });

    it('gives up on a connection that always breaks, also when each brings a little', async () => {
      const registry = await server(breaking(...Array<number>(1_000).fill(10)));
      await assert.rejects(
        buffer(client().openBlob(repository(registry), blob(), job)),
        problem(/the connection to 127\.0\.0\.1:\d+ broke/),
      );
      assert.equal(registry.requests.length, 3);
    });

    it('fails when the bytes are wrong, too few or too many', async () => {
      const registry = await server((_, response) => response.end(content));
      const download = (wanted: ReturnType<typeof blob>) =>
        buffer(client().openBlob(repository(registry), wanted, job));
      await assert.rejects(
        download(blob(Buffer.from('x'), content.length)),
        problem(/has the digest .* instead of/),
      );
      await assert.rejects(
        download(blob(content, content.length + 1)),
        problem(/only 300000 of 300001 bytes/),
      );
      await assert.rejects(
        download(blob(content, content.length - 1)),
        problem(/more than the expected 299999/),
      );
    });

    it('says that a layer is missing, and why a foreign one is', async () => {
      const registry = await server((_, response) => response.writeHead(404).end());
      const missing = client().openBlob(repository(registry), blob(), job);
      await assert.rejects(buffer(missing), problem(/does not have sha256:/));
      const foreign = client().openBlob(repository(registry), { ...blob(), foreign: true }, job);
      await assert.rejects(buffer(foreign), problem(/"foreign" layer/));
    });

    it('refuses a config that is too large to be one, without asking', async () => {
      const digest: Digest = blob().digest;
      const config = { mediaType: '', digest, size: 5_000_000_000 };
      await assert.rejects(
        client().getBlob(parseReference('a.invalid/x'), config, job),
        problem(/is the limit/),
      );
    });

    it('stops with the job', async () => {
      const stop = new AbortController();
      const registry = await server((_, response) => void response.write(content));
      const stream = client().openBlob(
        repository(registry),
        { ...blob(), size: 1e9 },
        { ...job, signal: stop.signal },
      );
      stream.once('data', () => stop.abort(new Error('stopped by the user')));
      await assert.rejects(buffer(stream), /stopped by the user/);
    });

    it('ends its request when nobody reads on', async () => {
      let ended: (() => void) | undefined;
      const closed = new Promise<void>((resolve) => (ended = resolve));
      const registry = await server((_, response) => {
        response.on('close', () => ended?.());
        response.write(content);
      });
      const stream = client().openBlob(repository(registry), { ...blob(), size: 1e9 }, job);
      stream.once('data', () => stream.destroy());
      await closed;
    });
  });

  describe('checking a login', () => {
    const check = async (domain: string, password = 'hunter2') => {
      const transport = createRegistryTransport({
        environment: { env: {}, homeDirectory: '/nowhere', platform: process.platform },
        retry: { attempts: 1, firstPauseMs: 1 },
      });
      open.push(transport);
      return checkLogin(
        transport,
        domain,
        { kind: 'basic', username: 'user', password: new Secret(password) },
        job,
      );
    };

    it('shows it to the registry, or to its token server, before it is believed', async () => {
      const basicRegistry = await server((request, response) => {
        const isRight = request.headers.authorization === basicHeader;
        response.writeHead(isRight ? 200 : 401, { 'www-authenticate': 'Basic realm="x"' }).end('hunter2');
      });
      const tokens = await server((request, response) => {
        response.writeHead(request.headers.authorization === basicHeader ? 200 : 401);
        response.end('{"token":"good"}');
      });
      const bearerRegistry = await server((_, response) =>
        response
          .writeHead(401, { 'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="x"` })
          .end(),
      );
      for (const { host } of [basicRegistry, bearerRegistry]) {
        assert.equal(await check(host), true);
        await assert.rejects(check(host, 'wrong'), problem(/refused the password of "user" \(401\)/));
      }
      assert.deepEqual(tokens.requests[0], 'GET /token?service=x&account=user');
    });

    it('says where nobody looked at it', async () => {
      const { host } = await server((_, response) => response.end('{}'));
      assert.equal(await check(host, 'whatever'), false);
    });

    it('repeats nothing that a registry says who was shown it', async () => {
      const { host } = await server((request, response) => {
        const status = request.headers.authorization === undefined ? 401 : 500;
        response.writeHead(status, { 'www-authenticate': 'Basic realm="x"' });
        response.end('{"errors":[{"message":"hunter2"}]}');
      });
      await assert.rejects(check(host), problem(/500/));
    });
  });
});
