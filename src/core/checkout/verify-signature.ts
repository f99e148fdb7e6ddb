import { createPublicKey, type JsonWebKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject, JsonValue } from '../json/value';
import { isSigned, type Signature, type SignatureFile } from './signatures';

/**
 * Whether a signature is one over what lies there. `unknown`: its file holds no key that it could be verified with. Whether the
 * key is one that the device trusts is another question.
 */
export type Standing = 'fits' | 'stale' | 'unknown';

export interface CheckedSignature extends Signature {
  readonly standing: Standing;
}

/**
 * Verifies a signature with the public key in its own file (pvr libpvr/signature.go; pantavisor signature.c): over its protected
 * header, and the canonical JSON of all members of the state that it includes and doesn't exclude.
 *
 * @param members of the state as it would be committed, with `#spec`.
 */
export function standingOf(signature: SignatureFile, members: JsonObject): Standing {
  const { header, protected: encoded, signature: bytes } = signature.jws;
  const algorithm = algorithms.get(header['alg']);
  const key = publicKeyIn(header);
  if (algorithm === undefined || key === undefined) return 'unknown';
  const signed = new Map<string, JsonValue>([...members].filter(([file]) => isSigned(signature, file)));
  try {
    const payload = Buffer.from(stringifyCanonical(signed)).toString('base64url');
    const isOver = verify(
      algorithm,
      Buffer.from(`${encoded}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(bytes, 'base64url'),
    );
    return isOver ? 'fits' : 'stale';
  } catch {
    return 'unknown';
  }
}

/** Of JSON Web Signatures (RFC 7518, section 3.1): those that pvr makes. */
const algorithms: ReadonlyMap<unknown, string> = new Map([
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512'],
  ['ES256', 'sha256'],
  ['ES384', 'sha384'],
  ['ES512', 'sha512'],
]);

/** `jwk`, or the certificate of the signer, the first of `x5c`. */
function publicKeyIn({ jwk, x5c }: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    if (typeof jwk === 'object' && jwk !== null)
      return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const certificate: unknown = Array.isArray(x5c) ? x5c[0] : undefined;
    if (typeof certificate === 'string')
      return new X509Certificate(Buffer.from(certificate, 'base64')).publicKey;
  } catch {
    // Whatever it is, it is no key.
  }
  return undefined;
}
