import { checkTargetPath } from '../checkout/change/target-path';
import type { OpenedCheckout } from '../checkout/opened-checkout';
import { parseSignature, readSignatures, type SignatureFile, signatureSpec } from '../checkout/signatures';
import { concurrently } from '../files/concurrently';
import { sameJson } from '../json/canonical';
import { parseJson } from '../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { type CommittedState, withMembers } from './committed-state';

/** A signature of a checkout: committed, or lying there to be. */
export interface FoundSignature {
  /** Path below the checkout, its key in the state. */
  readonly file: string;
  /** How it lies there beside the last commit. */
  readonly change: 'none' | 'new' | 'changed' | 'gone';
  /** As it lies there; undefined where it is gone or can't be read. */
  readonly signature: SignatureFile | undefined;
  /** The same as JSON. */
  readonly value: JsonValue | undefined;
  /** Why it can't be read. */
  readonly problem: Problem | undefined;
}

/** All signatures of a checkout, by the names of their files: of the last commit wherever they are, else those in `_sigs`. */
export async function findSignatures(
  checkout: OpenedCheckout,
  { document }: CommittedState,
): Promise<readonly FoundSignature[]> {
  const { signatures, problems } = await readSignatures(checkout);
  const files = new Set([...signaturesOf(document), ...[...signatures, ...problems].map(({ file }) => file)]);
  return concurrently([...files].sort(), (file) => readOne(checkout, file, document.get(file)));
}

/** The keys of a state that hold signatures. */
export function signaturesOf(document: JsonObject): readonly string[] {
  return [...document]
    .filter(([, value]) => isJsonObject(value) && value.get('#spec') === signatureSpec)
    .map(([key]) => key);
}

async function readOne(
  checkout: OpenedCheckout,
  file: string,
  committed: JsonValue | undefined,
): Promise<FoundSignature> {
  try {
    // A state may name anything.
    checkTargetPath(file);
    const text = await checkout.text(file);
    if (text === undefined)
      return { file, change: 'gone', signature: undefined, value: undefined, problem: undefined };
    const signature = parseSignature(text, file);
    const value = parseJson(text, file);
    const change = committed === undefined ? 'new' : sameJson(committed, value) ? 'none' : 'changed';
    return { file, change, signature, value, problem: undefined };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return { file, change: 'changed', signature: undefined, value: undefined, problem };
  }
}

/** The last commit with the signatures as they lie there; one that can't be read stays what it was. */
export function stateToBe(state: CommittedState, found: readonly FoundSignature[]): CommittedState {
  const members = found
    .filter(({ problem, change }) => problem === undefined && change !== 'none')
    .map(({ file, value }) => [file, value] as const);
  return withMembers(state, new Map(members));
}

/**
 * Those that a command names, all where it names none: `web` for `_sigs/web.json`, or a path.
 *
 * @throws Problem when there is no such signature.
 */
export function namedSignatures(
  found: readonly FoundSignature[],
  names: readonly string[],
): readonly FoundSignature[] {
  if (names.length === 0) return found;
  return names.map((name) => {
    const file = signatureFile(name);
    const one = found.find((candidate) => candidate.file === file);
    if (one !== undefined) return one;
    const present = found.map((candidate) => candidate.file).join(', ');
    throw new Problem({
      doing: `looking for the signature ${name}`,
      found: `there is no ${file}`,
      remedy: present === '' ? remedy`Make one with ${way.revision('sig add')}` : `There are: ${present}`,
    });
  });
}

export function signatureFile(name: string): string {
  return name.endsWith('.json') ? name : `_sigs/${name}.json`;
}
