import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { variable, type ProcessEnvironment } from '../../net/process-environment';
import { Secret } from '../../net/secret';
import { describeError } from '../../problem';
import { tryParseJson } from '../json-document';

/** The parts of docker's config.json that count here (docker/cli, cli/config/configfile/file.go). */
export interface DockerConfig {
  readonly auths: Auths;
  /** The `X` of the program `docker-credential-X` that knows all registries. */
  readonly credsStore: string | undefined;
  /** The same for single registries. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The context that `docker context use` chose. */
  readonly currentContext: string | undefined;
}

/** `unusable` is an entry that is not as docker writes it. */
export type Auths = ReadonlyMap<string, DockerAuth | 'unusable'>;

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

/** Go's JSON, and so docker, doesn't mind the case of a name; of several, the last one counts. */
function ofAnyCase<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]));
  }, schema);
}

const authSchema = ofAnyCase(
  z.object({ auth: text, username: text, password: text, identitytoken: secret, registrytoken: secret }),
).transform(({ auth, username, password, identitytoken, registrytoken }): DockerAuth => {
  const login = decodeAuth(auth) ?? { username, password };
  return {
    login:
      login.username === '' ? undefined : { username: login.username, password: new Secret(login.password) },
    identityToken: identitytoken,
    registryToken: registrytoken,
  };
});

/** Each entry counts for itself: one that is odd says nothing of the others. */
const authsSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((entries): Auths => {
    return new Map(
      Object.entries(entries ?? {}).map(([key, entry]) => [
        key,
        authSchema.safeParse(entry ?? {}).data ?? 'unusable',
      ]),
    );
  });

const optionalText = text.transform((value) => (value === '' ? undefined : value));

const helpersSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform(
    (entries): ReadonlyMap<string, string> =>
      new Map(
        Object.entries(entries ?? {}).flatMap(([key, helper]) =>
          typeof helper === 'string' ? [[key, helper]] : [],
        ),
      ),
  );

const configSchema = ofAnyCase(
  z.object({
    auths: authsSchema,
    credsstore: optionalText,
    credhelpers: helpersSchema,
    currentcontext: optionalText,
  }),
).transform(({ auths, credsstore, credhelpers, currentcontext }): DockerConfig => ({
  auths,
  credsStore: credsstore,
  credHelpers: credhelpers,
  currentContext: currentcontext,
}));

/** DOCKER_CONFIG, or `~/.docker`. */
export function dockerConfigFolder(environment: ProcessEnvironment): string {
  return variable(environment, 'DOCKER_CONFIG') ?? path.join(environment.homeDirectory, '.docker');
}

/** `fault` says why something that is there counts as empty. */
export interface LoadedConfig {
  readonly config: DockerConfig;
  readonly fault: string | undefined;
}

/** Reads config.json in {@link dockerConfigFolder}. */
export async function loadDockerConfig(environment: ProcessEnvironment): Promise<LoadedConfig> {
  const file = dockerConfigFile(environment);
  try {
    return parseConfig(await readFile(file, 'utf8'), file);
  } catch (error) {
    return holdsNoFile(error) ? nothing : unusable(file, describeError(error));
  }
}

export function dockerConfigFile(environment: ProcessEnvironment): string {
  return path.join(dockerConfigFolder(environment), 'config.json');
}

/** Holds `auths` as config.json does (docker/cli 28.3, cli/config/configfile/file.go, parseEnvConfig), as CI systems set it. */
export const authVariable = 'DOCKER_AUTH_CONFIG';

export function configFromVariable(environment: ProcessEnvironment): LoadedConfig {
  const content = variable(environment, authVariable);
  return content === undefined ? nothing : parseConfig(content, authVariable);
}

const nothing: LoadedConfig = { config: emptyConfig, fault: undefined };

function unusable(where: string, why: string): LoadedConfig {
  return { config: emptyConfig, fault: `The logins in ${where} are not used: ${why}.` };
}

/** Nothing at all, and `null`, are no logins for docker, and no mistake. */
function parseConfig(content: string, where: string): LoadedConfig {
  const document = tryParseJson(content);
  if (document === null || content.trim() === '') return nothing;
  const parsed = configSchema.safeParse(document);
  if (parsed.success) return { config: parsed.data, fault: undefined };
  // Neither zod's nor the parser's message: they may quote the file, and it holds passwords.
  const part = parsed.error.issues[0]?.path.map(String).join('.');
  return unusable(where, part ? `"${part}" is not as docker writes it` : 'it is not a JSON object');
}

/**
 * The entry for a registry: by its exact key, else by the host in the key, since docker and its forerunners wrote
 * `https://host/v1/` as well as `host` (docker/cli, cli/config/credentials/file_store.go).
 */
export function findAuth({ auths }: DockerConfig, key: string): DockerAuth | 'unusable' | undefined {
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

/** Where Kubernetes mounts a secret that isn't there, it leaves an empty folder of the name. */
function holdsNoFile(error: unknown): boolean {
  const codes: unknown[] = ['ENOENT', 'ENOTDIR', 'EISDIR'];
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}
