import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseSignature } from '../../../src/core/checkout/signatures';
import { stringifyCanonical } from '../../../src/core/json/canonical';
import { parseJson } from '../../../src/core/json/parse';
import type { JsonObject, JsonValue } from '../../../src/core/json/value';
import { Problem } from '../../../src/core/problem';
import { parseCommittedState } from '../../../src/core/revision/committed-state';
import { isSameKey, nobodyToAsk, privateKeyIn, signingAlgorithm } from '../../../src/core/revision/keys';
import { renewSignatures } from '../../../src/core/revision/renew-signatures';
import { signatureText, type Signer } from '../../../src/core/revision/sign';
import { patternsOf, type SignatureRequest } from '../../../src/core/revision/signature-patterns';
import { verifyAsDevice } from '../../../src/core/revision/verify-as-device';
import { selectAsPvr, verifyAsPvr } from '../../../src/core/revision/verify-as-pvr';
import { madeByPvr, rsaPublicKey, testCertificates, testPublicKeys, testText } from './recorded';

const rsa = createPrivateKey(testText('rsa.key'));
const withChain: Signer = { key: rsa, certificates: testCertificates('rsa.crt') };
const bare: Signer = { key: rsa, certificates: [] };

function sign(state: string, request: SignatureRequest, signer: Signer): { file: string; text: string } {
  const { document } = parseCommittedState(state);
  const patterns = patternsOf(request);
  const selection = selectAsPvr(patterns, document);
  assert.ok(selection);
  return { file: patterns.file, text: signatureText(document, patterns, selection, signer) };
}

describe('a signature', () => {
  const requests: Readonly<Record<string, readonly [SignatureRequest, Signer]>> = {
    'sig-add-rsa-part': [{ kind: 'part', part: 'web' }, withChain],
    'sig-add-rsa-nox5c': [{ kind: 'part', part: 'web/' }, bare],
    'sig-add-noconfig': [{ kind: 'part', part: 'web', noConfig: true }, withChain],
    'sig-add-raw-bsp': [
      { kind: 'raw', name: 'bsp', include: ['bsp/**', 'device.json', '#spec'], exclude: ['bsp/src.json'] },
      bare,
    ],
  };
  for (const [name, [request, signer]] of Object.entries(requests)) {
    it(`of an RSA key has the bytes of pvr's: ${name}`, () => {
      const recorded = madeByPvr[name];
      assert.ok(recorded);
      assert.deepEqual(sign(recorded.state, request, signer), {
        file: recorded.file,
        text: recorded.signature,
      });
    });
  }

  it('by the maker of a device is judged by a store of its own, unless it is over what only the vendor signs', () => {
    const certificates = testCertificates('ca.crt');
    const judged = (part: string, name: string, store: 'usual' | 'oem') => {
      const unsigned = `{"#spec":"pantavisor-service-system@1","${part}/x":"${'0'.repeat(64)}"}`;
      const { file, text } = sign(unsigned, { kind: 'part', part }, withChain);
      const members = new Map([...parseCommittedState(unsigned).document, [file, parseJson(text, file)]]);
      const trust = {
        certificates: store === 'usual' ? certificates : [],
        oem: { name, certificates: store === 'oem' ? certificates : [] },
        publicKey: undefined,
        at: new Date('2026-11-30T12:00:00Z'),
      };
      return verifyAsDevice(stringifyCanonical(members), trust, 'lenient').outcome;
    };
    assert.deepEqual(
      [judged('web', 'dev-rsa', 'oem'), judged('web', 'dev-rsa', 'usual')],
      ['accepted', 'refused'],
    );
    for (const [part, name] of [
      ['web', 'another'],
      ['bsp', 'dev-rsa'],
      ['dev-rsa', 'dev-rsa'],
    ] as const)
      assert.deepEqual([judged(part, name, 'oem'), judged(part, name, 'usual')], ['refused', 'accepted']);
  });

  const { state } = madeByPvr['sig-add-rsa-part'] ?? { state: '' };
  it('of an EC key is one that pvr takes, and has its fields in its order', () => {
    const signer = {
      key: createPrivateKey(testText('ec256.key')),
      certificates: testCertificates('ec256.crt'),
    };
    const { file, text } = sign(state, { kind: 'part', part: 'web' }, signer);
    const signature = parseSignature(text, file);
    const { jwk, ...header } = signature.jws.header as { jwk: object };
    assert.deepEqual(Object.keys(jwk), ['kty', 'crv', 'x', 'y']);
    assert.deepEqual(Object.keys(header), ['alg', 'pvs', 'typ', 'x5c']);
    const trust = { publicKeys: testPublicKeys('both.pub'), certificates: [], at: new Date() };
    assert.equal(verifyAsPvr(signature, parseCommittedState(state).document, trust).outcome, 'verified');
  });

  it('covers itself only where it leaves itself out', () => {
    assert.deepEqual(patternsOf({ kind: 'raw', name: 'all' }), {
      file: '_sigs/all.json',
      include: ['*/**', '*'],
      exclude: ['*/src.json', '_sigs/**', '_sigs/all.json'],
    });
    assert.deepEqual(patternsOf({ kind: 'raw', name: 'all', include: ['**'] }).exclude, [
      'src.json',
      '_sigs/all.json',
    ]);
    assert.deepEqual(patternsOf({ kind: 'raw', name: 'x', include: ['#spec'] }).exclude, [
      'src.json',
      '_sigs/.json',
    ]);
  });

  it('is of what it is named after, and of nothing else', () => {
    assert.deepEqual(patternsOf({ kind: 'part', part: 'web', include: ['./a/', 'b/**'], exclude: ['x'] }), {
      file: '_sigs/web.json',
      include: ['web/a', 'web/b/**', '_config/web/**'],
      exclude: ['web/x', '_sigs/web.json'],
    });
    for (const request of [
      { kind: 'part', part: 'we[b]' },
      { kind: 'part', part: '../x' },
      { kind: 'part', part: '' },
      { kind: 'part', part: 'web', include: ['../db/**'] },
      { kind: 'raw', name: 'sub/web' },
    ] as const)
      assert.throws(() => patternsOf(request), Problem);
  });
});

