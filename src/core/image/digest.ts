import { createHash, type Hash } from 'node:crypto';
import { Problem } from '../problem';

declare const brand: unique symbol;

/** `sha256:` or `sha512:` and the sum in lower-case hex (OCI image spec 1.1, descriptor.md "Digests"). */
export type Digest = `${DigestAlgorithm}:${string}` & { readonly [brand]: true };
export type DigestAlgorithm = 'sha256' | 'sha512';

/** What bytes must turn out to be; a `size` (bytes) of undefined means that only the digest is known. */
export interface ExpectedContent {
  readonly digest: Digest;
  readonly size: number | undefined;
}

export function isDigest(text: string): text is Digest {
  return /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

/** @throws Problem when `text` is no digest. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new Problem({
    doing: `reading the digest "${text.slice(0, 200)}"`,
    found: 'it is not "sha256:" with 64 or "sha512:" with 128 lower-case hexadecimal digits',
    remedy: 'Copy the whole digest from the registry, from docker inspect or from src.json',
  });
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

/** The sum in hex, without the algorithm. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return finishDigest(createHash(algorithm).update(bytes), algorithm);
}

/** Closes a running hash. */
export function finishDigest(hash: Hash, algorithm: DigestAlgorithm): Digest {
  return parseDigest(`${algorithm}:${hash.digest('hex')}`);
}

/** Checks bytes as they come; both methods throw a Problem as soon as the bytes can't be the expected ones. */
export interface Verifier {
  readonly received: number;
  update(chunk: Uint8Array): void;
  finish(): void;
}

/** @param doing what a Problem says was being done: `downloading the layer sha256:12ab…`. */
export function createVerifier({ digest, size }: ExpectedContent, doing: string): Verifier {
  const algorithm = algorithmOf(digest);
  const hash = createHash(algorithm);
  const wrong = (found: string) =>
    new Problem({
      doing,
      found,
      remedy:
        'Try again; if it happens again, the source holds damaged data and the image must be pushed anew',
    });
  let received = 0;
  return {
    get received() {
      return received;
    },
    update(chunk) {
      received += chunk.length;
      if (size !== undefined && received > size) throw wrong(`more than the expected ${size} bytes came`);
      hash.update(chunk);
    },
    finish() {
      if (size !== undefined && received < size) throw wrong(`only ${received} of ${size} bytes came`);
      const actual = finishDigest(hash, algorithm);
      if (actual !== digest) throw wrong(`the content has the digest ${actual} instead of ${digest}`);
    },
  };
}

/** @throws Problem unless `bytes` are exactly what was expected. */
export function verifyBytes(bytes: Uint8Array, expected: ExpectedContent, doing: string): void {
  const verifier = createVerifier(expected, doing);
  verifier.update(bytes);
  verifier.finish();
}
