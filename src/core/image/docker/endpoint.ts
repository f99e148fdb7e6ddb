import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { sha256Of } from '../../bytes/sha256';
import { type ProcessEnvironment, variable } from '../../net/process-environment';
import { describeError, Problem } from '../../problem';
import { remedy, type Remedy, way } from '../../remedy';
import { dockerConfigFolder, loadDockerConfig } from '../credentials/docker-config';
import { checkDocument, parseJsonBytes } from '../json-document';
import { type DockerAddress, parseDockerHost } from './docker-host';

/** Where docker answers, and how to talk to it there. */
export interface DockerEndpoint {
  /** As docker writes it: `unix:///var/run/docker.sock`. */
  readonly host: string;
  readonly address: DockerAddress;
  /** undefined without TLS; only for TCP. */
  readonly tls: DockerTls | undefined;
}

/** Contents of PEM files. */
export interface DockerTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whether the daemon must show a certificate that can be trusted. */
  readonly verify: boolean;
}

/**
 * Finds the daemon that the `docker` command would talk to (docker/cli, cli/command/cli.go, resolveContextName): DOCKER_HOST,
 * else the context that DOCKER_CONTEXT or config.json names, else the socket of this machine.
 *
 * @throws Problem when what is named can't be used.
 */
export async function findDockerEndpoint(environment: ProcessEnvironment): Promise<DockerEndpoint> {
  const host = variable(environment, 'DOCKER_HOST');
  if (host !== undefined) {
    const address = parseDockerHost(host, 'reading the environment variable DOCKER_HOST');
    return { host, address, tls: address.kind === 'tcp' ? await tlsFromEnvironment(environment) : undefined };
  }
  const fromVariable = variable(environment, 'DOCKER_CONTEXT');
  const context = fromVariable ?? (await loadDockerConfig(environment)).config.currentContext;
  if (context === undefined || context === 'default') return defaultEndpoint(environment);
  // The variable overrides what docker context use chooses.
  const choice = fromVariable === undefined ? 'with docker context use' : 'as DOCKER_CONTEXT, or unset that';
  return fromContext(
    context,
    remedy`Choose another one ${choice}, or set ${way.setting('dockerHost')}`,
    environment,
  );
}

async function tlsFromEnvironment(environment: ProcessEnvironment): Promise<DockerTls | undefined> {
  const folder = variable(environment, 'DOCKER_CERT_PATH');
  const verify = variable(environment, 'DOCKER_TLS_VERIFY') !== undefined;
  if (folder === undefined && !verify && variable(environment, 'DOCKER_TLS') === undefined) return undefined;
  return { ...(await readCertificates(folder ?? dockerConfigFolder(environment))), verify };
}

const contextSchema = z.object({
  Endpoints: z.object({
    docker: z.object({
      Host: z.string().default(''),
      SkipTLSVerify: z.boolean().default(false),
    }),
  }),
});

/**
 * docker/cli, cli/context/store: folders are named after the sha256 of the context's name.
 *
 * @param remedy what to do when it can't be used, which depends on what names it.
 */
async function fromContext(
  name: string,
  remedy: Remedy,
  environment: ProcessEnvironment,
): Promise<DockerEndpoint> {
  const doing = `reading the docker context "${name}"`;
  const contexts = path.join(dockerConfigFolder(environment), 'contexts');
  const id = sha256Of(name);
  const file = path.join(contexts, 'meta', id, 'meta.json');
  const bytes = await readFile(file).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const found = isMissing ? 'there is no such context' : `it can't be read (${describeError(cause)})`;
    throw new Problem({ doing, found, remedy, cause });
  });
  const context = { doing, remedy };
  const { Host, SkipTLSVerify } = checkDocument(contextSchema, parseJsonBytes(bytes, context), context)
    .Endpoints.docker;
  if (Host === '') return defaultEndpoint(environment);
  const address = parseDockerHost(Host, doing);
  const certificates =
    address.kind === 'tcp' ? await readCertificates(path.join(contexts, 'tls', id, 'docker')) : undefined;
  const hasTls = certificates !== undefined && Object.values(certificates).some((pem) => pem !== undefined);
  return { host: Host, address, tls: hasTls ? { ...certificates, verify: !SkipTLSVerify } : undefined };
}

async function defaultEndpoint(environment: ProcessEnvironment): Promise<DockerEndpoint> {
  const candidates = defaultSockets(environment);
  const exist = await Promise.all(candidates.map((socket) => isThere(socket)));
  const socket = candidates.find((_, at) => exist[at]) ?? candidates[0] ?? '';
  const scheme = environment.platform === 'win32' ? 'npipe' : 'unix';
  return { host: `${scheme}://${socket}`, address: { kind: 'socket', path: socket }, tls: undefined };
}

/** Where a daemon of this machine listens: docker's own place first, then those of a docker without root and of Docker Desktop. */
export function defaultSockets(environment: ProcessEnvironment): readonly string[] {
  const { homeDirectory, platform } = environment;
  if (platform === 'win32') return ['//./pipe/docker_engine'];
  const runtime = variable(environment, 'XDG_RUNTIME_DIR');
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [path.posix.join(runtime, 'docker.sock')]),
    path.posix.join(homeDirectory, '.docker', 'run', 'docker.sock'),
    path.posix.join(homeDirectory, '.docker', 'desktop', 'docker.sock'),
  ];
}

/** A file that is missing adds nothing; the handshake tells if it was needed. */
async function readCertificates(folder: string): Promise<Omit<DockerTls, 'verify'>> {
  const read = (name: string) => readFile(path.join(folder, name), 'utf8').catch(() => undefined);
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
  return { ca, cert, key };
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
