import type { Checkout } from '../../core/checkout/checkout';
import type { Group } from '../../core/checkout/manifests/groups';
import {
  type OtherGroup,
  saferGroups,
  type StartingState,
  startingState,
  startVerdict,
  type UnsafeStart,
  unsafeStarts,
  type StartVerdict,
  withContainer,
} from '../../core/checkout/start-order';
import type { NewApp } from './new-app';

/** What can be answered to the question for the group of an extension. */
export type GroupChoice =
  | { readonly kind: 'group'; readonly group: Group; readonly verdict: Exclude<StartVerdict, 'never'> }
  /** The last group, with the base in an earlier one. */
  | { readonly kind: 'moveBase'; readonly group: Group; readonly to: OtherGroup }
  /** Another name, that sorts after that of the base. */
  | { readonly kind: 'rename' };

/**
 * The groups that a new extension can be in, the best first: the last one, if it starts safely there; else the ways to that. A group
 * in which it would never start is none of them.
 */
export function groupChoices(
  { apps, groups }: Pick<Checkout, 'apps' | 'groups'>,
  extending: { readonly name: string; readonly base: string },
): readonly GroupChoice[] {
  const present = startingState(apps, groups);
  const stateIn = ({ name: group }: Group) => withContainer(present, { ...extending, group });
  const choices = groups.list.flatMap((group): Extract<GroupChoice, { kind: 'group' }>[] => {
    const verdict = startVerdict(extending, stateIn(group));
    return verdict === 'never' ? [] : [{ kind: 'group', group, verdict }];
  });
  const safe = choices.filter(({ verdict }) => verdict === 'safe');
  const races = choices.filter(({ verdict }) => verdict === 'race');
  const last = groups.list.at(-1);
  const best = safe.find(({ group }) => group === last);
  if (last === undefined || best !== undefined) {
    return [...(best ? [best] : []), ...safe.filter((one) => one !== best), ...races];
  }
  const [to] = saferGroups(extending, stateIn(last)).ofBase;
  return [
    ...(to === undefined ? [] : [{ kind: 'moveBase', group: last, to } as const]),
    { kind: 'rename' },
    ...safe,
    ...races,
  ];
}

/** Whether a device would start the app too early, with all that was answered: an answer can be another one than it was then. */
export function unsafeStartOf(
  { apps, groups }: Pick<Checkout, 'apps' | 'groups'>,
  answers: Partial<NewApp>,
): UnsafeStart | undefined {
  const { name = '', base, group } = answers;
  if (base === undefined) return undefined;
  const move = baseGroupOf(answers);
  const state: StartingState = withContainer(startingState(apps, groups), { name, base, group });
  const after = move === undefined ? state : withContainer(state, { name: base, group: move });
  return unsafeStarts(after).find((start) => start.name === name);
}

/** The group that the base is to be moved to. What was agreed to of another base is none of it. */
export function baseGroupOf({ base, baseMove }: Partial<NewApp>): string | undefined {
  return baseMove !== undefined && baseMove.app === base ? baseMove.group : undefined;
}
