import type { KeyObject, X509Certificate } from 'node:crypto';
import type { SignatureFile } from '../checkout/signatures';
import { isSignatureOver } from '../checkout/verify-signature';
import { stringifyCanonical } from '../json/canonical';
import { compareKeys } from '../json/key-order';
import type { JsonObject } from '../json/value';
import { certificateFrom, chainFailure } from './certificates';
import { matchesDoublestar } from './doublestar';
import { refused, type Verdict, verified } from './verdict';

/** Which members of the state a signature is over. */
export interface SignaturePatterns {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** The members of a state as a signature divides them, each list sorted as pvr sorts. */
export interface PvrSelection {
  /** What it is over. */
  readonly protected: readonly string[];
  readonly excluded: readonly string[];
  readonly notSeen: readonly string[];
}

/**
 * Which members pvr takes for a signature (libpvr/pvslib.go, selectPayload): those that an include matches, without those that
 * an exclude does.
 *
 * @returns undefined when a pattern is malformed.
 */
export function selectAsPvr(
  { include, exclude }: SignaturePatterns,
  document: JsonObject,
): PvrSelection | undefined {
  const selection = { protected: [] as string[], excluded: [] as string[], notSeen: [] as string[] };
  for (const key of [...document.keys()].sort(compareKeys)) {
    const [isIn, isOut] = [isAmong(include, key), isAmong(exclude, key)];
    if (isIn === undefined || isOut === undefined) return undefined;
    selection[isOut ? 'excluded' : isIn ? 'protected' : 'notSeen'].push(key);
  }
  return selection;
}

/** The first pattern that matches decides: what is malformed behind it is never seen. */
function isAmong(patterns: readonly string[], key: string): boolean | undefined {
  for (const pattern of patterns) {
    const matches = matchesDoublestar(pattern, key);
    if (matches !== false) return matches;
  }
  return false;
}

/** What is signed: canonical JSON of the selected members. */
export function payloadAsPvr(document: JsonObject, selection: PvrSelection): string {
  return stringifyCanonical(new Map(selection.protected.map((key) => [key, document.get(key) ?? null])));
}

/** What pvr is told to trust. Keys count alone where there are both, as with its `--pubkey` and `--cacerts`. */
export interface PvrTrust {
  readonly publicKeys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
  /** When certificates must be valid. */
  readonly at: Date;
}

/**
 * What `pvr sig ls` says of a signature (libpvr/pvslib.go, JwsVerifyPvs), once for each rather than of the first that fails.
 *
 * @param document the state, with `#spec`.
 */
export function verifyAsPvr(signature: SignatureFile, document: JsonObject, trust: PvrTrust): Verdict {
  const selection = selectAsPvr(signature, document);
  if (selection === undefined) return refused('one of its patterns is malformed');
  const keys = trust.publicKeys.length > 0 ? trust.publicKeys : keysFrom(signature, trust);
  if (typeof keys === 'string') return refused(keys);
  const payload = payloadAsPvr(document, selection);
  if (keys.some((key) => isSignatureOver(signature.jws, payload, key) === true)) return verified;
  return refused('it is not one over the state, or not made with a key that is trusted');
}

/** @returns why there are none. */
function keysFrom(
  { jws }: SignatureFile,
  { certificates: anchors, at }: PvrTrust,
): readonly KeyObject[] | string {
  const x5c = jws.header['x5c'];
  const options = { anchors, at, use: 'code-signing' } as const;
  if (!Array.isArray(x5c) || x5c.length === 0) {
    const own = anchors.filter((one) => chainFailure([one], options) === undefined);
    return own.length > 0 ? own.map(({ publicKey }) => publicKey) : 'no certificate is trusted';
  }
  const chain = certificatesIn(x5c);
  if (chain === undefined) return 'one of its certificates is none';
  return chainFailure(chain, options) ?? chain.slice(0, 1).map(({ publicKey }) => publicKey);
}

/** Those of a header's `x5c`, DER in base64; undefined where one is none. */
export function certificatesIn(x5c: readonly unknown[]): readonly X509Certificate[] | undefined {
  const certificates = x5c.flatMap((one) =>
    typeof one === 'string' ? (certificateFrom(Buffer.from(one, 'base64')) ?? []) : [],
  );
  return certificates.length === x5c.length ? certificates : undefined;
}
