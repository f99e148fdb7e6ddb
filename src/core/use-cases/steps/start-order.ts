import { readOpened } from '../../checkout/checkout';
import type { ChangingCheckout } from '../../checkout/change/changing-checkout';
import { defaultGroupForTemplate, namedGroup, readGroups } from '../../checkout/manifests/groups';
import { readRunManifest } from '../../checkout/manifests/run-manifest';
import { sourceManifestText, withFields } from '../../checkout/manifests/source-manifest';
import {
  describeUnsafeStart,
  newlyUnsafe,
  type OtherGroup,
  saferGroups,
  type StartingState,
  startingState,
  type UnsafeStart,
  unsafeStarts,
  withContainer,
} from '../../checkout/start-order';
import { mergeRunJson } from '../../checkout/update/run-json';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { anyOf, remedy, type Remedy, way } from '../../remedy';
import { readAppManifest } from './app-manifest';
import { type ContainerSettings, requireKnownArguments, templateArguments } from './template-arguments';

/** A new app, as far as it decides what is started when. */
export interface NewContainer extends ContainerSettings {
  readonly app: string;
  /** Makes an extension app: an overlay over this app's base. */
  readonly base?: string | undefined;
  /** Moves that app into this group, in the same step. */
  readonly baseGroup?: string | undefined;
}

/**
 * Settles the group of a new app: that of an extension which names none is the last one. Warns of extensions that the new app makes
 * a device start too early.
 *
 * @returns the same, with the group that is to be written for it; undefined leaves it to the template.
 * @throws Problem when the new app itself would never start, or only by chance though nobody has asked for its group; when
 * `baseGroup` makes no sense.
 */
export async function settleGroup<Wanted extends NewContainer>(
  change: ChangingCheckout,
  wanted: Wanted,
  job: Job,
): Promise<Wanted> {
  const { app, base, baseGroup } = wanted;
  const doing = `adding ${app}`;
  if (base === undefined && baseGroup !== undefined) {
    throw new Problem({
      doing,
      found: `there is no base to put into the group ${baseGroup}`,
      remedy: 'Name the app to extend as well',
    });
  }
  const { groups, problems } = await readGroups(change);
  if (baseGroup !== undefined) requireKnownArguments(doing, new Map([['PV_GROUP', baseGroup]]), groups);
  // What is known of broken groups is a guess.
  if (problems.length > 0) return wanted;
  const given = givenGroup(wanted);
  const last = groups.list.at(-1)?.name;
  const settled = base !== undefined && given === undefined ? { ...wanted, group: last } : wanted;
  const before = startingState((await readOpened(change, job.signal)).apps, groups);
  const withApp = withContainer(before, {
    name: app,
    group: givenGroup(settled) ?? defaultGroupForTemplate(groups),
    base,
  });
  const after =
    base === undefined || baseGroup === undefined
      ? withApp
      : withContainer(withApp, { name: base, group: baseGroup });
  const own = unsafeStarts(after).find(({ name }) => name === app);
  if (own !== undefined) {
    if (own.verdict === 'never' || given === undefined) throw refusal(doing, own, after);
    job.warn(`${describeUnsafeStart(own)}.`);
  }
  for (const other of newlyUnsafe(before, after)) {
    if (other.name !== app) job.warn(`With ${app} in the checkout, ${describeUnsafeStart(other)}.`);
  }
  return settled;
}

/** By whichever of its names. An empty one asks for the default. */
function givenGroup(settings: ContainerSettings): string | undefined {
  const args = templateArguments(settings);
  const textOf = (name: string) => {
    const value = args.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const group = textOf('PV_GROUP');
  return namedGroup({ group: group === '' ? undefined : group, runlevel: textOf('PV_RUNLEVEL') });
}

function refusal(doing: string, start: UnsafeStart, state: StartingState): Problem {
  const { name, base, verdict } = start;
  const { ofBase, ofExtension } = saferGroups(start, state);
  const [earlier] = ofBase;
  const ways: Remedy[] = [
    ...(ofExtension.length > 0 ? [`Put ${name} into ${namesOf(ofExtension)}`] : []),
    ...(earlier === undefined ? [] : [moveOf(base, earlier)]),
    ...(verdict === 'race' ? [`Choose a name that sorts after ${base}`] : []),
  ];
  return new Problem({
    doing,
    found: describeUnsafeStart(start),
    remedy: ways.length > 0 ? anyOf(ways) : `Put ${base} into a group before that of ${name}`,
  });
}

function moveOf(base: string, { name, reboots }: OtherGroup): Remedy {
  const price = reboots ? ' (its updates will reboot the device)' : '';
  return remedy`Put ${base} into the earlier group ${name}${price} ${way.moveBase(name)}`;
}

function namesOf(groups: readonly OtherGroup[]): string {
  const names = groups.map(({ name }) => name).join(' or ');
  return groups.length === 1 ? `the group ${names}` : `one of the groups ${names}`;
}

/** Moves an app into another group, in run.json and in src.json, which run.json is generated from. */
export async function stageGroup(change: ChangingCheckout, app: string, group: string): Promise<void> {
  const manifest = await readAppManifest(change, app);
  const args = new Map([...(manifest.fields.args ?? []), ['PV_GROUP', group] as const]);
  await change.write(`${app}/src.json`, sourceManifestText(withFields(manifest, { args })));
  const file = `${app}/run.json`;
  const text = await change.text(file);
  if (text === undefined) return;
  const existing = readRunManifest(text, file);
  const [before, after] = [new Map(), new Map([['group', group]])];
  await change.write(file, mergeRunJson({ before, after, existing }));
}
