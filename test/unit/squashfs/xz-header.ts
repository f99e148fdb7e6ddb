import assert from 'node:assert/strict';

/**
 * What the head of an xz stream says that the kernel cares about (the xz format, 2.1.1, 3.1 and 5.3.1): the kind of its
 * check, and how large the dictionary of its block is, whose last filter must be LZMA2, with the id of the one before it if there
 * is one, which must be without properties.
 */
export function readXzHeader(bytes: Uint8Array): { check: number; dictionarySize: number; filter?: number } {
  const magic = Buffer.from(bytes.subarray(0, 7));
  assert.equal(magic.toString('latin1'), '\xfd7zXZ\0\0');
  const check = bytes[7] ?? NaN;

  const flags = bytes[13] ?? 0;
  assert.ok((flags & 3) <= 1, 'one filter or two');
  let at = 14;
  for (const sizeIsPresent of [flags & 0x40, flags & 0x80]) {
    if (sizeIsPresent === 0) continue;
    while ((bytes[at++] ?? 0) >= 0x80);
  }
  const filter = (flags & 3) === 1 ? bytes[at] : undefined;
  if (filter !== undefined) {
    assert.equal(bytes[at + 1], 0, 'no properties');
    at += 2;
  }
  assert.deepEqual([...bytes.slice(at, at + 2)], [0x21, 1], 'LZMA2, with one byte of properties');
  // 2^12, 2^12 + 2^11, 2^13, ... are 0, 1, 2, ...
  const properties = bytes[at + 2] ?? NaN;
  const dictionarySize = (2 | (properties & 1)) * 2 ** ((properties >> 1) + 11);
  return { check, dictionarySize, ...(filter !== undefined && { filter }) };
}

/** The only check that the kernel's decoder has. */
export const xzCheckCrc32 = 1;
