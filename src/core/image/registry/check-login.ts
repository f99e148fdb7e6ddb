import type { Job } from '../../job';
import type { OutgoingRequest } from '../../net/message';
import type { Transport } from '../../net/transport';
import { Problem } from '../../problem';
import { basicAuthorization, type Credentials } from '../credentials';
import { logInTo, registryOf, type Repository } from '../reference';
import { answerProblem } from './answer-problem';
import { chooseChallenge } from './authorization';
import { fetchToken, parseChallenges } from './token';

const maxGreetingBytes = 1024 * 1024;

/**
 * Shows a registry a login where everybody begins (`/v2/`, distribution spec 1.1, "Determining Support"), as `docker login` does.
 *
 * @param domain of the registry, as in an image's name: `docker.io`, `registry.example:5000`.
 * @returns whether it was looked at: some registries let everybody begin, and ask for it later.
 * @throws Problem when it is refused, or nobody can be asked.
 */
export async function checkLogin(
  transport: Transport,
  domain: string,
  login: Credentials & { readonly kind: 'basic' },
  job: Job,
): Promise<boolean> {
  const registry: Repository = { name: '', domain, path: '' };
  const doing = `logging in to ${domain}`;
  const url = new URL(`https://${registryOf(registry).host}/v2/`);
  const greet = (headers: OutgoingRequest['headers']) =>
    transport.fetch({ method: 'GET', url, headers, doing }, maxGreetingBytes, job);
  const answer = await greet({});
  if (answer.status === 200) return false;
  const challenge = chooseChallenge(parseChallenges(answer.headers['www-authenticate']));
  if (answer.status !== 401 || challenge === undefined) {
    throw answerProblem(answer, { doing, what: 'a container registry', login: logInTo(registry) });
  }
  if (challenge.scheme === 'bearer') {
    await fetchToken(transport, challenge, login, registry, job);
    return true;
  }
  if (answer.url.protocol === 'http:' && !transport.mayBePlain(answer.url)) {
    throw new Problem({
      doing,
      found: `${answer.url.host} wants the password without TLS, where anybody can read it`,
      remedy: 'Ask who runs the registry to give it a certificate',
    });
  }
  const second = await greet({ authorization: basicAuthorization(login).reveal() });
  if (second.status === 200) return true;
  if (second.status !== 401 && second.status !== 403) {
    const question = { doing, what: 'a container registry', login: logInTo(registry), hasShown: true };
    throw answerProblem(second, question);
  }
  throw new Problem({
    doing,
    found: `${second.url.host} refused the password of "${login.username}" (${second.status})`,
    remedy: 'Check both, and type them again',
  });
}
