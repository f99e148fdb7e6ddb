import type { Job } from '../../job';
import type { AnswerHead } from '../../net/message';
import { Secret } from '../../net/secret';
import type { Transport } from '../../net/transport';
import { basicAuthorization, type Credentials, type CredentialSource, findCredentials } from '../credentials';
import { registryOf, type Repository } from '../reference';
import { type Challenge, fetchToken, parseChallenges } from './token';

/** Knows the Authorization header for each repository, and keeps it in memory as long as it holds. */
export interface Authorizer {
  /** The header's value, as far as it is known without asking anyone. */
  current(repository: Repository): Secret | undefined;
  /**
   * Finds the header that a 401 asks for; undefined when there is none to give.
   *
   * @throws Problem when credentials are refused, or would have to be sent where they can be overheard.
   */
  meet(answer: AnswerHead, repository: Repository, job: Job): Promise<Secret | undefined>;
  /** Drops what {@link current} knows: it did not help, and the user may log in meanwhile. */
  forget(repository: Repository): void;
}

interface Grant {
  readonly header: Secret;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Tokens are given up this long before they expire, so that they don't on their way. */
const expiryMarginMs = 10_000;

export function createAuthorizer(transport: Transport, sources: readonly CredentialSource[]): Authorizer {
  const grants = new Map<string, Grant>();

  return {
    current(repository) {
      const grant = grants.get(keyOf(repository));
      return grant !== undefined && grant.expires - expiryMarginMs > Date.now() ? grant.header : undefined;
    },

    forget(repository) {
      grants.delete(keyOf(repository));
    },

    async meet(answer, repository, job) {
      grants.delete(keyOf(repository));
      const challenge = chooseChallenge(parseChallenges(answer.headers['www-authenticate']));
      if (challenge === undefined) return undefined;
      const credentials = await findCredentials(sources, registryOf(repository), job);
      const grant = await grantFor(challenge, credentials);
      if (grant !== undefined) grants.set(keyOf(repository), grant);
      return grant?.header;

      async function grantFor(challenge: Challenge, credentials: Credentials): Promise<Grant | undefined> {
        if (credentials.kind === 'registry-token') return lasting(bearer(credentials.token));
        if (challenge.scheme === 'basic') {
          return credentials.kind === 'basic' ? lasting(basicAuthorization(credentials)) : undefined;
        }
        const { token, expires } = await fetchToken(transport, challenge, credentials, repository, job);
        return { header: bearer(token), expires };
      }
    },
  };
}

/** A token server is preferred: with it the registry itself never sees the password. */
function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
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

function keyOf({ domain, path }: Repository): string {
  return `${domain}/${path}`;
}
