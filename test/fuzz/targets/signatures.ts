import { createPrivateKey } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpenedCheckout } from '../../../src/core/checkout/opened-checkout';
import { stringifyCanonical } from '../../../src/core/json/canonical';
import { Problem } from '../../../src/core/problem';
import { certificatesInPem } from '../../../src/core/revision/certificates';
import { parseCommittedState } from '../../../src/core/revision/committed-state';
import { privateKeyIn, publicKeysIn } from '../../../src/core/revision/keys';
import { renewSignatures } from '../../../src/core/revision/renew-signatures';
import { findSignatures, signaturesOf } from '../../../src/core/revision/signature-files';
import { deviceObjections } from '../../../src/core/revision/signature-objections';
import { verifyAsDevice } from '../../../src/core/revision/verify-as-device';
import { selectAsPvr, verifyAsPvr } from '../../../src/core/revision/verify-as-pvr';
import type { Random } from '../../device-view/random';
import {
  recordedStates,
  rsaPublicKey,
  testCertificates,
  testPublicKeys,
  testText,
} from '../../unit/revision/recorded';
import type { Target } from '../target';
import { varyBytes } from '../vary-bytes';
import { hostileText, varyJson } from '../vary-json';

const at = new Date('2026-12-01');
const trust = { publicKeys: testPublicKeys('both.pub'), certificates: testCertificates('ca.crt'), at };
const key = { key: createPrivateKey(testText('rsa.key')), file: 'key', x5c: undefined, defaultX5c: 'none' };

/** States with signatures, whose headers are varied in what they say, not only in their base64. */
export const target: Target = {
  seeds: () =>
    Promise.resolve(
      Object.fromEntries(
        [...recordedStates, ...patternsThatTakeLong].map(({ what, state }) => [what, Buffer.from(state)]),
      ),
    ),
  vary(input, _others, random) {
    const text = input.toString('utf8');
    const headers = [...text.matchAll(/"protected":"([\w-]+)"/g)].map(([, header = '']) => header);
    const header = random.pickFrom(headers);
    if (header === undefined || random.chance(0.4)) return Buffer.from(varyJson(text, random));
    const inside = Buffer.from(header, 'base64url').toString('utf8');
    const varied = random.chance(0.05)
      ? hostileText(random)
      : random.chance(0.2)
        ? withOtherCertificates(inside, random)
        : varyJson(inside, random);
    return Buffer.from(text.replace(header, Buffer.from(varied).toString('base64url')));
  },
  async read(input, folder) {
    const text = input.toString('utf8');
    verifyAsDevice(text, { ...trust, publicKey: rsaPublicKey }, 'strict');
    await expectingProblems(() => privateKeyIn(text, 'key', () => Promise.resolve('')));
    await expectingProblems(() => Promise.resolve(publicKeysIn(text, 'key')));
    await expectingProblems(() => Promise.resolve(certificatesInPem(text)));
    const state = parseCommittedState(text);
    renewSignatures(state.document, new Map([...state.document, ['web/more', 'x']]), key);
    await mkdir(path.join(folder, '.pvr'));
    await mkdir(path.join(folder, '_sigs'));
    await writeFile(path.join(folder, '.pvr', 'json'), text);
    for (const [index, file] of signaturesOf(state.document).slice(0, 20).entries()) {
      const value = stringifyCanonical(state.document.get(file) ?? null);
      await writeFile(path.join(folder, '_sigs', `${index}.json`), value);
    }
    for (const { signature } of await findSignatures(new OpenedCheckout(folder), state)) {
      if (signature === undefined) continue;
      verifyAsPvr(signature, state.document, trust);
      verifyAsPvr(signature, state.document, { ...trust, publicKeys: [] });
      const selection = selectAsPvr(signature, state.document);
      if (selection) deviceObjections(state.document, signature, selection, text);
    }
  },
};

/** For matchers that try out all ways to match. */
const patternsThatTakeLong = [
  '*a'.repeat(40),
  `${'**/'.repeat(40)}x`,
  '{a,aa}'.repeat(40),
  '{'.repeat(500),
  '[a-z]*'.repeat(40),
  '\\'.repeat(999),
].map((pattern) => {
  const header = { alg: 'RS256', pvs: { include: [pattern], exclude: [pattern] }, typ: 'PVS' };
  const signature = {
    '#spec': 'pvs@2',
    protected: Buffer.from(JSON.stringify(header)).toString('base64url'),
    signature: 'AA',
  };
  const state = { '_sigs/a.json': signature, [`${'a'.repeat(80)}b`]: 'x', [`${'a/'.repeat(80)}b`]: 'x' };
  return { what: pattern.slice(0, 20), state: JSON.stringify(state) };
});

/** DER that is nearly a certificate's. */
function withOtherCertificates(header: string, random: Random): string {
  return header.replace(/"[A-Za-z0-9+/]{100,}={0,2}"/g, (text) => {
    const der = Buffer.from(text.slice(1, -1), 'base64');
    return random.chance(0.7) ? `"${varyBytes(der, [], random).toString('base64')}"` : text;
  });
}

/** One reader's refusal doesn't keep the next from its turn. */
async function expectingProblems(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
