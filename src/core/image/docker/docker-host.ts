import { Problem } from '../../problem';

export type DockerAddress =
  /** A Unix socket, or a named pipe of Windows. */
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number | undefined }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number | undefined;
      readonly user: string | undefined;
      /** The daemon's socket on the other machine, unless it is the usual one. */
      readonly socket: string | undefined;
    };

/**
 * Reads the value of DOCKER_HOST or a context's host (docker/cli, opts/hosts.go): `unix:///path`, `npipe:////./pipe/name`,
 * `tcp://host:port`, a bare `host:port`, or `ssh://user@host:port`.
 *
 * @param doing what a Problem says was being done.
 */
export function parseDockerHost(text: string, doing: string): DockerAddress {
  const bad = () =>
    new Problem({
      doing,
      // Not the value: it may hold a password.
      found: 'it is not an address that docker knows',
      remedy: 'Write it like unix:///var/run/docker.sock, tcp://host.example:2376 or ssh://user@host.example',
    });
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(text)?.[1];
  if (socket !== undefined) return { kind: 'socket', path: socket };
  const address = text.includes('://') ? text : `tcp://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.hostname === '') throw bad();
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? undefined : Number(url.port);
  switch (url.protocol) {
    case 'tcp:':
    case 'http:':
    case 'https:':
      return { kind: 'tcp', host, port };
    case 'ssh:':
      return {
        kind: 'ssh',
        host,
        port,
        user: url.username === '' ? undefined : decodeURIComponent(url.username),
        socket: url.pathname === '' || url.pathname === '/' ? undefined : url.pathname,
      };
    default:
      throw bad();
  }
}
