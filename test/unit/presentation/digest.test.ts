import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shortDigest } from '../../../src/core/presentation/digest';

it('a digest is as short as in docker', () => {
  const digits = '0123456789abcdef'.repeat(4);
  assert.equal(shortDigest(`sha256:${digits}`), 'sha256:0123456789ab');
  assert.equal(shortDigest(`localhost:5000/web@sha256:${digits}`), 'localhost:5000/web@sha256:0123456789ab');
  assert.equal(shortDigest(`sha512:${digits}${digits}`), 'sha512:0123456789ab');
  assert.equal(shortDigest('nginx:1.27'), 'nginx:1.27');
});
