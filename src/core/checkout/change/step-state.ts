import path from 'node:path';
import { identityOf, isSameFile } from '../../files/file-identity';
import { pathExists } from '../../files/file-problem';
import { sha256OfFile } from '../../files/hash-file';
import { factsOf, type PathFacts, sameFacts } from '../../files/path-facts';
import { Problem } from '../../problem';
import type { Journal, JournalStep, WrittenFile } from './journal';
import { missingParents } from './target-path';

/** Where a transaction takes place. */
export interface Site {
  readonly checkoutDirectory: string;
  /** The transaction's own folder, on the same file system. */
  readonly folder: string;
}

/** Where a step moves things from and to; absolute paths. */
export interface Places {
  readonly target: string;
  readonly staged: string | undefined;
  readonly kept: string;
}

/**
 * How far a step has come, by what lies at its target. `moved`: what was there is kept, and the new file is not in place yet.
 */
export type Standing = 'before' | 'moved' | 'after';

export type StepState =
  | {
      readonly target: string;
      readonly standing: Standing;
      /** Whether all that it needs is still there. */
      readonly canFinish: boolean;
      readonly canUndo: boolean;
    }
  | {
      readonly target: string;
      /** Something lies there that the transaction neither found nor brought, and that it has to leave alone. */
      readonly standing: 'foreign';
      /** A clause. */
      readonly found: string;
      readonly canFinish: false;
      /** Whether the transaction has done nothing here that could be undone. */
      readonly canUndo: boolean;
    };

/** Of all steps, in their order. @throws what the system says when nobody can look. */
export async function statesOf(site: Site, { steps }: Journal): Promise<readonly StepState[]> {
  const states: StepState[] = [];
  for (const step of steps) states.push(await stateOf(site, step));
  return states;
}

/** @throws what the system says when nobody can look. */
export async function stateOf(site: Site, step: JournalStep): Promise<StepState> {
  const { target, before } = step;
  const places = placesOf(site, step);
  const kept = await factsOf(places.kept);
  const isKept = kept.kind !== 'absent' && sameFacts(kept, before);
  const hasMoved = kept.kind !== 'absent' && !isLinked(step);

  const foreign = async (found: string): Promise<StepState> => {
    const isUntouched = !hasMoved && (places.staged === undefined || (await pathExists(places.staged)));
    return { target, standing: 'foreign', found, canFinish: false, canUndo: isUntouched };
  };
  const stranger = await strangerOnTheWay(site, target);
  if (stranger !== undefined) return foreign(stranger);
  const present = await factsOf(places.target);
  const standing = await standingOf(step, present, isKept && hasMoved, places);
  if (standing === undefined)
    return foreign(
      `${target} ${present.kind === 'absent' ? 'is gone' : 'is neither the old nor the new one'}`,
    );
  if (kept.kind !== 'absent' && !isKept) return foreign(`what was kept of ${target} has been changed`);
  switch (standing) {
    case 'after':
      return { target, standing, canFinish: true, canUndo: isKept || before.kind === 'absent' };
    case 'before':
    case 'moved': {
      const canFinish = step.kind === 'remove' || (await isWrittenFile(places.staged, step.after));
      return { target, standing, canFinish, canUndo: true };
    }
  }
}

async function standingOf(
  step: JournalStep,
  present: PathFacts,
  isMoved: boolean,
  { target }: Places,
): Promise<Standing | undefined> {
  if (step.kind === 'remove' && present.kind === 'absent') return 'after';
  if (sameFacts(present, step.before)) return 'before';
  if (step.kind === 'remove') return undefined;
  if (present.kind === 'absent') return isMoved ? 'moved' : undefined;
  return (await isWrittenFile(target, step.after)) ? 'after' : undefined;
}

export function placesOf({ checkoutDirectory, folder }: Site, step: JournalStep): Places {
  return {
    target: path.join(checkoutDirectory, step.target),
    staged: step.kind === 'replace' ? path.join(folder, step.staged) : undefined,
    kept: path.join(folder, step.kept),
  };
}

function isLinked(step: JournalStep): boolean {
  return step.kind === 'replace' && step.isLinked;
}

/** Nothing outside the checkout is reached through a link, whoever put it there meanwhile. */
async function strangerOnTheWay({ checkoutDirectory }: Site, target: string): Promise<string | undefined> {
  try {
    await missingParents(checkoutDirectory, target);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.found;
    throw error;
  }
}

/** Whether a transaction's new file lies at a path. Only one that seems to be another has to be read. */
async function isWrittenFile(file: string | undefined, written: WrittenFile): Promise<boolean> {
  const identity = file === undefined ? undefined : await identityOf(file);
  if (file === undefined || identity === undefined) return false;
  if (isSameFile(identity, written)) return true;
  return identity.size === written.size && (await sha256OfFile(file)) === written.sha256;
}
