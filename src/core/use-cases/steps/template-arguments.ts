import type { Groups } from '../../checkout/manifests/groups';
import { restartPolicies, statusGoals } from '../../checkout/manifests/run-manifest';
import type { JsonObject, JsonValue } from '../../json/value';
import { Problem } from '../../problem';

/** How a new app's container is to be set up. */
export interface ContainerSettings {
  readonly group?: string | undefined;
  /** What groups were called before: `data`, `root`, `platform` or `app`. */
  readonly runlevel?: string | undefined;
  /** `MOUNTED`, `STARTED` or `READY`. */
  readonly statusGoal?: string | undefined;
  /** `system` or `container`. */
  readonly restartPolicy?: string | undefined;
  /** More arguments of the template, by name. */
  readonly args?: Readonly<Record<string, string>> | undefined;
  /** Some of any type, such as lists; {@link args} win. */
  readonly typedArgs?: JsonObject | undefined;
}

/** The template's arguments that have options of their own. */
function namedArguments({ group, runlevel, statusGoal, restartPolicy }: ContainerSettings) {
  return [
    ['PV_GROUP', group],
    ['PV_RUNLEVEL', runlevel],
    ['PV_STATUS_GOAL', statusGoal],
    ['PV_RESTART_POLICY', restartPolicy],
  ] as const;
}

/** What src.json has as `args`: all of them, by name. */
export function templateArguments(settings: ContainerSettings): ReadonlyMap<string, JsonValue> {
  const args = new Map<string, JsonValue>(settings.typedArgs);
  for (const [name, value] of [...namedArguments(settings), ...Object.entries(settings.args ?? {})])
    if (value !== undefined) args.set(name, value);
  return args;
}

/** What has an option of its own can be given as an argument of the template as well, but not both ways. */
export function requireOneValueEach(doing: string, settings: ContainerSettings): void {
  for (const [name, value] of namedArguments(settings)) {
    const other = settings.args?.[name] ?? settings.typedArgs?.get(name);
    if (value === undefined || other === undefined) continue;
    throw new Problem({
      doing,
      found: `${name} is given twice, as ${JSON.stringify(value)} and as ${JSON.stringify(other)}`,
      remedy: 'Give it once',
    });
  }
}

/** A device refuses a state that holds any other value. */
export function requireKnownArguments(
  doing: string,
  args: ReadonlyMap<string, JsonValue>,
  groups: Groups,
): void {
  const known = {
    PV_GROUP: groups.list.map(({ name }) => name),
    PV_STATUS_GOAL: statusGoals,
    PV_RESTART_POLICY: restartPolicies,
  };
  const groupFile = groups.source === 'defaults' ? 'device.json' : groups.source;
  for (const [name, values] of Object.entries(known)) {
    const value = args.get(name);
    if (typeof value !== 'string' || value === '' || values.includes(value)) continue;
    const isGroup = name === 'PV_GROUP';
    throw new Problem({
      doing,
      found: `there is no ${isGroup ? 'group' : name} "${value}", and a device refuses a state that names one`,
      remedy: `Choose one of ${values.join(', ')}${isGroup ? `, or define it in ${groupFile}` : ''}`,
    });
  }
}
