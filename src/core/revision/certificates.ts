import { X509Certificate } from 'node:crypto';

/** All certificates of a PEM file, in its order; as pvr does, blocks that hold none are passed over. */
export function certificatesInPem(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => certificateFrom(block) ?? []);
}

/** @param source PEM, or DER. @returns undefined where it is none. */
export function certificateFrom(source: string | Buffer): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(source);
    // A key that can't be read is told only now.
    return certificate.publicKey.type === 'public' ? certificate : undefined;
  } catch {
    return undefined;
  }
}

export interface ChainOptions {
  /** Certificates that are trusted. */
  readonly anchors: readonly X509Certificate[];
  /** When it must be valid. */
  readonly at: Date;
  /**
   * What the certificates must allow, where they name uses at all: pvr wants code signing (Go's `x509.Verify`), a device nothing
   * (mbedTLS, `mbedtls_x509_crt_verify`).
   */
  readonly use: 'code-signing' | 'any';
}

/** More than any real chain has, and what mbedTLS takes at most. */
const maxIntermediates = 8;

/**
 * Why the first certificate of a chain isn't to be trusted; a clause. Undefined: a way leads from it to an anchor, by those that
 * follow it, in any order.
 */
export function chainFailure(
  [leaf, ...intermediates]: readonly X509Certificate[],
  { anchors, at, use }: ChainOptions,
): string | undefined {
  if (leaf === undefined) return 'it has no certificate';
  const failures: string[] = [];
  const leadsToAnchor = (certificate: X509Certificate, below: readonly X509Certificate[]): boolean => {
    const failure =
      dateFailure(certificate, at) ?? (use === 'code-signing' ? useFailure(certificate) : undefined);
    if (failure !== undefined) {
      failures.push(failure);
      return false;
    }
    if (anchors.some((anchor) => isSame(anchor, certificate))) return true;
    if (below.length > maxIntermediates) return false;
    const chain = [...below, certificate];
    return [...anchors, ...intermediates]
      .filter((issuer) => !chain.some((one) => isSame(one, issuer)) && hasIssued(issuer, certificate))
      .filter((issuer) => allowsBelow(issuer, chain.slice(1)))
      .some((issuer) => leadsToAnchor(issuer, chain));
  };
  if (leadsToAnchor(leaf, [])) return undefined;
  return (
    failures[0] ?? `the certificate of ${nameOf(leaf)} leads to none that is trusted (${countOf(anchors)})`
  );
}

function countOf(anchors: readonly X509Certificate[]): string {
  return anchors.length === 1 ? `of ${nameOf(anchors[0])}` : `there are ${anchors.length}`;
}

/** The common name, or all of the name where there is none. */
export function nameOf(certificate: X509Certificate | undefined): string {
  const subject = certificate?.subject ?? '';
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.raw.equals(b.raw);
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function dateFailure(certificate: X509Certificate, at: Date): string | undefined {
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (at < from) return `the certificate of ${nameOf(certificate)} is not valid before ${dayOf(from)}`;
  // What says no date that can be read is valid at none.
  if (!(at <= to)) return `the certificate of ${nameOf(certificate)} has expired (${dayOf(to)})`;
  return undefined;
}

function dayOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().slice(0, 10);
}

const codeSigning = '1.3.6.1.5.5.7.3.3';
const anyUse = '2.5.29.37.0';

function useFailure(certificate: X509Certificate): string | undefined {
  // What Node calls the key's usage is the extended one; its types don't know that there may be none.
  const uses = certificate.keyUsage as readonly string[] | undefined;
  if (uses === undefined || uses.includes(codeSigning) || uses.includes(anyUse)) return undefined;
  return `the certificate of ${nameOf(certificate)} is not for signing code`;
}

/** Whether a certificate allows these between itself and the signer's (basicConstraints' pathLenConstraint). */
function allowsBelow(issuer: X509Certificate, intermediates: readonly X509Certificate[]): boolean {
  const limit = pathLength(issuer.raw);
  return limit === undefined || intermediates.filter((one) => one.issuer !== one.subject).length <= limit;
}

/** `basicConstraints` (2.5.29.19) in DER, which Node shows in part: `SEQUENCE { cA BOOLEAN, pathLenConstraint INTEGER }`. */
function pathLength(der: Buffer): number | undefined {
  const at = der.indexOf(Buffer.from('0603551d13', 'hex'));
  if (at < 0) return undefined;
  const rest = der.subarray(at + 5, at + 5 + 24).toString('hex');
  const length = /^(?:0101ff)?04..30..(?:0101..)?0201(..)/.exec(rest)?.[1];
  return length === undefined ? undefined : Number.parseInt(length, 16);
}
