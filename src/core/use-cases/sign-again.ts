import { readOpened } from '../checkout/checkout';
import { OpenedCheckout } from '../checkout/opened-checkout';
import type { SignatureFile } from '../checkout/signatures';
import { staleAmong } from '../checkout/signatures-at-stake';
import type { FileHasher } from '../files/hash-file';
import type { Job } from '../job';
import { certificatesFor, type SigningKey } from '../revision/signer-files';
import { commit } from './commit';
import { updateSignatures } from './sign';

export interface SignAgainRequest {
  /** Of the commit that holds the signatures. */
  readonly message: string;
  readonly key: SigningKey;
}

export interface SignedAgain {
  /** Signatures that were made anew; paths below the checkout. */
  readonly signatures: readonly string[];
  /** How many files that weren't committed before are now. */
  readonly committed: number;
  /** Those that fit no more all the same. */
  readonly staleSignatures: readonly string[];
}

/**
 * Makes all signatures fit again that don't, and commits them. A signature is over what was committed, so what wasn't is committed
 * first; each step leaves a checkout that is whole.
 *
 * @throws Problem when something can't be committed or signed; the signal's reason.
 */
export async function signAgain(
  checkoutDirectory: string,
  { message, key }: SignAgainRequest,
  hasher: FileHasher,
  job: Job,
): Promise<SignedAgain> {
  const readStale = async () =>
    staleAmong((await readOpened(new OpenedCheckout(checkoutDirectory), job.signal)).signatures);
  const { files, renewedSignatures } = await commit(checkoutDirectory, { message, key }, hasher, job);
  const stale = await readStale();
  if (stale.length > 0) {
    const signerFor = async ({ jws }: SignatureFile) => ({
      key: key.key,
      certificates: await certificatesFor(key, jws),
    });
    await updateSignatures(checkoutDirectory, stale, signerFor, {}, job);
    await commit(checkoutDirectory, { message, key }, hasher, job);
  }
  return {
    signatures: [...renewedSignatures, ...stale],
    committed: files.length,
    staleSignatures: await readStale(),
  };
}
