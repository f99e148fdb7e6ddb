import type { KeyObject, X509Certificate } from 'node:crypto';
import { parseSignature, type SignatureFile } from '../../checkout/signatures';
import { publicKeyIn } from '../../checkout/verify-signature';
import { stringifyCompact } from '../../json/indented';
import type { JsonObject, JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { signaturesOf } from '../../revision/signature-files';
import { chainOf } from '../../revision/signer-files';
import { deviceObjections } from '../../revision/signature-objections';
import { verifyAsDevice } from '../../revision/verify-as-device';
import { selectAsPvr } from '../../revision/verify-as-pvr';
import type { Objection } from './objection';

/** A state as it is sent to a device, and its members. */
export interface SentState {
  readonly text: string;
  readonly members: JsonObject;
}

/**
 * What a device says of the signatures of a state, as far as that doesn't depend on whom it trusts: each signature is judged by the
 * certificates or the key that it brings along.
 *
 * @param before what the device runs well; what was wrong there already is no reason to refuse anything.
 */
export function aboutSignatures(state: SentState, before: SentState | undefined): readonly Objection[] {
  const now = judged(state);
  if (now.crash !== undefined)
    return [
      {
        weight: 'refusal',
        found: `this state crashes Pantavisor (${now.crash})`,
        remedy: 'Write these documents otherwise',
      },
    ];
  const was = before === undefined ? undefined : judged(before);
  const objections = [...now.refused].map(([file, why]): Objection => {
    const isOld = was?.refused.has(file) === true;
    return {
      weight: isOld ? 'note' : 'refusal',
      found: `a device that checks signatures refuses the state for ${file}: ${why}${isOld ? '; so it did with the one that runs' : ''}`,
      remedy: remedy`Sign again with ${way.signAgain()}, and commit that`,
    };
  });
  const unknown = [...now.unknown].map((file): Objection => ({
    weight: 'note',
    found: `nobody here can tell whether a device takes ${file}, which names neither certificates nor a key`,
    remedy: 'See to it that it is one of the key that the device has',
  }));
  const wasWhole =
    was !== undefined && was.count > 0 && was.uncovered.length === 0 && now.uncovered.length > 0;
  const uncovered: readonly Objection[] = wasWhole
    ? [
        {
          weight: 'note',
          found: `no signature covers ${now.uncovered.join(', ')}, where all that runs is covered; a device in strict mode refuses that`,
          remedy: remedy`Sign it with ${way.revision('sig add')}`,
        },
      ]
    : [];
  return [...objections, ...unknown, ...uncovered];
}

interface Judgement {
  readonly count: number;
  /** Why, by file. */
  readonly refused: ReadonlyMap<string, string>;
  readonly unknown: ReadonlySet<string>;
  readonly uncovered: readonly string[];
  readonly crash: string | undefined;
}

function judged({ text, members }: SentState): Judgement {
  const files = signaturesOf(members);
  const signatures = new Map(files.map((file) => [file, signatureIn(file, members.get(file))]));
  const at = new Date();
  const certificates = [...signatures.values()].flatMap((one) => certificatesOf(one));
  const verdictOf = (publicKey: KeyObject | undefined) =>
    verifyAsDevice(text, { certificates, publicKey, at }, 'lenient');
  const first = verdictOf(undefined);
  if (first.outcome === 'crash')
    return {
      ...{ count: files.length, refused: new Map(), unknown: new Set(), uncovered: [] },
      crash: first.reason ?? '',
    };
  const refused = new Map<string, string>();
  const unknown = new Set<string>();
  for (const { file, verdict } of first.signatures) {
    if (verdict.outcome === 'verified') continue;
    const signature = signatures.get(file);
    const isBare = signature !== undefined && signature.jws.header['x5c'] === undefined;
    const key = isBare ? publicKeyIn(signature.jws) : undefined;
    if (isBare && key === undefined) {
      unknown.add(file);
      continue;
    }
    // One that brings a bare key along is one of a device that has it.
    const own = key === undefined ? verdict : verdictAbout(file, verdictOf(key));
    if (own.outcome === 'verified') continue;
    refused.set(file, [...own.why, ...whyNever(signature, { text, members })].join('; '));
  }
  return { count: files.length, refused, unknown, uncovered: first.uncovered, crash: undefined };
}

function verdictAbout(file: string, { signatures }: ReturnType<typeof verifyAsDevice>) {
  const found = signatures.find((one) => one.file === file);
  return found?.verdict ?? { outcome: 'refused' as const, why: ['a device does not see it'] };
}

function certificatesOf(signature: SignatureFile | undefined): readonly X509Certificate[] {
  return signature === undefined ? [] : (chainOf(signature.jws) ?? []);
}

function signatureIn(file: string, value: JsonValue | undefined): SignatureFile | undefined {
  try {
    return parseSignature(stringifyCompact(value ?? null), file);
  } catch (problem) {
    if (problem instanceof Problem) return undefined;
    throw problem;
  }
}

/** Why no device takes it, whoever makes it. */
function whyNever(signature: SignatureFile | undefined, { text, members }: SentState): readonly string[] {
  if (signature === undefined) return [];
  const selection = selectAsPvr(signature, members);
  return selection === undefined ? [] : deviceObjections(members, signature, selection, text);
}
