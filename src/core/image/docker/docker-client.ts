import type { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { DockerOptions } from 'dockerode';
import type { ProcessEnvironment } from '../../net/process-environment';
import { describeError, Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { dockerFailure, type DockerQuestion } from './docker-problem';
import { type DockerEndpoint, findDockerEndpoint } from './endpoint';
import { SshAgent } from './ssh-agent';

/** Questions to a docker daemon (docker's Engine API). Both ways of asking throw a Problem when no good answer comes. */
export interface DockerClient {
  /** For messages: `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** A document. */
  json(question: DockerQuestion, signal: AbortSignal): Promise<unknown>;
  /** A body of any length; when it breaks, reading it fails with a {@link Problem}. */
  stream(question: DockerQuestion, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** @throws Problem when it can't even be tried. */
export async function connectToDocker(environment: ProcessEnvironment): Promise<DockerClient> {
  const endpoint = await findDockerEndpoint(environment);
  // Large, and needed by few.
  const { default: Docker } = await import('dockerode');
  const docker = unlessUnusable(() => new Docker(optionsFor(endpoint, environment)));

  function dial(question: DockerQuestion, isStream: boolean, signal: AbortSignal): Promise<unknown> {
    const { path, query = {} } = question;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      docker.modem.dial(
        {
          path: `${path}?`,
          method: 'GET',
          options: { ...query },
          isStream,
          statusCodes: { 200: true },
          abortSignal: signal,
        },
        (error, result) => {
          if (error === null) resolve(result);
          else reject(signal.aborted ? abortReason(signal) : dockerFailure(error, question, endpoint.host));
        },
      );
    });
  }

  async function* body(stream: Readable, question: DockerQuestion, signal: AbortSignal) {
    try {
      for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
    } catch (error) {
      signal.throwIfAborted();
      throw dockerFailure(error, question, endpoint.host);
    }
  }

  return {
    host: endpoint.host,
    json: (question, signal) => dial(question, false, signal),
    async stream(question, signal) {
      const answer = await dial(question, true, signal);
      return body(answer instanceof Readable ? answer : Readable.from([]), question, signal);
    },
  };
}

/** dockerode's types leave out what it passes on to docker-modem. */
type ModemOptions = DockerOptions & { readonly agent: Agent | undefined };

/** Every option is given, even as undefined: what is left out docker-modem takes from the process' own environment. */
function optionsFor({ address, tls }: DockerEndpoint, environment: ProcessEnvironment): ModemOptions {
  const none = { host: undefined, port: undefined, socketPath: undefined, agent: undefined, pathPrefix: '/' };
  const common = { ...none, protocol: 'http', ca: undefined, cert: undefined, key: undefined } as const;
  switch (address.kind) {
    case 'socket':
      return { ...common, socketPath: address.path };
    case 'ssh':
      return { ...common, host: 'docker', agent: new SshAgent(address, environment) };
    case 'tcp': {
      const { host, port } = address;
      if (tls === undefined) return { ...common, host, port: port ?? 2375 };
      const { verify, ...certificates } = tls;
      const agent = new TlsAgent({ ...certificates, rejectUnauthorized: verify });
      return { ...common, protocol: 'https', host, port: port ?? 2376, agent };
    }
  }
}

/** docker-modem reads the certificates that the process' environment names, even when it is given others. */
function unlessUnusable<T>(create: () => T): T {
  try {
    return create();
  } catch (cause) {
    throw new Problem({
      doing: 'connecting to docker',
      found: `what the environment says of docker can't be used (${describeError(cause)})`,
      remedy: remedy`Check ${way.setting('dockerHost')} and the files in DOCKER_CERT_PATH`,
      cause,
    });
  }
}

function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
