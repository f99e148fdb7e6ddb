import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { variable, type ProcessEnvironment } from '../../net/process-environment';
import { Secret } from '../../net/secret';
import { describeError } from '../../problem';
import { tryParseJson } from '../json-document';

/** The parts of docker's config.json that count here (docker/cli, cli/config/configfile/file.go). */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, DockerAuth>;
  /** The `X` of the program `docker-credential-X` that knows all registries. */
  readonly credsStore: string | undefined;
  /** The same for single registries. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The context that `docker context use` chose. */
  readonly currentContext: string | undefined;
}

export interface DockerAuth {
  readonly login: { readonly username: string; readonly password: Secret } | undefined;
  readonly identityToken: Secret | undefined;
  readonly registryToken: Secret | undefined;
}

const emptyConfig: DockerConfig = {
  auths: new Map(),
  credsStore: undefined,
  credHelpers: new Map(),
  currentContext: undefined,
};

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const secret = text.transform((value) => (value === '' ? undefined : new Secret(value)));

const authSchema = z
  .object({ auth: text, username: text, password: text, identitytoken: secret, registrytoken: secret })
  .transform(({ auth, username, password, identitytoken, registrytoken }): DockerAuth => {
    const login = decodeAuth(auth) ?? { username, password };
    return {
      login:
        login.username === ''
          ? undefined
          : { username: login.username, password: new Secret(login.password) },
      identityToken: identitytoken,
      registryToken: registrytoken,
    };
  });

const optionalText = text.transform((value) => (value === '' ? undefined : value));

const configSchema = z.object({
  auths: recordOf(authSchema),
  credsStore: optionalText,
  credHelpers: recordOf(z.string()),
  currentContext: optionalText,
});

/** DOCKER_CONFIG, or `~/.docker`. */
export function dockerConfigFolder(environment: ProcessEnvironment): string {
  return variable(environment, 'DOCKER_CONFIG') ?? path.join(environment.homeDirectory, '.docker');
}

/** Reads config.json in {@link dockerConfigFolder}; `fault` says why a file that is there counts as empty. */
export async function loadDockerConfig(
  environment: ProcessEnvironment,
): Promise<{ readonly config: DockerConfig; readonly fault: string | undefined }> {
  const file = path.join(dockerConfigFolder(environment), 'config.json');
  const unusable = (why: string) => ({
    config: emptyConfig,
    fault: `The logins in ${file} are not used: ${why}.`,
  });
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return { config: emptyConfig, fault: undefined };
    return unusable(describeError(error));
  }
  const parsed = configSchema.safeParse(tryParseJson(content));
  if (parsed.success) return { config: parsed.data, fault: undefined };
  // Neither zod's nor the parser's message: they may quote the file, and it holds passwords.
  const where = parsed.error.issues[0]?.path.map(String).join('.');
  return unusable(where ? `"${where}" is not as docker writes it` : 'it is not a JSON object');
}

/**
 * The entry for a registry: by its exact key, else by the host in the key, since docker and its forerunners wrote
 * `https://host/v1/` as well as `host` (docker/cli, cli/config/credentials/file_store.go).
 */
export function findAuth({ auths }: DockerConfig, key: string): DockerAuth | undefined {
  const exact = auths.get(key);
  if (exact !== undefined) return exact;
  for (const [other, auth] of auths) {
    if (hostOfKey(other) === hostOfKey(key)) return auth;
  }
  return undefined;
}

function hostOfKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

/** base64 of `user:password`; a password may hold colons, and old dockers padded it with NULs. */
function decodeAuth(auth: string): { username: string; password: string } | undefined {
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon <= 0) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

function recordOf<S extends z.ZodType>(schema: S) {
  return z
    .record(z.string(), schema)
    .nullish()
    .transform((record) => new Map(Object.entries(record ?? {})));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
