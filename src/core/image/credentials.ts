import type { Job } from '../job';
import { variable, type ProcessEnvironment } from '../net/process-environment';
import { Secret } from '../net/secret';
import { askCredentialHelper } from './credentials/credential-helper';
import {
  authVariable,
  configFromVariable,
  dockerConfigFile,
  findAuth,
  loadDockerConfig,
  type DockerConfig,
  type LoadedConfig,
} from './credentials/docker-config';
import type { RegistryEndpoint } from './reference';

/** How to show a registry who is asking. */
export type Credentials =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** An OAuth2 refresh token, to be exchanged for access tokens. */
  | { readonly kind: 'identity-token'; readonly token: Secret }
  /** To be sent to the registry as it is. */
  | { readonly kind: 'registry-token'; readonly token: Secret };

/**
 * Knows credentials for some registries, and answers undefined for the others. A registry that isn't the one an image's
 * reference names is given nothing but what was stored for this very host.
 */
export type CredentialSource = (registry: RegistryEndpoint, job: Job) => Promise<Credentials | undefined>;

export const anonymous: Credentials = { kind: 'anonymous' };

/**
 * Where pvr looks, in its order (pvr-format: `-u`/`-p`, the environment, docker's config), then `extra`.
 *
 * A source that fails (a broken config, a missing helper) is reported with `job.warn` and passed over: a public image
 * needs none.
 */
export function credentialSources(
  environment: ProcessEnvironment,
  given: { readonly username: string; readonly password: Secret } | undefined,
  extra: readonly CredentialSource[] = [],
): readonly CredentialSource[] {
  return [explicitCredentials(environment, given), dockerCredentials(environment), ...extra];
}

/** Asks the sources in turn; when none knows the registry, the answer is {@link anonymous}. */
export async function findCredentials(
  sources: readonly CredentialSource[],
  registry: RegistryEndpoint,
  job: Job,
): Promise<Credentials> {
  for (const source of sources) {
    const credentials = await source(registry, job);
    if (credentials !== undefined) return credentials;
  }
  return anonymous;
}

/** User name and password from the command line, or PVR_REGISTRY_USERNAME and PVR_REGISTRY_PASSWORD; for any registry that is named, as in pvr. */
function explicitCredentials(
  environment: ProcessEnvironment,
  given: { readonly username: string; readonly password: Secret } | undefined,
): CredentialSource {
  const username = given?.username ?? variable(environment, 'PVR_REGISTRY_USERNAME');
  const password = given?.password ?? new Secret(variable(environment, 'PVR_REGISTRY_PASSWORD') ?? '');
  const credentials = username ? basicCredentials(username, password) : undefined;
  return ({ isNamed }) => Promise.resolve(isNamed ? credentials : undefined);
}

/**
 * What docker knows, in its order: DOCKER_AUTH_CONFIG, and what `docker login` left: a helper for the registry, the general
 * helper, or an entry in config.json.
 */
export function dockerCredentials(environment: ProcessEnvironment): CredentialSource {
  return async (registry, job) => {
    const given = fromAuths(configFromVariable(environment), authVariable, registry, job);
    if (given !== undefined) return given;
    const loaded = await loadDockerConfig(environment);
    return (
      (await fromHelper(loaded.config, registry, environment, job)) ??
      fromAuths(loaded, dockerConfigFile(environment), registry, job)
    );
  };
}

async function fromHelper(
  config: DockerConfig,
  { credentialKey, host }: RegistryEndpoint,
  environment: ProcessEnvironment,
  job: Job,
): Promise<Credentials | undefined> {
  const helper = config.credHelpers.get(credentialKey) ?? config.credHelpers.get(host) ?? config.credsStore;
  if (helper === undefined) return undefined;
  // Helpers compare the key as text; tools other than docker have stored it with the scheme.
  const keys = credentialKey.includes('://') ? [credentialKey] : [credentialKey, `https://${credentialKey}`];
  for (const key of keys) {
    const answer = await askCredentialHelper(helper, key, environment, job.signal);
    switch (answer.kind) {
      case 'found':
        return answer.username === '<token>'
          ? { kind: 'identity-token', token: answer.secret }
          : basicCredentials(answer.username, answer.secret);
      case 'not-found':
        break;
      case 'failed':
        job.warn(`No credentials for ${host}: ${answer.reason}.`);
        return undefined;
    }
  }
  return undefined;
}

/** @param where the entries lie, for messages. */
function fromAuths(
  { config, fault }: LoadedConfig,
  where: string,
  { credentialKey, host }: RegistryEndpoint,
  job: Job,
): Credentials | undefined {
  if (fault !== undefined) job.warn(fault);
  const auth = findAuth(config, credentialKey);
  if (auth === 'unusable') {
    job.warn(`The login for ${host} in ${where} is not used: it is not as docker writes it.`);
    return undefined;
  }
  if (auth?.registryToken !== undefined) return { kind: 'registry-token', token: auth.registryToken };
  if (auth?.identityToken !== undefined) return { kind: 'identity-token', token: auth.identityToken };
  if (auth?.login !== undefined) return basicCredentials(auth.login.username, auth.login.password);
  return undefined;
}

/** The value of an Authorization header (RFC 7617). */
export function basicAuthorization({ username, password }: Credentials & { kind: 'basic' }): Secret {
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`);
}

function basicCredentials(username: string, password: Secret): Credentials {
  return { kind: 'basic', username, password };
}
