import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import {
  digestOf,
  isDigest,
  parseDigest,
  verifying,
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

describe('verifying', () => {
  /** What comes out at the other end. */
  async function through(source: Readable, expected: ExpectedContent): Promise<Buffer> {
    const output = new PassThrough();
    const [bytes] = await Promise.all([
      buffer(output),
      pipeline(source, verifying(expected, 'reading a layer'), output),
    ]);
    return bytes;
  }
  const pieces = (bytes: Buffer) => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]);

  for (const algorithm of ['sha256', 'sha512'] as const) {
    it(`passes the right bytes on (${algorithm})`, async () => {
      const digest = digestOf(content, algorithm);
      assert.deepEqual(await through(pieces(content), { digest, size: content.length }), content);
      assert.deepEqual(await through(pieces(content), { digest, size: undefined }), content);
    });
  }

  it('fails when a byte is another', async () => {
    const changed = Buffer.from(content);
    changed[3] = 0;
    await assert.rejects(
      through(pieces(changed), { digest: digestOf(content), size: content.length }),
      problem(/has the digest sha256:.* instead of sha256:/),
    );
  });

  it('fails when bytes are missing', async () => {
    await assert.rejects(
      through(pieces(content.subarray(0, 10)), { digest: digestOf(content), size: content.length }),
      problem(/only 10 of 20 bytes came/),
    );
  });

  it('fails at the first byte too many, without waiting for the end', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield content;
      })(),
    );
    const expected = { digest: digestOf(content), size: content.length };
    await assert.rejects(through(endless, expected), problem(/more than the expected 20 bytes/));
  });
});
