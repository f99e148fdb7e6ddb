import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import {
  isSigned,
  parseSignature,
  readSignatures,
  staleSignatures,
} from '../../../src/core/checkout/signatures';
import { Problem } from '../../../src/core/problem';
import { signatureText } from './sample-checkout';
import { temporaryCheckout } from './temporary-folder';

/** What `pvr sig add --part web` includes and excludes. */
const web = parseSignature(
  signatureText(['web/**', '_config/web/**'], ['web/src.json', '_sigs/web.json']),
  '_sigs/web.json',
);
const volumes = parseSignature(signatureText(['*/root.squashfs']), '_sigs/volumes.json');

describe('a signature', () => {
  it('is read without being verified', () => {
    const { jws, ...signature } = web;
    assert.deepEqual(signature, {
      file: '_sigs/web.json',
      include: ['web/**', '_config/web/**'],
      exclude: ['web/src.json', '_sigs/web.json'],
    });
    assert.equal(Buffer.from(JSON.stringify(jws.header)).toString('base64url'), jws.protected);
  });

  it('keeps what it is verified with, whatever else its header says', () => {
    const header = { alg: 'RS256', jwk: { kty: 'RSA' }, typ: 'PVS', pvs: { include: ['*'], exclude: [] } };
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
    const text = JSON.stringify({ '#spec': 'pvs@2', protected: encoded, signature: 'c2ln' });
    assert.deepEqual(parseSignature(text, 'x').jws, { protected: encoded, signature: 'c2ln', header });
  });

  it('may exclude nothing', () => {
    const header = { typ: 'PVS', pvs: { include: ['*'], exclude: null }, x5c: ['…'] };
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
    const text = JSON.stringify({ '#spec': 'pvs@2', protected: encoded, signature: '' });
    const { include, exclude } = parseSignature(text, 'x');
    assert.deepEqual({ include, exclude }, { include: ['*'], exclude: [] });
  });

  it('of any other form is a Problem', () => {
    const encode = (header: unknown) => Buffer.from(JSON.stringify(header)).toString('base64url');
    const header = { typ: 'PVS', pvs: { include: ['*'], exclude: [] } };
    for (const document of [
      null,
      {},
      { '#spec': 'pvs@1', protected: encode(header) },
      { '#spec': 'pvs@2' },
      { '#spec': 'pvs@2', protected: '!' },
      { '#spec': 'pvs@2', protected: encode({ ...header, typ: 'JWT' }) },
      { '#spec': 'pvs@2', protected: encode({ typ: 'PVS', pvs: { include: 'web/**' } }) },
      { '#spec': 'pvs@2', protected: encode({ typ: 'PVS' }) },
    ]) {
      const text = JSON.stringify(document);
      assert.throws(() => parseSignature(text, '_sigs/x.json'), Problem, text);
    }
    assert.throws(() => parseSignature('', '_sigs/x.json'), /_sigs\/x\.json.*not a signature of kind pvs@2/);
  });

  it('covers what it includes and does not exclude', () => {
    assert.ok(isSigned(web, 'web/root.squashfs'));
    assert.ok(isSigned(web, 'web/_dm/root.squashfs.json'));
    assert.ok(isSigned(web, '_config/web/etc/motd'));
    assert.ok(!isSigned(web, 'web/src.json'));
    assert.ok(!isSigned(web, '_sigs/web.json'));
    assert.ok(!isSigned(web, 'website/root.squashfs'));
  });

  it('becomes stale when a file changes that it covers', () => {
    const stale = (...files: string[]) => staleSignatures([web, volumes], files);
    assert.deepEqual(stale(), []);
    assert.deepEqual(stale('web/src.json', 'device.json'), []);
    assert.deepEqual(stale('web/src.json', 'web/root.ovl.squashfs'), ['_sigs/web.json']);
    assert.deepEqual(stale('db/root.squashfs'), ['_sigs/volumes.json']);
    assert.deepEqual(stale('web/root.squashfs'), ['_sigs/web.json', '_sigs/volumes.json']);
  });
});

describe('the signatures of a checkout', () => {
  it('are those in _sigs, by name; broken ones are told apart', async () => {
    const checkout = temporaryCheckout({
      '_sigs/b.json': signatureText(['b/**']),
      '_sigs/a.json': signatureText(['a/**']),
      '_sigs/broken.json': '{}',
      '_sigs/README': 'x',
      '_sigs/sub/c.json': signatureText(['c/**']),
    });
    const { signatures, problems } = await readSignatures(new OpenedCheckout(checkout));
    assert.deepEqual(
      signatures.map(({ file }) => file),
      ['_sigs/a.json', '_sigs/b.json'],
    );
    assert.deepEqual(
      problems.map(({ file }) => file),
      ['_sigs/broken.json'],
    );
  });

  it('are none where there is no such folder', async () => {
    assert.deepEqual(await readSignatures(new OpenedCheckout(temporaryCheckout())), {
      signatures: [],
      problems: [],
    });
  });

  it('are none where that is a file', async () => {
    const found = await readSignatures(new OpenedCheckout(temporaryCheckout({ _sigs: 'a file' })));
    assert.deepEqual(found, { signatures: [], problems: [] });
  });
});
