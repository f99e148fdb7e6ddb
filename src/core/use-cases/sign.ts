import { changeCheckout } from '../checkout/change/change-checkout';
import type { ChangingCheckout } from '../checkout/change/changing-checkout';
import { readWithWaiting } from '../checkout/checkout';
import type { SignatureFile } from '../checkout/signatures';
import { thisThread } from '../files/hash-file';
import type { Job } from '../job';
import { shortList } from '../presentation/short-list';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { type CommittedState, readCommittedState } from '../revision/committed-state';
import { signingAlgorithm } from '../revision/keys';
import { signatureText, type Signer } from '../revision/sign';
import { findSignatures, type FoundSignature, namedSignatures } from '../revision/signature-files';
import { deviceObjections } from '../revision/signature-objections';
import { type NamedPatterns, patternsOf, type SignatureRequest } from '../revision/signature-patterns';
import { type PvrSelection, selectAsPvr } from '../revision/verify-as-pvr';
import { hashLargeFiles } from './hash-large-files';

export interface SignOptions {
  /** Sign what a device refuses, or what has changed since it was committed, with a warning. */
  readonly force?: boolean | undefined;
  /** Put what is signed into the file, too. */
  readonly withPayload?: boolean | undefined;
}

/** A signature that was made. Plain data. */
export interface MadeSignature {
  /** Path below the checkout. */
  readonly file: string;
  /** The text of the file. */
  readonly text: string;
  /** Keys of the state that it is over. */
  readonly protected: readonly string[];
}

export interface SignReport {
  readonly signatures: readonly MadeSignature[];
  readonly changedFiles: readonly string[];
}

/**
 * Signs a part of the last commit. The signature lies in the working tree then, and is to be committed itself.
 *
 * @throws Problem, and the checkout is as it was: there is nothing to sign, a device would refuse it, or what is to be signed has
 * changed since.
 */
export async function addSignature(
  checkoutDirectory: string,
  request: SignatureRequest,
  signer: Signer,
  options: SignOptions,
  job: Job,
): Promise<SignReport> {
  const patterns = patternsOf(request);
  return changeSignatures(checkoutDirectory, `signing ${patterns.file}`, job, async (change, state) => {
    await requireCommitted(change, [patterns], options, job);
    return [makeSignature(state, patterns, signer, options, job)];
  });
}

/**
 * Makes signatures anew over the last commit, each with the patterns that it has.
 *
 * @param names as {@link namedSignatures} takes them; none: all.
 * @param signerFor who is to make it.
 * @throws Problem as {@link addSignature} does, and none is changed.
 */
export async function updateSignatures(
  checkoutDirectory: string,
  names: readonly string[],
  signerFor: (present: SignatureFile) => Promise<Signer>,
  options: SignOptions,
  job: Job,
): Promise<SignReport> {
  return changeSignatures(checkoutDirectory, 'signing again', job, async (change, state, found) => {
    const wanted = namedSignatures(found, names).map(presentOf);
    await requireCommitted(change, wanted, options, job);
    const made: MadeSignature[] = [];
    for (const present of wanted) {
      made.push(makeSignature(state, present, await signerFor(present), options, job));
    }
    return made;
  });
}

/** Removes signatures from the working tree; they are gone with the next commit. @throws Problem when one isn't there. */
export async function removeSignatures(
  checkoutDirectory: string,
  names: readonly string[],
  job: Job,
): Promise<{ readonly changedFiles: readonly string[] }> {
  const what = `removing ${names.join(', ')}`;
  const { changedFiles } = await changeCheckout(checkoutDirectory, { what }, job, async (change) => {
    const found = await findSignatures(change, await readCommittedState(change));
    for (const { file, change: kind } of namedSignatures(found, names)) {
      if (kind === 'gone') throw isGone(file, 'Commit that it is gone');
      await change.remove(file);
    }
  });
  return { changedFiles };
}

