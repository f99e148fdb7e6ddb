import type { Group, Groups } from './manifests/groups';

/** A container, as far as it decides when it and others are started. */
export interface StartingContainer {
  readonly name: string;
  /** That run.json names; see namedGroup(). */
  readonly group: string | undefined;
  /** The container that it extends. */
  readonly base?: string | undefined;
  /** Of its own, in place of its group's. */
  readonly restartPolicy?: string | undefined;
}

/** All containers of a state, and the groups that they can be in. What a change does to one may move others. */
export interface StartingState {
  readonly containers: readonly StartingContainer[];
  readonly groups: Groups;
}

/**
 * Whether an extension finds its base mounted when it is started. A device mounts a container's volumes right before it starts
 * that container (pantavisor state.c:628-660, 837-856). `never`: the base waits for a group that can't come up without it.
 * `race`: the base is mounted while the extension is being started already, and may be late.
 */
export type StartVerdict = 'safe' | 'race' | 'never';

export type StartFault = Exclude<StartVerdict, 'safe'>;

/**
 * Compares names by the order in which a device starts the containers of one group: by the keys of the state, which are `<name>/run.json`
 * (pantavisor parser_system1.c:2683-2697). So `web-shop` and `web.x` come before `web`, `web2` after it.
 */
export function inDeviceOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(`${one}/`), Buffer.from(`${other}/`));
}

/**
 * The group that each container is in on the device (pantavisor state.c:351-424). Those that name none are in the last
 * one; but with Pantavisor's own groups, where nobody is in `root`, the first of them is, and the others in `platform`.
 *
 * @returns by name of the container; the group need not be one that exists.
 */
export function effectiveGroups({ containers, groups }: StartingState): ReadonlyMap<string, string> {
  const hasRoot = containers.some(({ group }) => group === 'root');
  let first: string | undefined;
  for (const { name, group } of containers) {
    if (group === undefined && (first === undefined || inDeviceOrder(name, first) < 0)) first = name;
  }
  const fallback = (name: string) => {
    if (groups.source !== 'defaults') return groups.list.at(-1)?.name ?? '';
    return !hasRoot && name === first ? 'root' : 'platform';
  };
  return new Map(containers.map(({ name, group }) => [name, group ?? fallback(name)]));
}

/** Two containers of a state, one of which extends the other. */
export interface Extending {
  readonly name: string;
  readonly base: string;
}

/** Of what is no container, or in a group that doesn't exist, nothing is to be feared here: such a state is refused anyway. */
export function startVerdict(extending: Extending, state: StartingState): StartVerdict {
  return verdictsIn(state)(extending);
}

/** Looks at the state once, for any number of questions. */
function verdictsIn(state: StartingState): (extending: Extending) => StartVerdict {
  const effective = effectiveGroups(state);
  // Of two groups with the same name the first one counts.
  const places = new Map(
    [...state.groups.list.entries()].reverse().map(([place, { name }]) => [name, place]),
  );
  const placeOf = (container: string) => places.get(effective.get(container) ?? '');
  return ({ name, base }) => {
    const [own, ofBase] = [placeOf(name), placeOf(base)];
    if (own === undefined || ofBase === undefined) return 'safe';
    if (own !== ofBase) return own < ofBase ? 'never' : 'safe';
    return inDeviceOrder(name, base) < 0 ? 'race' : 'safe';
  };
}

/** What can be said of an extension that isn't started safely. */
export interface UnsafeStart extends Extending {
  readonly verdict: StartFault;
  /** On the device. */
  readonly group: string;
  readonly baseGroup: string;
}

/** All extensions of a state that aren't started safely. */
export function unsafeStarts(state: StartingState): readonly UnsafeStart[] {
  const effective = effectiveGroups(state);
  const verdictOf = verdictsIn(state);
  return state.containers.flatMap(({ name, base }): UnsafeStart[] => {
    if (base === undefined) return [];
    const verdict = verdictOf({ name, base });
    if (verdict === 'safe') return [];
    return [{ name, base, verdict, group: effective.get(name) ?? '', baseGroup: effective.get(base) ?? '' }];
  });
}

