import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSignature } from '../../../src/core/checkout/signatures';
import { stringifyCanonical } from '../../../src/core/json/canonical';
import { parseCommittedState } from '../../../src/core/revision/committed-state';
import { signaturesOf } from '../../../src/core/revision/signature-files';
import { deviceObjections } from '../../../src/core/revision/signature-objections';
import { verifyAsDevice } from '../../../src/core/revision/verify-as-device';
import { type PvrTrust, selectAsPvr, verifyAsPvr } from '../../../src/core/revision/verify-as-pvr';
import { recordedStates, rsaPublicKey, testCertificates, testPublicKeys } from './recorded';

const at = new Date('2026-11-30T12:00:00Z');
const certificates = testCertificates('ca.crt');
const device = { certificates, publicKey: rsaPublicKey, at };

describe('a state with signatures', () => {
  for (const { what, state, mode, pvrWithCertificates, pvrWithKeys, device: said } of recordedStates) {
    it(`is judged as pvr and Pantavisor judged it: ${what}`, () => {
      const { document } = parseCommittedState(state);
      const signatures = signaturesOf(document).map((file) =>
        parseSignature(stringifyCanonical(document.get(file) ?? null), file),
      );
      const asPvr = (trust: Omit<PvrTrust, 'at'>) =>
        signatures.every((one) => verifyAsPvr(one, document, { ...trust, at }).outcome === 'verified')
          ? 'ok'
          : 'fail';
      assert.equal(asPvr({ publicKeys: [], certificates }), pvrWithCertificates);
      assert.equal(asPvr({ publicKeys: testPublicKeys('both.pub'), certificates: [] }), pvrWithKeys);

      const { outcome, reason = '' } = verifyAsDevice(state, device, mode);
      assert.equal({ accepted: 'OK', refused: reason, crash: 'crash (SIGSEGV)' }[outcome], said);

      // Wherever only a device refuses what is signed with RSA, there is a reason to be seen beforehand.
      const isEc = signatures.some(({ jws }) => String(jws.header['alg']).startsWith('ES'));
      if (pvrWithKeys !== 'ok' || said === 'OK' || said.includes('covered') || isEc || what.includes('null'))
        return;
      const objections = signatures.flatMap((one) => {
        const selection = selectAsPvr(one, document);
        return selection === undefined ? [] : deviceObjections(document, one, selection, state);
      });
      assert.notDeepEqual(objections, []);
    });
  }

  it('crashes Pantavisor where a header lacks what it excludes', () => {
    const header = Buffer.from('{"alg":"RS256","pvs":{"include":["a/**"]},"typ":"PVS"}').toString(
      'base64url',
    );
    const state = `{"#spec":"s","_sigs/a.json":{"#spec":"pvs@2","protected":"${header}","signature":"AA"},"a/b":"x"}`;
    assert.equal(verifyAsDevice(state, device, 'lenient').outcome, 'crash');
  });

  it('is judged at a date', () => {
    const expired = recordedStates.find(({ what }) => what === 'leaf expired')?.state ?? '';
    const judge = (date: string) => verifyAsDevice(expired, { ...device, at: new Date(date) }, 'lenient');
    const [now] = judge('2026-11-30').signatures;
    assert.deepEqual(now?.verdict, {
      outcome: 'refused',
      why: ['the certificate of dev-expired has expired (2020-01-31)'],
    });
    // Its issuer was made later: no day suits both.
    assert.equal(judge('2020-01-15').outcome, 'refused');
  });

  it('names what no signature covers, which counts in strict mode only', () => {
    const state = recordedStates[0]?.state ?? '';
    const { outcome, uncovered } = verifyAsDevice(state, device, 'lenient');
    assert.equal(outcome, 'accepted');
    assert.deepEqual(uncovered.slice(0, 2), ['#spec', 'db/lxc.container.conf']);
    assert.equal(verifyAsDevice(state, device, 'audit').outcome, 'accepted');
    assert.equal(verifyAsDevice(state, device, 'strict').outcome, 'refused');
  });
});
