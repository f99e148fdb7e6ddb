import { createPublicKey, type JsonWebKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject, JsonValue } from '../json/value';
import { isSigned, type Jws, type Signature, type SignatureFile } from './signatures';

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
  const key = publicKeyIn(signature.jws);
  if (key === undefined) return 'unknown';
  const signed = new Map<string, JsonValue>([...members].filter(([file]) => isSigned(signature, file)));
  const isOver = isSignatureOver(signature.jws, stringifyCanonical(signed), key);
  if (isOver === undefined) return 'unknown';
  return isOver ? 'fits' : 'stale';
}

/**
 * Whether a key has made a signature over its header and this payload.
 *
 * @returns undefined where the key isn't one for the algorithm that the header names, or nobody here knows that.
 */
export function isSignatureOver(
  { header, protected: encoded, signature }: Jws,
  payload: string,
  key: KeyObject,
): boolean | undefined {
  const algorithm = algorithms.get(header['alg']);
  if (algorithm?.keyType !== key.asymmetricKeyType) return undefined;
  try {
    return verify(
      algorithm?.digest,
      Buffer.from(`${encoded}.${Buffer.from(payload).toString('base64url')}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
  } catch {
    return undefined;
  }
}

/** Of JSON Web Signatures (RFC 7518, section 3.1): those that pvr makes. */
const algorithms: ReadonlyMap<unknown, { readonly digest: string; readonly keyType: 'rsa' | 'ec' }> = new Map(
  [
    ['RS256', { digest: 'sha256', keyType: 'rsa' }],
    ['RS384', { digest: 'sha384', keyType: 'rsa' }],
    ['RS512', { digest: 'sha512', keyType: 'rsa' }],
    ['ES256', { digest: 'sha256', keyType: 'ec' }],
    ['ES384', { digest: 'sha384', keyType: 'ec' }],
    ['ES512', { digest: 'sha512', keyType: 'ec' }],
  ],
);

/** The key that a signature names as its own: `jwk`, or that of the certificate of the signer, the first of `x5c`. */
export function publicKeyIn({ header }: Jws): KeyObject | undefined {
  const { jwk, x5c } = header;
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
