import { CancellationTokenSource, type MessageConnection } from 'vscode-jsonrpc';
import { type Credentials, type CredentialSource, credentialSources } from '../core/image/credentials';
import { processEnvironment, type ProcessEnvironment } from '../core/net/process-environment';
import { Secret } from '../core/net/secret';
import { type BuildEnvironment, openEnvironment } from '../core/use-cases/environment';
import type { BackendSettings, RegistryCredentials } from './protocol';
import * as wire from './wire';

/** The folder of the codecs: esbuild puts them beside the bundle that this is a part of. */
export const codecs = __dirname;

/** What the environment variables say, but for what the settings say otherwise. */
export function outsideWith({ cacheDirectory, dockerHost, hub }: BackendSettings): ProcessEnvironment {
  const outside = processEnvironment();
  return {
    ...outside,
    env: {
      ...outside.env,
      ...(cacheDirectory !== undefined && { PVX_CACHE_DIR: cacheDirectory }),
      ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }),
      ...(hub !== undefined && { PVR_BASEURL: hub }),
    },
  };
}

/**
 * All that builds need, once for this process.
 * @param secretStorage what people told VS Code in so many words, and so comes before what docker knows.
 * @throws Problem when an environment variable that counts makes no sense.
 */
export function environmentFor(
  settings: BackendSettings,
  secretStorage: CredentialSource,
  outside: ProcessEnvironment,
): BuildEnvironment {
  return openEnvironment({
    outside,
    codecs,
    cacheLimit: settings.cacheLimit,
    insecureRegistries: settings.insecureRegistries,
    credentials: [secretStorage, ...credentialSources(outside, undefined)],
  });
}

/** Asks the extension host, whose secrets stay there until a registry wants to see them. */
export function secretStorage(connection: MessageConnection): CredentialSource {
  return async ({ host, credentialKey }, job) => {
    job.signal.throwIfAborted();
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    job.signal.addEventListener('abort', cancel);
    try {
      const answer = await connection.sendRequest(
        wire.credentials,
        { host, credentialKey },
        cancellation.token,
      );
      return answer === null ? undefined : credentialsFrom(answer);
    } catch {
      job.signal.throwIfAborted();
      // As with docker's credential helpers: a public image needs none, and the registry says so if this one isn't.
      job.warn(`No credentials for ${host} from the editor: its secret storage can't be read.`);
      return undefined;
    } finally {
      job.signal.removeEventListener('abort', cancel);
    }
  };
}

function credentialsFrom(answer: RegistryCredentials): Credentials {
  return 'identityToken' in answer
    ? { kind: 'identity-token', token: new Secret(answer.identityToken) }
    : { kind: 'basic', username: answer.username, password: new Secret(answer.password) };
}