/** A clause: what becomes of it, and why. */
export function describeUnsafeStart({ name, base, verdict, group, baseGroup }: UnsafeStart): string {
  return verdict === 'never'
    ? `${name} never starts: it extends ${base}, and a device starts the group ${group}, which ${name} is in, before the group ${baseGroup}, which ${base} is in`
    : `${name} may start before ${base}, which it extends, is there: both are in the group ${group}, where a device begins with ${name}, since "${name}/" sorts before "${base}/"`;
}

/** Extensions that one state starts safely, or at least sometimes, and the other, after a change, less so. */
export function newlyUnsafe(before: StartingState, after: StartingState): readonly UnsafeStart[] {
  const was = new Map(unsafeStarts(before).map(({ name, verdict }) => [name, verdict]));
  return unsafeStarts(after).filter(({ name, verdict }) => {
    const earlier = was.get(name);
    return earlier === undefined || (earlier === 'race' && verdict === 'never');
  });
}

/** A group that a container could be put into. */
export interface OtherGroup {
  readonly name: string;
  /** Updates of the container reboot the device then. */
  readonly reboots: boolean;
}

/** Groups that either of the two could be put into for the extension to start safely, the best first. */
export interface SaferGroups {
  readonly ofBase: readonly OtherGroup[];
  readonly ofExtension: readonly OtherGroup[];
}

/** No device has that many groups; a hostile file may. */
const maxTried = 50;

/**
 * Where one of two containers could go instead; no move makes another extension's start worse. The base goes rather into `root`
 * or `platform` where there are these, else right before the extension; the extension rather into the last group, as new ones do.
 */
export function saferGroups(extending: Extending, state: StartingState): SaferGroups {
  // Nothing is started in these, unless run.json says otherwise.
  const candidates = state.groups.list
    .filter(({ statusGoal }) => statusGoal !== 'MOUNTED')
    .slice(-maxTried)
    .reverse();
  const helps = (moved: string, { name: group }: Group) => {
    const after = withContainer(state, { name: moved, group });
    return startVerdict(extending, after) === 'safe' && newlyUnsafe(state, after).length === 0;
  };
  const into = (moved: string): readonly OtherGroup[] => {
    const own = state.containers.find(({ name }) => name === moved)?.restartPolicy;
    return candidates
      .filter((group) => helps(moved, group))
      .map(({ name, restartPolicy }) => ({ name, reboots: (own ?? restartPolicy) === 'system' }));
  };
  const rank = ({ name }: OtherGroup) => (name === 'root' ? 0 : name === 'platform' ? 1 : 2);
  return {
    ofBase: [...into(extending.base)].sort((one, other) => rank(one) - rank(other)),
    ofExtension: into(extending.name),
  };
}

/** A state with another container, or with one in another group. */
export function withContainer(
  { containers, groups }: StartingState,
  { name, ...given }: StartingContainer,
): StartingState {
  const present = containers.find((one) => one.name === name);
  return {
    groups,
    containers: [...containers.filter((one) => one !== present), { ...present, name, ...given }],
  };
}

/** What an app of a checkout tells about it. */
interface AppToStart {
  readonly name: string;
  readonly baseApp: string | undefined;
  readonly container:
    | {
        readonly group: { readonly name: string; readonly from: 'run.json' | 'default' };
        readonly restartPolicy: { readonly value: string; readonly from: 'run.json' | 'group' } | undefined;
      }
    | undefined;
}

/** The containers of a checkout. */
export function startingState(apps: readonly AppToStart[], groups: Groups): StartingState {
  const containers = apps.flatMap(({ name, container, baseApp }) => {
    if (container === undefined) return [];
    const { group, restartPolicy } = container;
    return [
      {
        name,
        group: group.from === 'run.json' ? group.name : undefined,
        base: baseApp,
        restartPolicy: restartPolicy?.from === 'run.json' ? restartPolicy.value : undefined,
      },
    ];
  });
  return { containers, groups };
}
