import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { concurrently } from '../files/concurrently';
import { fileProblem, isMissing } from '../files/file-problem';
import type { TextFiles } from '../files/text-file';
import { recordOf } from '../json/record';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { matchesGlob } from './glob';

/** The `#spec` of a signature. */
export const signatureSpec = 'pvs@2';

/** A signature over a part of the state, `_sigs/<name>.json`. */
export interface Signature {
  /** Path below the checkout. */
  readonly file: string;
  /** Patterns of paths that are signed, unless they are excluded; see {@link matchesGlob}. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** All that its file holds: what is needed to verify it, or to make it anew. */
export interface SignatureFile extends Signature {
  readonly jws: Jws;
}

/** A JSON Web Signature in pvr's form (RFC 7515, section 7.2.2, with the payload left out as a rule). */
export interface Jws {
  /** The protected header as it stands in the file, which is what is signed: base64url. */
  readonly protected: string;
  /** base64url; `''` where the file has none, which no verifier takes. */
  readonly signature: string;
  /** What the protected header says, with the fields that nobody here knows: `alg`, `jwk`, `x5c`. Plain JSON data. */
  readonly header: Readonly<Record<string, unknown>>;
}

/**
 * All signatures of a checkout; they are read, not verified. A signed file that changes makes its signature stale, and a
 * device with secure boot (`lenient` by default) then refuses the revision.
 */
export async function readSignatures(checkout: TextFiles): Promise<{
  signatures: readonly SignatureFile[];
  problems: readonly { file: string; problem: Problem }[];
}> {
  const problems: { file: string; problem: Problem }[] = [];
  const names = await listNames(path.join(checkout.directory, '_sigs'));
  const signatures = await concurrently(names, async (name) => {
    const file = `_sigs/${name}`;
    try {
      const text = await checkout.text(file);
      return text === undefined ? [] : [parseSignature(text, file)];
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      problems.push({ file, problem });
      return [];
    }
  });
  return { signatures: signatures.flat(), problems };
}

/** Whether a change of this file makes the signature stale. */
export function isSigned({ include, exclude }: Signature, file: string): boolean {
  const isAmong = (patterns: readonly string[]) => patterns.some((pattern) => matchesGlob(pattern, file));
  return isAmong(include) && !isAmong(exclude);
}

/** The signatures that changes of these files make stale; paths below the checkout. */
export function staleSignatures(
  signatures: readonly Signature[],
  changedFiles: readonly string[],
): readonly string[] {
  return signatures
    .filter((signature) => changedFiles.some((changed) => isSigned(signature, changed)))
    .map(({ file }) => file);
}

/** @throws Problem when the text isn't a signature as Pantavisor reads it. */
export function parseSignature(text: string, file: string): SignatureFile {
  try {
    const { '#spec': spec, protected: encoded, signature = '' } = recordOf(JSON.parse(text)) ?? {};
    if (spec !== signatureSpec || typeof encoded !== 'string' || typeof signature !== 'string')
      throw new TypeError('it has not the fields of a JWS');
    const header = recordOf(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))) ?? {};
    const { include, exclude } = recordOf(header['pvs']) ?? {};
    if (header['typ'] !== 'PVS' || !isTexts(include) || !isTexts(exclude ?? []))
      throw new TypeError('its header says not what it signs');
    const excluded = isTexts(exclude) ? exclude : [];
    return { file, include, exclude: excluded, jws: { protected: encoded, signature, header } };
  } catch (error) {
    throw new Problem({
      doing: `reading ${file}`,
      found: `it is not a signature of kind ${signatureSpec}`,
      remedy: remedy`Sign again with ${way.signAgain()}, or remove the file`,
      cause: error,
    });
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

async function listNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder);
    return entries.filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileProblem('reading the signatures', folder, error);
  }
}
