import { parseSignature, type SignatureFile } from '../checkout/signatures';
import { isSignatureOver, publicKeyIn } from '../checkout/verify-signature';
import { stringifyCanonical } from '../json/canonical';
import { parseJson } from '../json/parse';
import type { JsonObject } from '../json/value';
import { Problem } from '../problem';
import { signatureText } from './sign';
import { signaturesOf } from './signature-files';
import { deviceObjections } from './signature-objections';
import { chainOf, isKeyOf, type SigningKey } from './signer-files';
import { payloadAsPvr, type PvrSelection, selectAsPvr } from './verify-as-pvr';

/** A signature that was made anew. Plain data. */
export interface RenewedSignature {
  /** Path below the checkout. */
  readonly file: string;
  /** The text of the file, canonical JSON. */
  readonly text: string;
  /** Why no device takes it all the same; clauses. */
  readonly objections: readonly string[];
}

export interface Renewal {
  /** The next commit with them. */
  readonly document: JsonObject;
  readonly renewed: readonly RenewedSignature[];
  /** Those that no longer fit, and that somebody has to make anew. */
  readonly stale: readonly string[];
}

/**
 * What a commit makes of the signatures over what it changes, so that none of them is stale for a moment: each is made anew whose
 * own key is at hand, and that was one over the last commit. What was stale before is not: nobody has vouched for that.
 *
 * @param before the last commit, with `#spec`.
 * @param after the next one, with the signatures as they lie there.
 * @param key see {@link signingKeyAtHand}; undefined: there is none.
 */
export function renewSignatures(before: JsonObject, after: JsonObject, key: SigningKey | undefined): Renewal {
  const document = new Map(after);
  const renewed: RenewedSignature[] = [];
  const stale: string[] = [];
  for (const { signature, selection } of coveringOthersLast(after)) {
    const { file } = signature;
    if (fits(signature, document, selection)) continue;
    const isOwn =
      key !== undefined &&
      isKeyOf(key.key, signature.jws) &&
      fits(signature, before, selectAsPvr(signature, before));
    if (!isOwn || selection === undefined || selection.protected.length === 0) {
      stale.push(file);
      continue;
    }
    const signer = { key: key.key, certificates: chainOf(signature.jws) ?? [] };
    const text = signatureText(document, signature, selection, signer);
    document.set(file, parseJson(text, file));
    renewed.push({ file, text, objections: deviceObjections(document, signature, selection) });
  }
  return { document, renewed, stale };
}

interface Covering {
  readonly signature: SignatureFile;
  /** What it selects; by keys alone, so that it stays the same when members are made anew. */
  readonly selection: PvrSelection | undefined;
}

/** What covers other signatures is made when those are. */
function coveringOthersLast(document: JsonObject): readonly Covering[] {
  const files = signaturesOf(document);
  const signatures = files
    .flatMap((file) => parsed(file, document))
    .map((signature): Covering => ({ signature, selection: selectAsPvr(signature, document) }));
  const coversOthers = ({ selection }: Covering) =>
    selection?.protected.some((key) => files.includes(key)) === true;
  return [...signatures.filter((one) => !coversOthers(one)), ...signatures.filter(coversOthers)];
}

/** That one can't be read is told where it is looked for. */
function parsed(file: string, document: JsonObject): readonly SignatureFile[] {
  try {
    return [parseSignature(stringifyCanonical(document.get(file) ?? null), file)];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

/** By the key that it names itself. */
function fits(signature: SignatureFile, document: JsonObject, selection: PvrSelection | undefined): boolean {
  const key = publicKeyIn(signature.jws);
  return (
    key !== undefined &&
    selection !== undefined &&
    isSignatureOver(signature.jws, payloadAsPvr(document, selection), key) === true
  );
}
