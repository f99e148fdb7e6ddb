import { describeError, Problem } from '../../problem';

/** There came no answer, or only a part of one. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';

  constructor(
    /** What was asked at last, after redirects. */
    readonly url: URL,
    /** The proxy that was to lead there. */
    readonly proxy: URL | undefined,
    cause: unknown,
  ) {
    super(describeError(cause), { cause });
  }

  /** The code of Node or undici, like `ECONNREFUSED`; empty when there is none. */
  get code(): string {
    const { cause } = this;
    return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  }

  /** A connection that broke, as opposed to one that can't be made or a server that is silent. */
  get isTransient(): boolean {
    return transientCodes.has(this.code);
  }
}

const transientCodes = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** Says in people's words what went wrong. */
export function networkProblem(failure: NetworkFailure, doing: string): Problem {
  const { found, remedy } = explain(failure);
  const through = failure.proxy === undefined ? '' : ` (through the proxy ${failure.proxy.host})`;
  return new Problem({ doing, found: found + through, remedy, cause: failure });
}

interface Explanation {
  readonly found: string;
  readonly remedy: string;
}

function explain({ code, url: { host }, message }: NetworkFailure): Explanation {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        found: `there is no host of the name ${host}, or no name server to ask`,
        remedy: 'Check the name in the image reference and the network connection',
      };
    case 'ECONNREFUSED':
      return {
        found: `${host} refused the connection`,
        remedy: 'Check that the registry runs and that the port is right',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { found: `there is no way to ${host}`, remedy: 'Check the network connection' };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return {
        found: `${host} did not take the connection in time`,
        remedy: 'Check the network connection, and HTTPS_PROXY if this network needs a proxy',
      };
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { found: `${host} took the request and then was silent`, remedy: 'Try again later' };
    case 'UND_ERR_ABORTED':
      return {
        found: `the proxy did not let the connection to ${host} through`,
        remedy: 'Check HTTPS_PROXY with its user name and password, or list the host in NO_PROXY',
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        found: `${host} does not speak TLS`,
        remedy: 'Give the registry a certificate, or name it as insecure if it is in a trusted network',
      };
  }
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return {
      found: `${host} refused to speak TLS with this client (${message})`,
      remedy: `If it wants a certificate, put one into ~/.docker/certs.d/${host}/ as client.cert and client.key`,
    };
  }
  if (code.includes('CERT') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return {
      found: `the certificate of ${host} can't be trusted (${message})`,
      remedy: `Put the certificate of its authority into ~/.docker/certs.d/${host}/ca.crt, or name its file in NODE_EXTRA_CA_CERTS`,
    };
  }
  return { found: `the connection to ${host} broke (${message})`, remedy: 'Try again later' };
}
