import { sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface TokenServer {
  /** For the registry's configuration, `auth`. */
  readonly auth: object;
  /** The requests for tokens, like `GET repository:team/app:pull`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Who asks, as far as the server sees it. */
export interface TokenRequest {
  /** Of a Basic login: `user:password`. */
  readonly login: string | undefined;
  /** Of an OAuth2 refresh. */
  readonly refreshToken: string | undefined;
}

export interface TokenServerOptions {
  /** PEM; the registry trusts tokens that are signed with this key. */
  readonly key: string;
  readonly certificate: string;
  /** The file that holds `certificate`. */
  readonly certificateFile: string;
  /** Which of `pull` and `push` somebody may do. */
  readonly allow: (request: TokenRequest) => readonly string[];
}

/**
 * A token server for the real registry (distribution, auth/token.md and auth/oauth.md): GET with a login or without, POST
 * with a refresh token. Who may nothing gets 401.
 */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then(({ parameters, ...who }) => {
      const scope = parameters.get('scope') ?? '';
      requests.push(`${request.method ?? ''} ${scope}`);
      const allowed = options.allow(who);
      if (allowed.length === 0) {
        response.writeHead(401).end('{"details":"no such login"}');
        return;
      }
      const [type, name, actions = ''] = scope.split(':');
      const granted = actions.split(',').filter((action) => allowed.includes(action));
      const token = signToken(options, parameters.get('service') ?? '', [{ type, name, actions: granted }]);
      const answer = request.method === 'POST' ? { access_token: token } : { token };
      response.end(JSON.stringify({ ...answer, expires_in: 300 }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    auth: {
      token: {
        realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
        service: 'test registry',
        issuer: 'test issuer',
        rootcertbundle: options.certificateFile,
      },
    },
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readRequest(
  request: IncomingMessage,
): Promise<TokenRequest & { parameters: URLSearchParams }> {
  const { searchParams } = new URL(request.url ?? '', 'http://tokens');
  const parameters = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams;
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '')?.[1];
  return {
    parameters,
    login: basic === undefined ? undefined : Buffer.from(basic, 'base64').toString(),
    refreshToken: parameters.get('refresh_token') ?? undefined,
  };
}

/** A token as the registry wants it (distribution, auth/jwt.md). */
function signToken(
  { key, certificate }: TokenServerOptions,
  audience: string,
  access: readonly object[],
): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(certificate).raw.toString('base64')] };
  const validity = { nbf: now - 10, iat: now, exp: now + 300 };
  const claims = { iss: 'test issuer', sub: '', aud: audience, ...validity, jti: '1', access };
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signed = parts.join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
