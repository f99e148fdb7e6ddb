import * as z from 'zod';
import type { Job } from '../../job';
import type { OutgoingRequest } from '../../net/message';
import { Secret } from '../../net/secret';
import type { Transport } from '../../net/transport';
import { Problem } from '../../problem';
import { remedy } from '../../remedy';
import { basicAuthorization, type Credentials } from '../credentials';
import { checkDocument, parseJsonBytes } from '../json-document';
import { logInTo, type Repository } from '../reference';
import { answerProblem } from './answer-problem';

export interface Token {
  readonly token: Secret;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const clientId = 'pantavisor-checkouts';
const maxBodyBytes = 1024 * 1024;
/** The least that a token lives, and what it lives when nothing is said (distribution, auth/token.md). */
const minLifetimeSeconds = 60;

/** Servers send the token under either name, or under both. */
const tokenSchema = z
  .object({
    token: z.string().nullish(),
    access_token: z.string().nullish(),
    expires_in: z.number().nullish(),
  })
  .transform(({ token, access_token, expires_in }) => ({
    text: [token, access_token].find((text) => text !== undefined && text !== null && text !== '') ?? '',
    lifetimeSeconds: Math.max(expires_in ?? 0, minLifetimeSeconds),
  }))
  .refine(({ text }) => text !== '', 'the answer holds no token');

/**
 * Gets a token that lets read one repository (with a path of '' none, but shows whose login it is): by GET with a password or anonymously (distribution, auth/token.md), or in
 * exchange for an identity token (auth/oauth.md).
 *
 * The token server may be another host than the registry. It is the registry's word alone that makes it one, so secrets go
 * there only over TLS or to a host that may do without.
 *
 * @throws Problem when the token server can't be used or refuses.
 */
export async function fetchToken(
  transport: Transport,
  challenge: Challenge,
  credentials: Credentials,
  repository: Repository,
  job: Job,
): Promise<Token> {
  const doing = `logging in to ${repository.domain}${repository.name === '' ? '' : ` for ${repository.name}`}`;
  const realm = readRealm(challenge, doing);
  if (credentials.kind !== 'anonymous' && realm.protocol === 'http:' && !transport.mayBePlain(realm)) {
    throw new Problem({
      doing,
      found: `the registry wants the credentials sent to ${realm.host} without TLS`,
      remedy: 'Ask who runs the registry to give its token server a certificate',
    });
  }
  const answer = await transport.fetch(
    tokenRequest(realm, challenge, credentials, repository, doing),
    maxBodyBytes,
    job,
  );
  if (answer.status !== 200) {
    if (answer.status !== 401 && answer.status !== 403) {
      const hasShown = credentials.kind !== 'anonymous';
      throw answerProblem(answer, { doing, what: 'a token server', login: logInTo(repository), hasShown });
    }
    throw new Problem({
      doing,
      found:
        credentials.kind === 'anonymous'
          ? `${realm.host} gives no token without a login (${answer.status})`
          : `${realm.host} refused the ${credentials.kind === 'basic' ? `password of "${credentials.username}"` : 'stored login'} (${answer.status})`,
      remedy: remedy`Log in with ${logInTo(repository)}`,
    });
  }
  const received = Date.now();
  const context = { doing, remedy: `Try again; if it stays so, tell who runs ${realm.host}` };
  const { text, lifetimeSeconds } = checkDocument(
    tokenSchema,
    parseJsonBytes(answer.bytes, context),
    context,
  );
  return { token: new Secret(text), expires: received + lifetimeSeconds * 1000 };
}

function readRealm({ parameters }: Challenge, doing: string): URL {
  const realm = parameters.get('realm') ?? '';
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new Problem({
    doing,
    found: 'the registry names no usable address to get a token from',
    remedy: 'Check that the host is a container registry',
  });
}

function tokenRequest(
  realm: URL,
  { parameters }: Challenge,
  credentials: Credentials,
  { path }: Repository,
  doing: string,
): OutgoingRequest {
  const service = parameters.get('service');
  // Without a repository, a login is all that is asked about.
  const scope = parameters.get('scope') ?? (path === '' ? '' : `repository:${path}:pull`);
  if (credentials.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      scope,
      ...(service === undefined ? {} : { service }),
      refresh_token: credentials.token.reveal(),
    });
    return {
      method: 'POST',
      url: realm,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      doing,
    };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const part of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', part);
  if (credentials.kind !== 'basic') return { method: 'GET', url, headers: {}, doing };
  url.searchParams.set('account', credentials.username);
  return {
    method: 'GET',
    url,
    headers: { authorization: basicAuthorization(credentials).reveal() },
    doing,
  };
}

/** What a server asks for in a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

// One of: a parameter with a quoted or bare value · a scheme, perhaps with a token68 · a comma.
const item =
  /\s*(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",=]+))|([\w!#$%&'*+.^`|~-]+)(?=[\s,]|$)(?:[ \t]+[\w.~+/-]+=*(?=\s*(?:,|$)))?|,)/gy;

/** Reads all challenges of a header, or of several of them; what is malformed ends the reading of its header. */
export function parseChallenges(headers: string | readonly string[] | undefined): readonly Challenge[] {
  return [headers ?? []].flat().flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name, quoted, bare, scheme] of header.matchAll(item)) {
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    } else if (name !== undefined) {
      const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
      challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
    }
  }
  return challenges;
}
