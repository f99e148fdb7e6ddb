import type { Remedy } from '../../remedy';
import { ofBudget } from './budget';
import type { Declaration, Fix, Place, Severity } from './declaration';
import { ofDevice } from './device';
import { ofDocuments } from './documents';
import { ofFileSystems } from './file-systems';
import { ofLayers } from './layers';
import { ofRelations } from './relations';

/** Each kind of contradiction, with all that is to be said of it; whoever shows one reads it from here. */
const declarations = {
  ...ofDocuments,
  ...ofFileSystems,
  ...ofLayers,
  ...ofRelations,
  ...ofDevice,
  ...ofBudget,
};

type Declarations = typeof declarations;
type Kind = keyof Declarations;
type FactsOf<One extends Kind> = Declarations[One] extends Declaration<infer Facts> ? Facts : never;
type Flat<Type> = { readonly [Key in keyof Type]: Type[Key] };

/**
 * Something in a checkout that can't be right, or that pvr or the device will stumble over. Plain data: its kind, and the facts
 * that are declared for it.
 */
export type Contradiction = { [One in Kind]: Flat<{ kind: One } & FactsOf<One>> }[Kind];

export interface ContradictionText {
  readonly found: string;
  readonly remedy: Remedy;
}

/** What a person reads about a contradiction: what was found, and what to do about it. */
export function describeContradiction(contradiction: Contradiction): ContradictionText {
  const { found, remedy } = declarationOf(contradiction);
  return { found: found(contradiction), remedy: remedy(contradiction) };
}

export function severityOf(contradiction: Contradiction): Severity {
  const { severity } = declarationOf(contradiction);
  return typeof severity === 'function' ? severity(contradiction) : severity;
}

export function worstSeverity(contradictions: readonly Contradiction[]): Severity | undefined {
  const found = new Set(contradictions.map(severityOf));
  return (['error', 'warning', 'information'] as const).find((severity) => found.has(severity));
}

/** Undefined of what shows in no file that an editor could open. */
export function placeOf(contradiction: Contradiction): Place | undefined {
  return declarationOf(contradiction).place(contradiction);
}

/** What can be done about it without asking any further, the best first. */
export function fixesFor(contradiction: Contradiction): readonly Fix[] {
  return declarationOf(contradiction).fixes(contradiction);
}

/** Whether a build mends it: what is said to do about it, with the command line, needn't be said then. */
export function isBuild(fix: Fix): fix is Extract<Fix, { kind: 'updateAsPatch' | 'installApp' }> {
  return fix.kind === 'updateAsPatch' || fix.kind === 'installApp';
}

/** A kind's declaration takes the facts of that kind, which a lookup by kind can't tell the compiler. */
function declarationOf(contradiction: Contradiction): Declaration<Contradiction> {
  return declarations[contradiction.kind] as Declaration<Contradiction>;
}
