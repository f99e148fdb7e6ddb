import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Problem } from '../problem';

/** Asks whoever is there for the passphrase of a key file. @throws Problem where nobody can be asked. */
export type AskPassphrase = (file: string) => Promise<string>;

/** Says that nobody is there to be asked. */
export const nobodyToAsk: AskPassphrase = (file) =>
  Promise.reject(
    new Problem({
      doing: `reading the key ${file}`,
      found: 'it is encrypted, and there is no terminal to ask for its passphrase',
      remedy: 'Run it in a terminal, or give a key that is not encrypted',
    }),
  );

/**
 * The first private key of a PEM file: PKCS #1, PKCS #8 or SEC 1, encrypted or not. Nothing of the file's content, and no
 * passphrase, ends up in a message.
 *
 * @param file its name, for messages.
 */
export async function privateKeyIn(text: string, file: string, ask: AskPassphrase): Promise<KeyObject> {
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^]*?-----END \1-----/.exec(text)?.[0];
  if (block === undefined)
    throw notAKey(file, 'there is no private key in it', 'Name a PEM file with one in --key');
  if (!needsPassphrase(block)) {
    const key = keyFrom(block);
    if (key === undefined) throw notAKey(file, 'its private key can not be read', 'Check that it is whole');
    return key;
  }
  const key = keyFrom(block, await ask(file));
  if (key === undefined) throw notAKey(file, 'the passphrase does not open it', 'Try again');
  return key;
}

/**
 * Whether somebody has to be asked before the private key in a PEM text can be read: PKCS #8's own form, or that of older files
 * (RFC 1421).
 */
export function needsPassphrase(pem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4,ENCRYPTED/m.test(pem);
}

/** What OpenSSL says of a failure is dropped: nobody vouches for what it quotes. */
function keyFrom(pem: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return undefined;
  }
}

function notAKey(file: string, found: string, remedy: string): Problem {
  return new Problem({ doing: `reading the key ${file}`, found, remedy });
}

/**
 * All public keys of a PEM file, as pvr's `--pubkey` takes them: certificates count for nothing there.
 *
 * @throws Problem when there is none.
 */
export function publicKeysIn(text: string, file: string): readonly KeyObject[] {
  const blocks = text.match(/-----BEGIN (RSA )?PUBLIC KEY-----[^-]*-----END (RSA )?PUBLIC KEY-----/g) ?? [];
  const keys = blocks.flatMap((block) => {
    try {
      return [createPublicKey(block)];
    } catch {
      return [];
    }
  });
  if (keys.length > 0) return keys;
  throw new Problem({
    doing: `reading the public key ${file}`,
    found: 'there is none in it',
    remedy:
      'Name a PEM file with one; openssl x509 -in CERTIFICATE -noout -pubkey writes that of a certificate',
  });
}

/** How a key signs, in the words of JSON Web Signatures (RFC 7518, section 3.1), with the digest that goes with it. */
export interface SigningAlgorithm {
  readonly name: 'RS256' | 'ES256' | 'ES384';
  readonly digest: 'sha256' | 'sha384';
}

const curves: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: { name: 'ES256', digest: 'sha256' },
  secp384r1: { name: 'ES384', digest: 'sha384' },
};

/** @throws Problem for a kind of key that pvr doesn't sign with. */
export function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') return { name: 'RS256', digest: 'sha256' };
  const curve = type === 'ec' ? (details?.namedCurve ?? '') : '';
  const algorithm = Object.hasOwn(curves, curve) ? curves[curve] : undefined;
  if (algorithm !== undefined) return algorithm;
  throw new Problem({
    doing: 'choosing how to sign',
    found: `nobody verifies signatures of such a key (${[type, curve].filter(Boolean).join(', ')})`,
    remedy: 'Use an RSA key',
  });
}

/** Whether both are, or belong to, the same pair. */
export function isSameKey(a: KeyObject, b: KeyObject): boolean {
  return publicHalf(a).equals(publicHalf(b));
}

export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}
