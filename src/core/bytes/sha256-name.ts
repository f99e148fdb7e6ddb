/** A sha256 in lower-case hex, as objects are named by it and documents tell it. */
export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
