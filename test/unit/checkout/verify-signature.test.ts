import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { severityOf } from '../../../src/core/checkout/contradictions/contradictions';
import { parseSignature } from '../../../src/core/checkout/signatures';
import { standingOf } from '../../../src/core/checkout/verify-signature';
import { parseJson } from '../../../src/core/json/parse';
import { type JsonObject } from '../../../src/core/json/value';
import { temporaryCheckout, writeFiles } from './temporary-folder';

interface Signer {
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const rsa: Signer = { alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
const p256: Signer = { alg: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
const p384: Signer = { alg: 'ES384', ...generateKeyPairSync('ec', { namedCurve: 'P-384' }) };

/** The text of a signature as `pvr sig add` writes it, over this payload. */
function signed(
  { alg, privateKey, publicKey }: Signer,
  payload: string,
  more: { include?: readonly string[]; jwk?: unknown; x5c?: readonly string[] } = {},
): string {
  const { include = ['web/**'], jwk = publicKey.export({ format: 'jwk' }), x5c } = more;
  const header = { alg, jwk, pvs: { include, exclude: ['web/src.json'] }, typ: 'PVS', x5c };
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
  const input = Buffer.from(`${encoded}.${Buffer.from(payload).toString('base64url')}`);
  const digest = alg.endsWith('384') ? 'sha384' : 'sha256';
  const bytes = sign(digest, input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ '#spec': 'pvs@2', protected: encoded, signature: bytes.toString('base64url') });
}

/** PKCS #8 and X.509, DER in base64: made for this test, and of use for nothing else. */
const signerKey = [
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbhaUsohQOVnLz2xgumMwLZOwSt/cbxaAGQc9gkGWIvShRANCAAQQ',
  'fSKhxxvEHErZbtYke7xkaWz3qkDWSGqZvEtZZ9OL2ZuIY4Lqa79hjrtaHmB8dw5i3im80b+rhHZP5e8qkA4/',
].join('');
const signerCertificate = [
  'MIIBdDCCARugAwIBAgIUdNawIlFo8Gjggj8nIKf2ze3GdA8wCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMzAw',
  'ODU1MjVaGA8yMTI2MTEwNjA4NTUyNVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBB9IqHHG8Qc',
  'Stlu1iR7vGRpbPeqQNZIapm8S1ln04vZm4hjguprv2GOu1oeYHx3DmLeKbzRv6uEdk/l7yqQDj+jUzBRMB0GA1UdDgQWBBQ1lMr+',
  '8eeAYUoFXQN3243S/BcBtDAfBgNVHSMEGDAWgBQ1lMr+8eeAYUoFXQN3243S/BcBtDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49',
  'BAMCA0cAMEQCIHv3QIBc9WEi1NFVZ67UBugTuo6cPgKyDp0hD2GNYDkYAiBQnE9Etg08zh77F7VmsrAnGsApCadhsXFn5jYWy2Wf',
  'TQ==',
].join('');

const membersOf = (text: string) => parseJson(text, 'state') as JsonObject;
const state = '{"#spec":"s","web/run.json":{"b":1.50,"a":[]},"web/src.json":{},"web/x":"00","other":"11"}';
const payload = '{"web/run.json":{"a":[],"b":1.5E0},"web/x":"00"}';

describe('the key in a signature', () => {
  for (const signer of [rsa, p256, p384]) {
    it(`tells with ${signer.alg} whether it is one over what lies there`, () => {
      const signature = parseSignature(signed(signer, payload), '_sigs/web.json');
      assert.equal(standingOf(signature, membersOf(state)), 'fits');
      // What it leaves out may change, what it covers may not.
      assert.equal(standingOf(signature, membersOf(state.replace('"src.json":{}', '"src.json":1'))), 'fits');
      assert.equal(standingOf(signature, membersOf(state.replace('"00"', '"01"'))), 'stale');
      assert.equal(standingOf(signature, membersOf(state.replace('"web/x":"00",', ''))), 'stale');
    });
  }

  it('may be in the signer’s certificate alone', () => {
    const privateKey = createPrivateKey({
      key: Buffer.from(signerKey, 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    const signer = { alg: 'ES256', privateKey, publicKey: createPublicKey(privateKey) };
    const text = signed(signer, payload, { jwk: null, x5c: [signerCertificate] });
    const signature = parseSignature(text, '_sigs/web.json');
    assert.equal(standingOf(signature, membersOf(state)), 'fits');
    assert.equal(standingOf(signature, membersOf(state.replace('"00"', '"01"'))), 'stale');
  });

  it('may be missing, or of no use', () => {
    for (const jwk of [null, {}, { kty: 'RSA' }, 'key']) {
      const signature = parseSignature(signed(rsa, payload, { jwk }), '_sigs/web.json');
      assert.equal(standingOf(signature, membersOf(state)), 'unknown');
    }
  });
});

describe('a signature in a checkout', () => {
  const files = { 'web/run.json': '{"#spec":"x"}', 'web/src.json': '{}', 'web/note': 'n' };
  const committed = (sigs: Readonly<Record<string, string>>) => {
    const entries = Object.entries(sigs).map(([file, text]) => [file, JSON.parse(text) as unknown] as const);
    return temporaryCheckout({
      ...files,
      ...sigs,
      '.pvr/json': JSON.stringify({
        '#spec': 'pantavisor-service-system@1',
        'web/run.json': { '#spec': 'x' },
        'web/src.json': {},
        ...Object.fromEntries(entries),
      }),
    });
  };
  const staleIn = async (checkout: string) =>
    (await readCheckout(checkout)).contradictions.filter(({ kind }) => kind.includes('signature'));

  it('that no longer fits is told, until it is made anew', async () => {
    const file = '_sigs/web.json';
    const checkout = committed({ [file]: signed(rsa, '{"web/run.json":{"#spec":"x"}}') });
    assert.deepEqual(await staleIn(checkout), []);
    writeFiles(checkout, { 'web/run.json': '{"#spec":"x","group":"app"}' });
    const stale = await staleIn(checkout);
    assert.deepEqual(stale, [{ kind: 'stale-signature', file }]);
    assert.deepEqual(stale.map(severityOf), ['warning']);
    writeFiles(checkout, { [file]: signed(rsa, '{"web/run.json":{"#spec":"x","group":"app"}}') });
    assert.deepEqual(await staleIn(checkout), []);
  });

  it('fits however its files are laid out, and whatever untracked file lies beside', async () => {
    const checkout = committed({ '_sigs/web.json': signed(p256, '{"web/run.json":{"#spec":"x"}}') });
    writeFiles(checkout, { 'web/run.json': '{\n  "#spec": "x",\n  "none": null\n}\n', 'web/later': 'x' });
    assert.deepEqual(await staleIn(checkout), []);
  });

  it('may be of the state’s kind alone', async () => {
    const spec = '{"#spec":"pantavisor-service-system@1"}';
    const checkout = committed({ '_sigs/rest.json': signed(rsa, spec, { include: ['#spec'] }) });
    assert.deepEqual(await staleIn(checkout), []);
  });
});
