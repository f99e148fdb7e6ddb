import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { thisThread } from '../../../src/core/files/hash-file';
import { silentJob } from '../../../src/core/job';
import { openChosenKey } from '../../../src/core/revision/signer-files';
import { addSignature } from '../../../src/core/use-cases/sign';
import { signAgain } from '../../../src/core/use-cases/sign-again';
import { testText } from './recorded';
import { RevisionCheckout } from './revisions';

const place = { env: {}, homeDirectory: '/nowhere' };
const text = testText('rsa.key');

async function signed(): Promise<RevisionCheckout> {
  const checkout = new RevisionCheckout({ 'web/run.json': '{"a":1}' });
  await checkout.add();
  await checkout.commit({ message: 'first' });
  const signer = { key: createPrivateKey(text), certificates: [] };
  await addSignature(checkout.folder, { kind: 'part', part: 'web' }, signer, {}, silentJob());
  await checkout.add();
  await checkout.commit({ message: 'signed' });
  return checkout;
}

async function again(checkout: RevisionCheckout, pem = text) {
  const opened = await openChosenKey({ file: 'kept', text: pem }, { ...place });
  const key = { ...opened, x5c: 'no' };
  return signAgain(checkout.folder, { message: 'again', key }, thisThread, silentJob());
}

async function standings({ folder }: RevisionCheckout) {
  return (await readCheckout(folder)).signatures.map(({ standing }) => standing);
}

describe('signing again', () => {
  it('commits what has changed with a signature that fits, in one commit where its own key is at hand', async () => {
    const checkout = await signed();
    checkout.overwrite('web/run.json', '{"a":2}');
    assert.deepEqual(await standings(checkout), ['stale']);
    const report = await again(checkout);
    assert.deepEqual(report, { signatures: ['_sigs/web.json'], committed: 1, staleSignatures: [] });
    assert.deepEqual(await standings(checkout), ['fits']);
    assert.deepEqual(await checkout.status(), []);
    assert.equal(checkout.read('.pvr/commitmsg'), 'again');
  });

  it('makes one anew that was stale before, and that of another key', async () => {
    const checkout = await signed();
    checkout.overwrite('web/run.json', '{"a":2}');
    await checkout.commit({ message: 'stale' });
    assert.deepEqual(await standings(checkout), ['stale']);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const report = await again(checkout, other.export({ type: 'pkcs8', format: 'pem' }).toString());
    assert.deepEqual(report.signatures, ['_sigs/web.json']);
    assert.deepEqual(await standings(checkout), ['fits']);
    assert.deepEqual(await checkout.status(), []);
  });
});
