import { credentialSources, type CredentialSource } from '../core/image/credentials';
import { processEnvironment, type ProcessEnvironment } from '../core/net/process-environment';
import { openEnvironment, type BuildEnvironment } from '../core/use-cases/environment';
import type { BackendSettings } from './protocol';

/** The folder of the codecs: esbuild puts them beside the bundle that this is a part of. */
export const codecs = __dirname;

/** What the environment variables say, but for what the settings say otherwise. */
export function outsideWith({ cacheDirectory, dockerHost }: BackendSettings): ProcessEnvironment {
  const outside = processEnvironment();
  return {
    ...outside,
    env: {
      ...outside.env,
      ...(cacheDirectory !== undefined && { PVX_CACHE_DIR: cacheDirectory }),
      ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }),
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
