/** A digest as people tell it from others: `nginx@sha256:0123456789ab`, with as many digits as docker shows. */
export function shortDigest(digest: string): string {
  return digest.replace(/(?<=\bsha\d+:[0-9a-f]{12})[0-9a-f]+$/, '');
}
