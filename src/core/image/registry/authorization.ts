import type { Job } from '../../job';
import type { AnswerHead } from '../../net/message';
import { Secret } from '../../net/secret';
import type { Transport } from '../../net/transport';
import {
  anonymous,
  basicAuthorization,
  type Credentials,
  type CredentialSource,
  findCredentials,
} from '../credentials';
import { type RegistryEndpoint, registryOf, type Repository, sentOnTo } from '../reference';
import { type Challenge, fetchToken, parseChallenges } from './token';

/** Whom an Authorization header is for, and nobody else. */
export interface Audience {
  readonly key: string;
  readonly registry: RegistryEndpoint;
  /** There. */
  readonly repository: Repository;
}

/** The registry that a repository's name tells. */
export function audienceOf(repository: Repository): Audience {
  const { domain, path } = repository;
  return { key: `${domain}/${path}`, registry: registryOf(repository), repository };
}

/** The one at `url`, to which `front` has sent us on. What is known of it is kept apart from what people name themselves. */
export function audienceBehind(front: Audience, { host }: URL): Audience {
  const repository = sentOnTo(host, front.repository);
  return {
    key: `${front.key} > ${host}`,
    registry: { ...registryOf(repository), isNamed: false },
    repository,
  };
}

/** Knows the Authorization header for each audience, and keeps it in memory as long as it holds. */
export interface Authorizer {
  /** The header's value, as far as it is known without asking anyone. */
  current(audience: Audience): Secret | undefined;
  /**
   * Finds the header that a 401 asks for; undefined when there is none to give.
   *
   * @throws Problem when credentials are refused, or would have to be sent where they can be overheard.
   */
  meet(answer: AnswerHead, audience: Audience, job: Job): Promise<Secret | undefined>;
  /**
   * The header for a registry that knows nothing of what strangers ask for, and asks who they are only where everybody begins
   * (`/v2/`, distribution spec 1.1, "Determining Support"); undefined when it does not, or we have no login for it.
   *
   * @throws Problem as {@link meet} does.
   */
  invited(audience: Audience, job: Job): Promise<Secret | undefined>;
  /** Drops what {@link current} knows: it did not help, and the user may log in meanwhile. */
  forget(audience: Audience): void;
  /** The same for all: somebody has logged in or out. */
  forgetAll(): void;
}

interface Grant {
  readonly header: Secret;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Tokens are given up this long before they expire, so that they don't on their way. */
const expiryMarginMs = 10_000;

/** What a registry says at `/v2/` is a few words, and nobody reads them. */
const maxGreetingBytes = 1024 * 1024;

export function createAuthorizer(transport: Transport, sources: readonly CredentialSource[]): Authorizer {
  const grants = new Map<string, Grant>();
  /** Hosts that let everybody begin. */
  const open = new Set<string>();

  async function meet(answer: AnswerHead, audience: Audience, job: Job): Promise<Secret | undefined> {
    const { key, registry, repository } = audience;
    grants.delete(key);
    const challenge = chooseChallenge(parseChallenges(answer.headers['www-authenticate']));
    if (challenge === undefined) return undefined;
    // Where anybody can listen, nobody is told a login.
    const isPrivate = answer.url.protocol === 'https:' || transport.mayBePlain(answer.url);
    const credentials = isPrivate ? await findCredentials(sources, registry, job) : anonymous;
    const grant = await grantFor(challenge, credentials);
    if (grant !== undefined) grants.set(key, grant);
    return grant?.header;

    async function grantFor(challenge: Challenge, credentials: Credentials): Promise<Grant | undefined> {
      if (credentials.kind === 'registry-token') return lasting(bearer(credentials.token));
      if (challenge.scheme === 'basic') {
        return credentials.kind === 'basic' ? lasting(basicAuthorization(credentials)) : undefined;
      }
      const { token, expires } = await fetchToken(transport, challenge, credentials, repository, job);
      return { header: bearer(token), expires };
    }
  }

  async function invited(audience: Audience, job: Job): Promise<Secret | undefined> {
    const { host } = audience.registry;
    if (open.has(host)) return undefined;
    const credentials = await findCredentials(sources, audience.registry, job);
    if (credentials.kind === 'anonymous') return undefined;
    const url = new URL(`https://${host}/v2/`);
    const doing = `logging in to ${audience.repository.domain} for ${audience.repository.name}`;
    const answer = await transport.fetch({ method: 'GET', url, headers: {}, doing }, maxGreetingBytes, job);
    if (answer.status === 401 && answer.url.host === host) return meet(answer, audience, job);
    if (answer.status === 200) open.add(host);
    return undefined;
  }

  return {
    current({ key }) {
      const grant = grants.get(key);
      return grant !== undefined && grant.expires - expiryMarginMs > Date.now() ? grant.header : undefined;
    },
    forget({ key }) {
      grants.delete(key);
    },
    forgetAll() {
      grants.clear();
      open.clear();
    },
    meet,
    invited,
  };
}

/** The way to show a login that is best. A token server is preferred: with it the registry itself never sees the password. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  );
}

function lasting(header: Secret): Grant {
  return { header, expires: Infinity };
}

function bearer(token: Secret): Secret {
  return new Secret(`Bearer ${token.reveal()}`);
}
