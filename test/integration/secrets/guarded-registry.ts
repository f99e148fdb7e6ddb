import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from '../../unit/image/http-server';
import { serveLayout } from '../../unit/image/layout-registry';
import { accessToken, identityToken, login, password, registryToken, secretsIn } from './known';

/** What goes wrong: it lets nobody in; it repeats what it was told; the server with the layers breaks. */
export type Fault = 'refuses' | 'echoes' | 'breaks';

export interface GuardedRegistry {
  /** `127.0.0.1:43210` */
  readonly host: string;
  fault: Fault | undefined;
  /** How often somebody showed who he is. */
  readonly logins: number;
  /** Secrets that were told to a server that they are not for. */
  readonly strays: readonly string[];
  close(): Promise<void>;
}

/**
 * A registry that wants to see a login or a token, a server of another host that gives tokens, and a third one that it
 * redirects to for all content.
 */
export async function startGuardedRegistry(
  layout: string,
  tags: ReadonlyMap<string, string>,
  scheme: 'Basic' | 'Bearer',
): Promise<GuardedRegistry> {
  const strays: string[] = [];
  const state: { fault: Fault | undefined; logins: number } = { fault: undefined, logins: 0 };
  const mine = (server: string, told: string, ...allowed: readonly string[]) => {
    const rest = allowed.reduce((text, secret) => text.replaceAll(secret, ''), told);
    for (const secret of secretsIn(rest)) strays.push(`${server}: ${secret}`);
  };

  const storage = await serveLayout(layout, tags, (request, response) => {
    mine('storage', toldBy(request));
    if (state.fault !== 'breaks') return false;
    response.writeHead(500).end();
    return true;
  });

  const tokens = await serve((request, response, body) => {
    const basic = `Basic ${base64(login)}`;
    const refresh = new URLSearchParams(body).get('refresh_token');
    const isKnown = request.headers.authorization === basic || refresh === identityToken;
    mine('token server', toldBy(request), basic);
    mine('token server', body, new URLSearchParams({ x: identityToken }).toString().slice(2));
    if (!isKnown || state.fault === 'refuses') {
      response
        .writeHead(401)
        .end(JSON.stringify({ details: `unknown: ${body} ${request.headers.authorization ?? ''}` }));
      return;
    }
    response.end(JSON.stringify({ token: accessToken, access_token: accessToken, expires_in: 300 }));
  });

  const right =
    scheme === 'Basic' ? [`Basic ${base64(login)}`] : [`Bearer ${accessToken}`, `Bearer ${registryToken}`];
  const challenge =
    scheme === 'Basic'
      ? 'Basic realm="guarded"'
      : `Bearer realm="http://${tokens.host}/token",service="guarded",scope="repository:app:pull"`;
  const registry = await serve((request, response) => {
    const { authorization = '' } = request.headers;
    mine('registry', toldBy(request), ...right);
    const isRight = right.includes(authorization);
    if (isRight) state.logins++;
    if (!isRight || state.fault === 'refuses') refuse(response, 401, challenge, authorization);
    else if (state.fault === 'echoes') refuse(response, 403, undefined, `${authorization} is ${login}`);
    else response.writeHead(307, { location: `http://${storage.host}${request.url ?? ''}` }).end();
  });

  return {
    host: registry.host,
    get fault() {
      return state.fault;
    },
    set fault(fault) {
      state.fault = fault;
    },
    get logins() {
      return state.logins;
    },
    strays,
    async close() {
      await Promise.all([registry.close(), tokens.close(), storage.close()]);
    },
  };
}

function refuse(response: ServerResponse, status: number, challenge: string | undefined, told: string): void {
  if (challenge !== undefined) response.setHeader('www-authenticate', challenge);
  const errors = [{ code: 'DENIED', message: `who is ${told}, ${password}?` }];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
}

/** All that a request tells but for its body. */
function toldBy({ url, rawHeaders }: IncomingMessage): string {
  return [url, ...rawHeaders].join('\n');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
