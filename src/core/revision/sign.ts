import { type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { signatureSpec } from '../checkout/signatures';
import { stringifyCanonical } from '../json/canonical';
import { goList } from '../json/indented';
import type { JsonObject } from '../json/value';
import { publicHalf, signingAlgorithm } from './keys';
import { payloadAsPvr, type PvrSelection, type SignaturePatterns } from './verify-as-pvr';

/** Who signs. */
export interface Signer {
  readonly key: KeyObject;
  /** Of its public half, the signer's own first; none: a device knows it as its `pub.pem`. */
  readonly certificates: readonly X509Certificate[];
}

/**
 * The text of a signature file, byte for byte as `pvr sig add` writes it (libpvr/pvslib.go, JwsSign, with go-jose 3); those of EC
 * keys are others each time.
 *
 * @param document the state, with `#spec`.
 * @param selection what the patterns select of it.
 * @throws Problem for a kind of key that pvr doesn't sign with.
 */
export function signatureText(
  document: JsonObject,
  patterns: SignaturePatterns,
  selection: PvrSelection,
  { key, certificates }: Signer,
  { withPayload = false } = {},
): string {
  const algorithm = signingAlgorithm(key);
  const header = encoded(headerText(algorithm.name, patterns, { key, certificates }));
  const payload = encoded(payloadAsPvr(document, selection));
  const bytes = sign(algorithm.digest, Buffer.from(`${header}.${payload}`), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return stringifyCanonical(
    new Map([
      ['#spec', signatureSpec],
      ...(withPayload ? [['payload', payload] as const] : []),
      ['protected', header],
      ['signature', bytes.toString('base64url')],
    ]),
  );
}

/** Compact, with the members in the order of their names, and strings as Go quotes them. */
function headerText(
  algorithm: string,
  { include, exclude }: SignaturePatterns,
  { key, certificates }: Signer,
): string {
  const x5c = certificates.map(({ raw }) => raw.toString('base64'));
  const members = [
    `"alg":"${algorithm}"`,
    `"jwk":${jwkText(publicHalf(key))}`,
    `"pvs":{"include":${goList(include)},"exclude":${goList(exclude)}}`,
    '"typ":"PVS"',
    ...(x5c.length === 0 ? [] : [`"x5c":${goList(x5c)}`]),
  ];
  return `{${members.join(',')}}`;
}

/** The members in go-jose's order. */
function jwkText(key: KeyObject): string {
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' });
  return JSON.stringify({ kty, crv, n, e, x, y });
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}
