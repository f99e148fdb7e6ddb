import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  createVerifier,
  digestOf,
  isDigest,
  parseDigest,
  type ExpectedContent,
} from '../../../src/core/image/digest';
import { Problem } from '../../../src/core/problem';

const content = Buffer.from('the bytes of a layer');
const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

describe('a digest', () => {
  it('is an algorithm and its sum in lower-case hex', () => {
    assert.ok(isDigest(`sha256:${'0a'.repeat(32)}`));
    assert.ok(isDigest(`sha512:${'0a'.repeat(64)}`));
    for (const text of [
      '',
      'sha256:',
      `sha256:${'0A'.repeat(32)}`,
      `sha256:${'0a'.repeat(64)}`,
      `md5:${'0a'.repeat(16)}`,
    ]) {
      assert.ok(!isDigest(text), text);
      assert.throws(() => parseDigest(text), Problem);
    }
  });

  it('is computed as sha256 unless told otherwise', () => {
    assert.equal(digestOf(content), `sha256:${createHash('sha256').update(content).digest('hex')}`);
    assert.equal(digestOf(content, 'sha512'), `sha512:${createHash('sha512').update(content).digest('hex')}`);
  });
});

describe('a verifier', () => {
  /** Gives it these pieces, one after the other. */
  function verify(expected: ExpectedContent, ...pieces: readonly Buffer[]): void {
    const verifier = createVerifier(expected, 'reading a layer');
    pieces.forEach((piece) => verifier.update(piece));
    verifier.finish();
  }
  const whole = { digest: digestOf(content), size: content.length };

  for (const algorithm of ['sha256', 'sha512'] as const) {
    it(`takes the right bytes, in pieces of any size (${algorithm})`, () => {
      const digest = digestOf(content, algorithm);
      verify({ digest, size: content.length }, content.subarray(0, 5), content.subarray(5));
      verify({ digest, size: undefined }, content);
    });
  }

  it('fails when a byte is another', () => {
    const changed = Buffer.from(content);
    changed[3] = 0;
    assert.throws(() => verify(whole, changed), problem(/has the digest sha256:.* instead of sha256:/));
  });

  it('fails when bytes are missing', () => {
    assert.throws(() => verify(whole, content.subarray(0, 10)), problem(/only 10 of 20 bytes came/));
  });

  it('fails at the first byte too many, without waiting for the end', () => {
    const verifier = createVerifier(whole, 'reading a layer');
    verifier.update(content);
    assert.throws(() => verifier.update(Buffer.from('x')), problem(/more than the expected 20 bytes/));
  });
});
