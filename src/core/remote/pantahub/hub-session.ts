import type { Job } from '../../job';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonValue } from '../../json/value';
import { stringifyCompact } from '../../json/indented';
import type { OutgoingRequest, WholeAnswer } from '../../net/message';
import type { HostRemedies } from '../../net/network-failure';
import type { ProcessEnvironment } from '../../net/process-environment';
import { Secret } from '../../net/secret';
import { createTransport, type Transport, type TransportOptions } from '../../net/transport';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { textOf } from '../fields';
import { type Claims, claimsOf, refreshTime, usualLife } from './claims';
import { hubProblem, type Meaning, usualMeaning } from './hub-problem';
import type { Logins } from './logins';

/** Who logs in. */
export interface Account {
  /** Nick, e-mail address or PRN. */
  readonly name: string;
  readonly password: Secret;
}

/** Asks somebody for a password; undefined where nobody is there. */
export type AskAccount = (hub: URL) => Promise<Account | undefined>;

export interface HubSessionOptions {
  readonly hub: URL;
  readonly logins: Logins;
  readonly ask: AskAccount;
  readonly transport: Transport;
  /** One that is given from outside, and neither kept nor changed. */
  readonly token?: Secret | undefined;
  /** As nobody, who may read what is public: no login is looked for, asked for or kept. */
  readonly isAnonymous?: boolean;
}

/** Who asks without an account, with any password (pantahub-base, accounts). */
const nobody = 'prn:pantahub.com:auth:/anon';
const nobodysScope = 'devices.readonly objects.readonly trails.readonly';

/** Far above any answer: a state has a few MB at most. */
const maxAnswer = 32 * 1024 * 1024;

/** HTTP to a hub. There, an answer of 500 is mostly its last word, and says something. */
export function createHubTransport(
  environment: ProcessEnvironment,
  options: Pick<TransportOptions, 'timeouts' | 'retry'> = {},
): Transport {
  return createTransport({ environment, remedies, transientStatuses: overloaded, ...options });
}

const overloaded: ReadonlySet<number> = new Set([408, 429, 499, 502, 503, 504, 522]);

const remedies: HostRemedies = {
  noTls: 'Check the address of the hub: it must begin with https',
  noSuchName: 'Check the address of the hub and the network connection',
  refused: 'Check that the hub runs and that the port is right',
  wantsCertificate: () => 'Ask who runs the hub for a certificate',
  notTrusted: () => 'Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS',
  noHttp: 'Check the address of the hub, and the proxies before it',
  badRedirect: 'Check the address of the hub, and the proxies before it',
  tooLong: 'Check the address of the hub, and the proxies before it',
};

/** One request to a hub. */
export interface HubRequest {
  readonly method?: OutgoingRequest['method'];
  /** Below the hub, with its query. */
  readonly path: string;
  readonly body?: JsonValue;
  readonly doing: string;
  /** What a status means in an answer to this; undefined: what it usually does. */
  readonly meaning?: ((answer: WholeAnswer) => Meaning | undefined) | undefined;
  /** Statuses besides 200 that the caller judges by itself. */
  readonly alsoFine?: readonly number[];
  /** Sent once: a second one could do a second thing. */
  readonly isOnce?: boolean;
}

/**
 * Somebody's dealings with a hub. A token is changed for a new one at half of its life, and kept where logins are; when it has expired,
 * somebody is asked for the password. All of that happens once, however many requests wait for it.
 */
export class HubSession {
  readonly hub: URL;
  readonly transport: Transport;
  readonly #options: HubSessionOptions;
  #current: { readonly token: Secret; readonly claims: Claims; readonly refreshAt: number } | undefined;
  #pending: Promise<Secret> | undefined;

  constructor(options: HubSessionOptions) {
    this.#options = options;
    this.hub = options.hub;
    this.transport = options.transport;
  }