async function changeSignatures(
  checkoutDirectory: string,
  what: string,
  job: Job,
  make: (
    change: ChangingCheckout,
    state: CommittedState,
    found: readonly FoundSignature[],
  ) => Promise<readonly MadeSignature[]>,
): Promise<SignReport> {
  const { result, changedFiles } = await changeCheckout(checkoutDirectory, { what }, job, async (change) => {
    const state = await readCommittedState(change);
    const made = await make(change, state, await findSignatures(change, state));
    for (const { file, text } of made) await change.write(file, text);
    return made;
  });
  return { signatures: result, changedFiles };
}

function makeSignature(
  state: CommittedState,
  patterns: NamedPatterns,
  signer: Signer,
  options: SignOptions,
  job: Job,
): MadeSignature {
  const { file } = patterns;
  const selection = selectAsPvr(patterns, state.document);
  if (selection === undefined)
    throw cannotSign(file, 'one of its patterns is malformed', 'Look at brackets and braces');
  if (selection.protected.length === 0)
    throw cannotSign(
      file,
      'the last commit holds nothing that its patterns match, and a device refuses such a signature',
      'Commit first what is to be signed, or name another part',
    );
  const objections = [...objectionsToKey(signer), ...deviceObjections(state.document, patterns, selection)];
  if (objections.length > 0)
    object(file, `no device takes it: ${objections.join('; ')}`, 'Mend that', options, job);
  const text = signatureText(state.document, patterns, selection, signer, options);
  warnOfCoveredSignatures(file, selection, job);
  return { file, text, protected: selection.protected };
}

/** pvr writes both numbers of a signature one behind the other, as JSON Web Signatures have them; mbedTLS wants DER. */
function objectionsToKey({ key }: Signer): readonly string[] {
  const { name } = signingAlgorithm(key);
  return name === 'RS256' ? [] : [`no device verifies signatures of EC keys (${name}); use an RSA key`];
}

function warnOfCoveredSignatures(file: string, { protected: keys }: PvrSelection, job: Job): void {
  const others = keys.filter((key) => key.startsWith('_sigs/') && key !== file);
  if (others.length > 0)
    job.warn(
      `${file} covers ${shortList(others, 5)}, too, and has to be made anew after each commit of those`,
    );
}

/** What is signed is what was committed: whoever sees other files there may take those for signed. */
async function requireCommitted(
  change: ChangingCheckout,
  signatures: readonly NamedPatterns[],
  options: SignOptions,
  job: Job,
): Promise<void> {
  await hashLargeFiles(change.before, {}, thisThread, job);
  const { waiting } = await readWithWaiting(change.before, job.signal);
  const names = new Map(waiting.files.map((key) => [key, '']));
  for (const { file, include, exclude } of signatures) {
    const dirty = selectAsPvr({ include, exclude: [...exclude, '_sigs/**'] }, names)?.protected ?? [];
    if (dirty.length === 0) continue;
    const verb = dirty.length === 1 ? 'is' : 'are';
    const found = `${shortList(dirty, 5)} ${verb} not as in the last commit, which is what is signed`;
    object(file, found, 'Commit first, then sign', options, job);
  }
}

/** @throws Problem unless it is to be done all the same. */
function object(file: string, found: string, first: string, { force = false }: SignOptions, job: Job): void {
  if (force) {
    job.warn(`${file}: ${found}`);
    return;
  }
  const what = remedy`${first}, or sign all the same with ${way.force()}`;
  throw new Problem({ doing: `signing ${file}`, found, remedy: what });
}

function presentOf({ file, signature, problem }: FoundSignature): SignatureFile {
  if (problem !== undefined) throw problem;
  if (signature === undefined) throw isGone(file, 'Restore it from the last commit, or make a new one');
  return signature;
}

function isGone(file: string, what: string): Problem {
  return new Problem({ doing: `looking for ${file}`, found: 'it was removed already', remedy: what });
}

function cannotSign(file: string, found: string, what: string): Problem {
  return new Problem({ doing: `signing ${file}`, found, remedy: what });
}
