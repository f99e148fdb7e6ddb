import { OpenedCheckout } from '../checkout/opened-checkout';
import type { SignatureFile } from '../checkout/signatures';
import { readCommittedState, type CommittedState } from '../revision/committed-state';
import { findSignatures, type FoundSignature, namedSignatures, stateToBe } from '../revision/signature-files';
import { deviceObjections } from '../revision/signature-objections';
import { refused, type Verdict } from '../revision/verdict';
import { type DeviceVerdict, type SecureBootMode, verifyAsDevice } from '../revision/verify-as-device';
import { payloadAsPvr, type PvrTrust, selectAsPvr, verifyAsPvr } from '../revision/verify-as-pvr';

/** A signature with what pvr says of it. Plain data. */
export interface PvrJudgement {
  /** Path below the checkout. */
  readonly file: string;
  /** How it lies there beside the last commit. */
  readonly change: FoundSignature['change'];
  readonly verdict: Verdict;
  /** What it includes and excludes, where it can be read. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Which keys of the state signatures that were verified cover, each key once. Plain data. */
export interface PvrSummary {
  readonly protected: readonly string[];
  readonly excluded: readonly string[];
  readonly notseen: readonly string[];
}

/** A signature as JSON Web Signatures are written. */
export interface FullSignature {
  readonly payload?: string;
  readonly protected: string;
  readonly signature: string;
}

export interface PvrReport {
  readonly signatures: readonly PvrJudgement[];
  readonly summary: PvrSummary;
  /** Those that were verified, as they lie there. */
  readonly sigs: readonly FullSignature[];
}

/**
 * What pvr says of the signatures that lie there, over the last commit; each has a verdict of its own.
 *
 * @param names as {@link namedSignatures} takes them; none: all.
 * @param readTrust asked only where there is a signature: who has none needs nobody to trust.
 * @throws Problem when the state can't be read, or there is no signature of a name.
 */
export async function judgeAsPvr(
  checkoutDirectory: string,
  names: readonly string[],
  readTrust: () => Promise<PvrTrust>,
  { withPayload = false } = {},
): Promise<PvrReport> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const state = await readCommittedState(checkout);
  const found = namedSignatures(await findSignatures(checkout, state), names);
  if (found.length === 0) return { signatures: [], summary: summaryOf([], state), sigs: [] };
  const trust = await readTrust();
  const signatures = found.map((one): PvrJudgement => {
    const { file, change, signature } = one;
    const { include = [], exclude = [] } = signature ?? {};
    return { file, change, verdict: verdictAsPvr(one, state, trust), include, exclude };
  });
  const verified = found.flatMap(({ signature }, index) =>
    signature !== undefined && signatures[index]?.verdict.outcome === 'verified' ? [signature] : [],
  );
  return {
    signatures,
    summary: summaryOf(verified, state),
    sigs: verified.map((signature) => fullSignature(signature, state, withPayload)),
  };
}

function verdictAsPvr(
  { signature, problem }: FoundSignature,
  { document }: CommittedState,
  trust: PvrTrust,
): Verdict {
  if (signature !== undefined) return verifyAsPvr(signature, document, trust);
  return refused(problem?.found ?? 'its file is gone, which is not committed yet');
}

function summaryOf(signatures: readonly SignatureFile[], { document }: CommittedState): PvrSummary {
  const selections = signatures.flatMap((signature) => selectAsPvr(signature, document) ?? []);
  const all = (kind: 'protected' | 'excluded' | 'notSeen', without: readonly (readonly string[])[]) => {
    const keys = new Set(selections.flatMap((selection) => selection[kind]));
    without.flat().forEach((key) => keys.delete(key));
    // Each selection has them in the order of the state's keys.
    return (selectAsPvr({ include: ['**'], exclude: [] }, document)?.protected ?? []).filter((key) =>
      keys.has(key),
    );
  };
  const isProtected = all('protected', []);
  const excluded = all('excluded', [isProtected]);
  return { protected: isProtected, excluded, notseen: all('notSeen', [isProtected, excluded]) };
}

function fullSignature(
  signature: SignatureFile,
  { document }: CommittedState,
  withPayload: boolean,
): FullSignature {
  const { protected: header, signature: bytes } = signature.jws;
  const selection = selectAsPvr(signature, document);
  const payload =
    withPayload && selection
      ? { payload: Buffer.from(payloadAsPvr(document, selection)).toString('base64url') }
      : {};
  return { ...payload, protected: header, signature: bytes };
}

/** What a device takes for granted, and how it is set up. */
export interface DeviceOptions {
  readonly trust: Parameters<typeof verifyAsDevice>[1];
  readonly mode: SecureBootMode;
}

export interface DeviceReport extends DeviceVerdict {
  /** Signatures that lie there and are not committed like that; the state is judged as if they were. */
  readonly uncommitted: readonly string[];
}

/**
 * What a device says of the last commit, with the signatures that lie there. What it says of a signature goes together with why
 * it can't be otherwise, where that lies in what is signed.
 *
 * @throws Problem when the state can't be read.
 */
export async function judgeAsDevice(
  checkoutDirectory: string,
  { trust, mode }: DeviceOptions,
): Promise<DeviceReport> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const committed = await readCommittedState(checkout);
  const found = await findSignatures(checkout, committed);
  const state = stateToBe(committed, found);
  const verdict = verifyAsDevice(state.text, trust, mode);
  const signatures = verdict.signatures.map(({ file, verdict: one }) => {
    const present = found.find((candidate) => candidate.file === file)?.signature;
    return {
      file,
      verdict: one.outcome === 'refused' ? refused(...one.why, ...whyNever(present, state)) : one,
    };
  });
  const uncommitted = state === committed ? [] : found.filter(({ change }) => change !== 'none');
  return { ...verdict, signatures, uncommitted: uncommitted.map(({ file }) => file) };
}

function whyNever(
  signature: SignatureFile | undefined,
  { document, text }: CommittedState,
): readonly string[] {
  if (signature === undefined) return [];
  const selection = selectAsPvr(signature, document);
  const isOfEc = String(signature.jws.header['alg']).startsWith('ES');
  return [
    ...(isOfEc ? ['no device verifies signatures of EC keys as pvr writes them'] : []),
    ...(selection === undefined ? [] : deviceObjections(document, signature, selection, text)),
  ];
}