  /** Gets a token for a password, and keeps it. @throws Problem. */
  async logIn({ name, password }: Account, job: Job): Promise<Claims> {
    const doing = `logging in to ${this.hub.host} as ${name}`;
    this.requireSafe(doing);
    const answer = await this.#fetch(
      {
        method: 'POST',
        path: '/auth/login',
        body: new Map([
          ['username', name],
          ['password', password.reveal()],
        ]),
        doing,
      },
      undefined,
      job,
    );
    const problem = hubProblem(doing, answer, loginMeaning(answer.status));
    if (answer.status === 401) throw new LoginRefused(problem);
    if (answer.status !== 200) throw problem;
    const token = tokenIn(answer, doing);
    return this.#take(token, doing);
  }

  /** Forgets the token, here and where logins are kept. */
  async logOut(): Promise<void> {
    this.#current = undefined;
    await this.#options.logins.write(this.hub, undefined);
  }

  /** Whether there is a login that is good still, as far as it says itself; nobody is asked. */
  async isLoggedIn(): Promise<boolean> {
    const { token, logins } = this.#options;
    const kept = token ?? this.#current?.token ?? (await logins.read(this.hub));
    if (kept === undefined) return false;
    // One that is given can be of any kind.
    return token !== undefined || (claimsOf(kept)?.expires ?? 0) > Date.now() + leeway;
  }

  /** Takes a token that somebody was given elsewhere, as by the hub's own page; it is kept. @throws Problem when it is none. */
  async adopt(token: Secret, job: Job): Promise<Claims> {
    const doing = `logging in to ${this.hub.host}`;
    // It is good for some minutes, and the one that it is changed for as long as any.
    const renewed = await this.#refresh(token, job);
    return this.#take(renewed ?? token, doing);
  }

  /** A request that needs no token. @throws Problem. */
  async callAsNobody(request: HubRequest, job: Job): Promise<WholeAnswer> {
    const answer = await this.#fetch(request, undefined, job);
    if (answer.status === 200) return answer;
    throw hubProblem(request.doing, answer, request.meaning?.(answer) ?? usualMeaning(answer.status));
  }

  /** Who is logged in. @throws Problem. */
  async claims(job: Job): Promise<Claims> {
    await this.#token(job);
    const { claims } = this.#current ?? {};
    if (claims === undefined) throw notLoggedIn(this.hub);
    return claims;
  }

  /** The body of a good answer. @throws Problem. */
  async json(request: HubRequest, job: Job): Promise<JsonValue> {
    const { bytes } = await this.call(request, job);
    return this.parse(bytes, request.doing);
  }

  parse(bytes: Buffer, doing: string): JsonValue {
    return parseJson(bytes.toString('utf8'), `the answer of ${this.hub.host} to ${doing}`, 'Try again later');
  }

  /** An answer of 200, or of what is fine, too. @throws Problem that says what any other means. */
  async call(request: HubRequest, job: Job): Promise<WholeAnswer> {
    let answer = await this.#fetch(request, await this.#token(job), job);
    if (answer.status === 401) {
      answer = await this.#fetch(request, await this.#token(job, { isRefused: true }), job);
      if (answer.status === 401) throw notLoggedIn(this.hub);
    }
    const isFine = answer.status === 200 || request.alsoFine?.includes(answer.status) === true;
    if (isFine) return answer;
    throw hubProblem(request.doing, answer, request.meaning?.(answer) ?? usualMeaning(answer.status));
  }

  /** A token for a device of which the secret is known; it is kept nowhere. @throws Problem. */
  async deviceToken(prn: string, secret: Secret, job: Job): Promise<Secret> {
    const doing = `logging in as ${prn}`;
    const body = new Map([
      ['username', prn],
      ['password', secret.reveal()],
    ]);
    const answer = await this.#fetch({ method: 'POST', path: '/auth/login', body, doing }, undefined, job);
    if (answer.status !== 200) throw hubProblem(doing, answer, loginMeaning(answer.status));
    return tokenIn(answer, doing);
  }

  /** The same as {@link call}, with another token than the account's. */
  async callAs(request: HubRequest, token: Secret, job: Job): Promise<WholeAnswer> {
    const answer = await this.#fetch(request, token, job);
    if (answer.status === 200) return answer;
    throw hubProblem(request.doing, answer, request.meaning?.(answer) ?? usualMeaning(answer.status));
  }

  async #fetch(
    { method = 'GET', path, body, doing, isOnce }: HubRequest,
    token: Secret | undefined,
    job: Job,
  ): Promise<WholeAnswer> {
    this.requireSafe(doing);
    const outgoing: OutgoingRequest = {
      method,
      url: new URL(path, this.hub),
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: stringifyCompact(body) }),
      doing,
      ...(isOnce === true && { isOnce }),
    };
    // With its body: one that breaks in it counts as none.
    return this.transport.fetch(outgoing, maxAnswer, job);
  }

  /** One that is good for a while. */
  async #token(job: Job, { isRefused = false } = {}): Promise<Secret> {
    const known = this.#current;
    if (known !== undefined && !isRefused && Date.now() < known.refreshAt) return known.token;
    for (;;) {
      const isOfAnother = this.#pending !== undefined;
      this.#pending ??= this.#renewed(isRefused, job).finally(() => (this.#pending = undefined));
      try {
        return await this.#pending;
      } catch (error) {
        job.signal.throwIfAborted();
        // Whoever had begun with it was stopped, and those who wait go on.
        if (!isOfAnother || !(error instanceof Error) || error.name !== 'AbortError') throw error;
      }
    }
  }

  async #renewed(isRefused: boolean, job: Job): Promise<Secret> {
    const { token: given, logins, ask, isAnonymous } = this.#options;
    if (isAnonymous === true) return this.#asNobody(job);
    if (given !== undefined) {
      if (isRefused) throw notLoggedIn(this.hub);
      const claims = claimsOf(given);
      const endless = { nick: '', prn: '', expires: Infinity, began: 0 };
      this.#current = { token: given, claims: claims ?? endless, refreshAt: Infinity };
      return given;
    }
    const doing = `logging in to ${this.hub.host}`;
    const { token: present, claims: presentClaims } = this.#current ?? {};
    const isSpent = isRefused || presentClaims === undefined || presentClaims.expires <= Date.now() + leeway;
    // Somebody may have logged in elsewhere meanwhile.
    const kept = isSpent ? await logins.read(this.hub) : present;
    const claims = kept && claimsOf(kept);
    const isOther = kept?.reveal() !== present?.reveal();
    const isGood = claims !== undefined && claims.expires > Date.now() + leeway;
    // One that has expired by this machine's clock may be good by the hub's.
    const mayBeGood = claims !== undefined && claims.expires > Date.now() - longestSkew;
    if (kept !== undefined && mayBeGood && (!isRefused || isOther)) {
      const isYoung = isOther && isInFirstHalf(claims);
      if (isYoung) return this.#remember(kept, claims);
      const renewed = await this.#refresh(kept, job);
      if (renewed !== undefined) {
        await this.#take(renewed, doing);
        return renewed;
      }
      // It is good for a while yet, only not for longer.
      if (isGood) return this.#remember(kept, claims, Infinity);
    }
    const account = await ask(this.hub);
    if (account === undefined) throw notLoggedIn(this.hub, kept !== undefined);
    await this.logIn(account, job);
    const { token } = this.#current ?? {};
    if (token === undefined) throw notLoggedIn(this.hub);
    return token;
  }

  /** Good for some minutes. */
  async #asNobody(job: Job): Promise<Secret> {
    const doing = `asking ${this.hub.host} without a login`;
    const body = new Map([
      ['username', nobody],
      ['password', nobody],
      ['scope', nobodysScope],
    ]);
    const answer = await this.#fetch({ method: 'POST', path: '/auth/login', body, doing }, undefined, job);
    if (answer.status !== 200) throw hubProblem(doing, answer, usualMeaning(answer.status));
    const token = tokenIn(answer, doing);
    const claims = claimsOf(token);
    if (claims === undefined) throw noToken(doing, this.hub);
    return this.#remember(token, claims);
  }

  /** undefined: it can't be changed any more, a day after the password was given. */
  async #refresh(token: Secret, job: Job): Promise<Secret | undefined> {
    const doing = `renewing the login to ${this.hub.host}`;
    const answer = await this.#fetch({ path: '/auth/login', doing }, token, job);
    return answer.status === 200 ? tokenIn(answer, doing) : undefined;
  }

  async #take(token: Secret, doing: string): Promise<Claims> {
    const claims = claimsOf(token);
    if (claims === undefined) throw noToken(doing, this.hub);
    await this.#options.logins.write(this.hub, token);
    this.#remember(token, claims);
    return claims;
  }

  #remember(token: Secret, claims: Claims, refreshAt = refreshTime(claims, Date.now())): Secret {
    this.#current = { token, claims, refreshAt };
    return token;
  }

  /** Neither a password nor a token goes where others can read along. @throws Problem. */
  requireSafe(doing: string): void {
    if (this.hub.protocol === 'https:' || this.transport.mayBePlain(this.hub)) return;
    throw new Problem({
      doing,
      found: `${this.hub.host} would be talked to without TLS, and everybody on the way could read the login`,
      remedy: 'Use an address that begins with https',
    });
  }
}

