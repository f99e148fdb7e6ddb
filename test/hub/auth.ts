import { createHash } from 'node:crypto';
import {
  fieldsOf,
  type HubAnswer,
  type HubRequest,
  indented,
  type KnownRequest,
  parsed,
  refusal,
} from './answer';
import { anonymous, type Tokens } from './tokens';
import { newId, type World } from './world';

/** POST /auth/login: with a nick, an e-mail address or a PRN, of an account or a device. */
export function logIn(world: World, tokens: Tokens, { headers, body }: HubRequest): HubAnswer {
  if ((headers['user-agent'] ?? '') === '') return refusal(403, 'Incompatible Client; upgrade pantavisor');
  if (parsed(body) === undefined) return refusal(400);
  const { username, password } = fieldsOf(body) as { readonly username?: string; readonly password?: string };
  if (username === undefined) return refusal(401);
  if (username === anonymous) return indented({ token: tokens.forAnonymous() });
  const account = [...world.accounts.values()].find((one) =>
    [one.nick, one.email, one.prn].includes(username),
  );
  if (account !== undefined && account.password === password)
    return indented({ token: tokens.forUser(account, username) });
  const device = [...world.devices.values()].find(({ prn }) => prn === username);
  if (device !== undefined && device.secret === password)
    return indented({ token: tokens.forDevice(device, username) });
  return refusal(401);
}

/** Somebody whom a program has sent to the hub's page. */
interface Visit {
  readonly client: string;
  readonly redirect: string;
  readonly state: string;
  readonly challenge: string;
  /** Whoever has logged in there. */
  prn: string | undefined;
}

/** Logins by the hub's page, as for a confidential app: PKCE. The page itself is whoever asks for a code. */
export class PageLogins {
  readonly #visits = new Map<string, Visit>();

  constructor(
    private readonly world: World,
    private readonly tokens: Tokens,
  ) {}

  /** GET /auth/oauth/authorize: leads to the page. */
  authorize({ query }: HubRequest): HubAnswer {
    const [client, redirect, challenge, method] = [
      'client_id',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
    ].map((name) => query.get(name) ?? '');
    if (!client || !redirect || !challenge || method !== 'S256')
      return refusal(400, 'Missing required PKCE parameters');
    const code = newId();
    const state = query.get('state') ?? '';
    this.#visits.set(code, { client, redirect, state, challenge, prn: undefined });
    const page = new URLSearchParams({ client_id: client, auth_code: code, redirect_uri: redirect, state });
    return {
      status: 307,
      headers: {
        location: `http://127.0.0.1/oauth2/authorize?${page}`,
        'content-type': 'text/html; charset=utf-8',
      },
      body: '<a href="/oauth2/authorize">Temporary Redirect</a>.\n\n',
    };
  }

  /** POST /auth/code, by the page. The real one knows whom it speaks of by a cookie. */
  code({ body, caller }: KnownRequest): HubAnswer {
    const { service, redirect_uri: redirect, state, scopes } = fieldsOf(body);
    const visit = [...this.#visits].findLast(
      ([, one]) => one.client === service && one.redirect === redirect && one.state === state,
    );
    if (visit === undefined) return refusal(400);
    visit[1].prn = caller.prn;
    const query = new URLSearchParams({ code: visit[0], state: visit[1].state });
    return indented({ code: visit[0], scopes, redirect_uri: `${visit[1].redirect}?${query}` });
  }

  /** POST /auth/oauth/token: a token that is good for 5 minutes. */
  token({ body }: HubRequest): HubAnswer {
    const {
      grant_type: grant,
      'access-code': code,
      redirect_uri: redirect,
      code_verifier: verifier,
    } = fieldsOf(body);
    if (grant !== 'authorization_code') return refusal(400, 'The grant type is not supported');
    const visit = this.#visits.get(String(code));
    if (visit === undefined) return refusal(400, 'Authorization code is invalid or expired');
    if (redirect !== visit.redirect)
      return refusal(400, 'Provided redirect_uri does not match the one in the authorization request');
    const challenge = createHash('sha256').update(String(verifier)).digest('base64url');
    if (challenge !== visit.challenge) return refusal(400, 'Code verifier is invalid');
    const account = [...this.world.accounts.values()].find(({ prn }) => prn === visit.prn);
    if (
      account === undefined ||
      !/^https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\/callback/.test(visit.redirect)
    )
      return refusal(500, 'Failed to retrieve account information');
    this.#visits.delete(String(code));
    return indented({ token: this.tokens.forUser(account, account.prn, 300), token_type: 'bearer' });
  }
}
