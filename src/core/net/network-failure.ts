import { describeError, Problem, type ProblemParts } from '../problem';
import type { Remedy } from '../remedy';

/**
 * There is no answer (`unreachable`), or the answer is that what was asked for is not there (`missing`): it may well be
 * elsewhere. Any other Problem of a source is its last word.
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

/** What helps against what depends on what the hosts are, in the caller's words. */
export interface HostRemedies {
  /** It doesn't speak TLS. */
  readonly noTls: Remedy;
  /** There is no host of this name. */
  readonly noSuchName: Remedy;
  readonly refused: Remedy;
  /** It refuses to speak TLS, perhaps without a client's certificate. */
  wantsCertificate(host: string): Remedy;
  /** Its certificate can't be trusted. */
  notTrusted(host: string): Remedy;
  /** It answers something else than HTTP. */
  readonly noHttp: Remedy;
  /** It redirects where nobody should go. */
  readonly badRedirect: Remedy;
  /** Its answer is larger than an answer can be. */
  readonly tooLong: Remedy;
}

/** Says in people's words what went wrong. */
export function networkProblem(failure: NetworkFailure, doing: string, remedies: HostRemedies): Absence {
  const { found, remedy } = explainAll(failure, remedies);
  const through = failure.proxy === undefined ? '' : ` (through the proxy ${failure.proxy.host})`;
  return new Absence('unreachable', { doing, found: found + through, remedy, cause: failure });
}

/** Where both ways were tried, the one without TLS was the last hope, and says what to do. */
function explainAll(failure: NetworkFailure, remedies: HostRemedies): Explanation {
  const { overTls } = failure;
  const last = explain(failure, remedies);
  // Whoever isn't there at all, isn't there either way.
  if (overTls === undefined || (overTls.code === failure.code && !failure.isTransient)) return last;
  const before = overTls.isNotTls
    ? explain(overTls, remedies).found
    : `over TLS, ${explain(overTls, remedies).found}`;
  return { found: `${before}; over plain HTTP, ${last.found}`, remedy: last.remedy };
}

interface Explanation {
  readonly found: string;
  readonly remedy: Remedy;
}

function explain(failure: NetworkFailure, remedies: HostRemedies): Explanation {
  const {
    code,
    url: { host },
    message,
  } = failure;
  if (failure.isNotTls) {
    return {
      found: `${host} does not speak TLS`,
      remedy: remedies.noTls,
    };
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        found: `there is no host of the name ${host}, or no name server to ask`,
        remedy: remedies.noSuchName,
      };
    case 'ECONNREFUSED':
      return {
        found: `${host} refused the connection`,
        remedy: remedies.refused,
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
      remedy: remedies.wantsCertificate(host),
    };
  }
  if (code.includes('CERT') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return {
      found: `the certificate of ${host} can't be trusted (${message})`,
      remedy: remedies.notTrusted(host),
    };
  }
  if (code.startsWith('HPE_')) {
    return {
      found: `the answer of ${host} is no HTTP that can be understood (${message})`,
      remedy: remedies.noHttp,
    };
  }
  return { found: `the connection to ${host} broke (${message})`, remedy: 'Try again later' };
}