/** The name or the password is wrong. */
export class LoginRefused extends Problem {}

/** Milliseconds that a token must be good for still. */
const leeway = 10_000;
/** Milliseconds that clocks may differ: after that, no token can be changed any more. */
const longestSkew = 24 * 60 * 60 * 1000;

/** Tokens live for an hour; one that has less than half of it left is changed at once. */
function isInFirstHalf({ expires, began }: Claims): boolean {
  const life = Math.min(expires - began, usualLife);
  return expires - Date.now() > life / 2;
}

export function tokenIn(answer: WholeAnswer, doing: string): Secret {
  const text = answer.bytes.toString('utf8');
  let token = '';
  try {
    const document = parseJson(text, 'the answer to a login');
    token = isJsonObject(document) ? textOf(document, 'token') : '';
  } catch {
    // A part of it could be in the message.
  }
  if (token === '') throw noToken(doing, answer.url);
  return new Secret(token);
}

function noToken(doing: string, { host }: URL): Problem {
  return new Problem({
    doing,
    found: `${host} answered something else than a token`,
    remedy: 'Check the address of the hub, and the proxies before it',
  });
}

function loginMeaning(status: number): Meaning {
  if (status === 401)
    return {
      found: 'the name or the password is wrong, or the account was never confirmed',
      remedy: 'Check both, and the e-mail that came when the account was made',
    };
  return usualMeaning(status);
}

function notLoggedIn({ host, origin }: URL, hasExpired = false): Problem {
  return new Problem({
    doing: `asking ${host}`,
    found: hasExpired ? 'the login has expired' : 'nobody is logged in',
    remedy: remedy`Log in with ${way.logInToHub(origin)}`,
  });
}
