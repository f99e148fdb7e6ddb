import assert from 'node:assert/strict';

/**
 * What the head of an xz stream says that the kernel cares about (the xz format, 2.1.1, 3.1 and 5.3.1): the kind of its
 * check, and how large the dictionary of its block is, which must have LZMA2 as its only filter.
 */
export function readXzHeader(bytes: Uint8Array): { check: number; dictionarySize: number } {
  const magic = Buffer.from(bytes.subarray(0, 7));
  assert.equal(magic.toString('latin1'), '\xfd7zXZ\0\0');
  const check = bytes[7] ?? NaN;

  const flags = bytes[13] ?? 0;
  assert.equal(flags & 3, 0, 'one filter');
  let at = 14;
  for (const sizeIsPresent of [flags & 0x40, flags & 0x80]) {
    if (sizeIsPresent === 0) continue;
    while ((bytes[at++] ?? 0) >= 0x80);
  }
  assert.deepEqual([...bytes.slice(at, at + 2)], [0x21, 1], 'LZMA2, with one byte of properties');
  // 2^12, 2^12 + 2^11, 2^13, ... are 0, 1, 2, ...
  const properties = bytes[at + 2] ?? NaN;
  return { check, dictionarySize: (2 | (properties & 1)) * 2 ** ((properties >> 1) + 11) };
}

/** The only check that the kernel's decoder has. */
export const xzCheckCrc32 = 1;
