import { describeError, Problem, type ProblemParts } from '../problem';
import { remedy, type Remedy, way } from '../remedy';

/**
 * A source has no answer to give (`unreachable`), or answers that the image is not there (`missing`): the same image may
 * well be elsewhere. Any other Problem of a source is its last word.
 */
export class Absence extends Problem {
  constructor(
    readonly why: 'unreachable' | 'missing',
    parts: ProblemParts,
  ) {
    super(parts);
  }
}

/** There came no answer, or only a part of one. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';

  constructor(
    /** What was asked at last, after redirects. */
    readonly url: URL,
    /** The proxy that was to lead there. */
    readonly proxy: URL | undefined,
    cause: unknown,
    /** The same request over TLS, when this one was sent without because of it. */
    readonly overTls?: NetworkFailure,
  ) {
    super(describeError(cause), { cause });
  }

  /** The same, as what was tried when TLS had failed. */
  after(overTls: NetworkFailure): NetworkFailure {
    return new NetworkFailure(this.url, this.proxy, this.cause, overTls);
  }

  /** The code of Node or of a PeerError, like `ECONNREFUSED`; empty when there is none. */
  get code(): string {
    const { cause } = this;
    return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  }

  /** A connection that broke, as opposed to one that can't be made or a server that is silent. */
  get isTransient(): boolean {
    return transientCodes.has(this.code);
  }

  /** What answered was something else than TLS. */
  get isNotTls(): boolean {
    return notTlsCodes.has(this.code) && !this.isAlert;
  }

  /** What a TLS server says when it doesn't want to talk with us (RFC 8446, 6). */
  get isAlert(): boolean {
    return /^ERR_SSL_.*ALERT/.test(this.code) || (this.code === 'EPROTO' && /\balert\b/i.test(this.message));
  }

  /** A server that took the request and sends nothing, or nothing any more; that may be a connection that is lost. */
  get isSilent(): boolean {
    return this.code === 'SILENT';
  }
}

const transientCodes = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

const notTlsCodes = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);

/** Says in people's words what went wrong. */
export function networkProblem(failure: NetworkFailure, doing: string): Absence {
  const { found, remedy } = explainAll(failure);
  const through = failure.proxy === undefined ? '' : ` (through the proxy ${failure.proxy.host})`;
  return new Absence('unreachable', { doing, found: found + through, remedy, cause: failure });
}

/** Where both ways were tried, the one without TLS was the last hope, and says what to do. */
function explainAll(failure: NetworkFailure): Explanation {
  const { overTls } = failure;
  const last = explain(failure);
  // Whoever isn't there at all, isn't there either way.
  if (overTls === undefined || (overTls.code === failure.code && !failure.isTransient)) return last;
  const before = overTls.isNotTls ? explain(overTls).found : `over TLS, ${explain(overTls).found}`;
  return { found: `${before}; over plain HTTP, ${last.found}`, remedy: last.remedy };
}

interface Explanation {
  readonly found: string;
  readonly remedy: Remedy;
}

function explain(failure: NetworkFailure): Explanation {
  const {
    code,
    url: { host },
    message,
  } = failure;
  if (failure.isNotTls) {
    return {
      found: `${host} does not speak TLS`,
      remedy: remedy`Give the registry a certificate, or, if it is in a trusted network, name it in ${way.setting('insecureRegistries')}`,
    };
  }
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
    case 'CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return {
        found: `${host} did not take the connection in time`,
        remedy: 'Check the network connection, and HTTPS_PROXY if this network needs a proxy',
      };
    case 'SILENT':
      return { found: `${host} took the request and then was silent`, remedy: 'Try again later' };
    case 'SLOW':
      return {
        found: `${host} sends too slowly (${message})`,
        remedy: 'Check the network connection, or try again later',
      };
    case 'PROXY_REFUSED':
      return {
        found: `the proxy did not let the connection to ${host} through (${message})`,
        remedy: 'Check HTTPS_PROXY with its user name and password, or list the host in NO_PROXY',
      };
  }
  if (failure.isAlert) {
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
  if (code.startsWith('HPE_')) {
    return {
      found: `the answer of ${host} is no HTTP that can be understood (${message})`,
      remedy: 'Check that the host is a container registry, and the proxies before it',
    };
  }
  return { found: `the connection to ${host} broke (${message})`, remedy: 'Try again later' };
}