describe('a private key', () => {
  it('is read in all forms that pvr takes, and encrypted', async () => {
    for (const name of ['rsa.key', 'rsa-pkcs1.key', 'ec256.key', 'ec256-sec1.key'])
      signingAlgorithm(await privateKeyIn(testText(name), name, nobodyToAsk));
    const encrypted = await privateKeyIn(testText('rsa-encrypted.key'), 'key', () => Promise.resolve('x'));
    assert.equal(signingAlgorithm(encrypted).name, 'RS256');
    assert.ok(isSameKey(rsa, rsaPublicKey));
  });

  it('that can not be used is told of without a word of what it holds', async () => {
    const secret = 'a passphrase of somebody';
    const garbage = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    const failures = [
      () => privateKeyIn(testText('rsa-encrypted.key'), 'key', () => Promise.resolve(secret)),
      () => privateKeyIn(testText('rsa-encrypted.key'), 'key', nobodyToAsk),
      () => privateKeyIn(garbage, 'key', nobodyToAsk),
      () => privateKeyIn(testText('rsa.pub'), 'key', nobodyToAsk),
      async () => signingAlgorithm(await privateKeyIn(testText('ed25519.key'), 'key', nobodyToAsk)),
      async () => signingAlgorithm(await privateKeyIn(testText('ec521.key'), 'key', nobodyToAsk)),
    ];
    for (const fail of failures)
      await assert.rejects(fail, (problem) => {
        assert.ok(problem instanceof Problem);
        assert.doesNotMatch(`${problem.message} ${problem.stack ?? ''}`, /c2VjcmV0|a passphrase of/);
        assert.equal(problem.cause, undefined);
        return true;
      });
  });
});

describe('a commit', () => {
  const { state = '', file = '', signature = '' } = madeByPvr['sig-add-rsa-part'] ?? {};
  const before = new Map(parseCommittedState(state).document).set(file, parseJson(signature, file));
  const changed = (value: JsonValue): JsonObject => new Map(before).set('web/root.squashfs', value);
  const key = { key: rsa, file: 'key', x5c: undefined, defaultX5c: 'none' };
  const digest = '0'.repeat(64);
  /** What comes of the signatures; the state with them stays as it was where none is made anew. */
  const renewal = (...[from, to, signer]: Parameters<typeof renewSignatures>) => {
    const { document, ...made } = renewSignatures(from, to, signer);
    assert.deepEqual(document, to);
    return made;
  };

  it('makes a signature anew whose key is at hand, with the certificates that it has', () => {
    const after = changed(digest);
    const { document, renewed, stale } = renewSignatures(before, after, key);
    assert.deepEqual(stale, []);
    assert.deepEqual(
      renewed.map((one) => one.file),
      [file],
    );
    const text = renewed[0]?.text ?? '';
    assert.deepEqual(document, new Map(after).set(file, parseJson(text, file)));
    const made = parseSignature(text, file);
    assert.deepEqual(made.jws.header, parseSignature(signature, file).jws.header);
    const trust = { publicKeys: [], certificates: testCertificates('ca.crt'), at: new Date('2027-01-01') };
    assert.equal(verifyAsPvr(made, after, trust).outcome, 'verified');
    // pvr makes the same of that state.
    assert.equal(sign(stringifyCanonical(after), { kind: 'part', part: 'web' }, withChain).text, text);
  });

  it('leaves one alone that still fits', () => {
    const after = new Map(before).set('db/run.json', 'other').set('web/src.json', 'other');
    assert.deepEqual(renewal(before, after, key), { renewed: [], stale: [] });
  });

  it('names one of another key, one without a key, and one that was stale before', () => {
    const other = { ...key, key: createPrivateKey(testText('rsa-inter.key')) };
    const named = { renewed: [], stale: [file] };
    assert.deepEqual(renewal(before, changed(digest), other), named);
    assert.deepEqual(renewal(before, changed(digest), undefined), named);
    assert.deepEqual(renewal(changed(digest), changed('1'.repeat(64)), key), named);
  });
});
