import { Absence } from '../../net/network-failure';
import { describeError, Problem } from '../../problem';
import { remedy, way } from '../../remedy';

export interface DockerQuestion {
  /** `/images/nginx:1.25/json` */
  readonly path: string;
  /** Objects are sent as JSON. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** What a Problem says was being done. */
  readonly doing: string;
  /** What is asked for, when a 404 means that it is not there. */
  readonly what?: string;
}

const maxMessageLength = 300;

/** Makes a Problem of what dockerode throws. */
export function dockerFailure(error: unknown, { doing, what }: DockerQuestion, host: string): Problem {
  const { status, code, message } = readFailure(error);
  if (status !== undefined) return refused(status, message, { doing, what, error });
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new Absence('unreachable', {
        doing,
        found: `no docker daemon answers at ${host}`,
        remedy: remedy`Start docker, or choose another daemon with docker context use or ${way.setting('dockerHost')}`,
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new Problem({
        doing,
        found: `you may not use docker's socket, ${host}`,
        remedy: 'Become a member of the group docker (sudo usermod -aG docker $USER) and log in again',
        cause: error,
      });
    case 'ECONNRESET':
    case 'EPIPE':
      return new Problem({
        doing,
        found: `docker at ${host} ended the connection before its answer did`,
        remedy: 'Check that docker still runs and look into its log, then try again',
        cause: error,
      });
    default:
      return new Problem({
        doing,
        found: `docker at ${host} can't be asked (${message})`,
        remedy: remedy`Check that docker runs, and ${way.setting('dockerHost')} or docker context ls for where`,
        cause: error,
      });
  }
}

interface Refusal {
  readonly doing: string;
  readonly what: string | undefined;
  readonly error: unknown;
}

function refused(status: number, message: string, { doing, what, error }: Refusal): Problem {
  if (status === 404 && what !== undefined) {
    return new Absence('missing', {
      doing,
      found: `docker does not have ${what}`,
      remedy: 'Build or pull it with docker, or check its name with docker image ls',
      cause: error,
    });
  }
  return new Problem({
    doing,
    found: `docker answered ${status}${message === '' ? '' : `: ${message}`}`,
    remedy: "Look into docker's log, then try again",
    cause: error,
  });
}

interface Failure {
  /** Of the HTTP answer, when there is one. */
  readonly status: number | undefined;
  /** Of the operating system: `ENOENT`. */
  readonly code: string;
  readonly message: string;
}

function readFailure(error: unknown): Failure {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // docker-modem's own words around the daemon's.
  const message = describeError(error).replace(/^\(HTTP code \d+\) .*? - /s, '');
  return {
    status: typeof status === 'number' ? status : undefined,
    code: typeof code === 'string' ? code : '',
    message: message.trim().replaceAll(/\s+/g, ' ').slice(0, maxMessageLength),
  };
}
