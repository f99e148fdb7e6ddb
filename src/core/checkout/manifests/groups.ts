import type { TextFiles } from '../../files/text-file';
import { parseJson } from '../../json/parse';
import { describeKind, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import type { RunManifest } from './run-manifest';

/** A group of containers: they are started in the order of the groups, and share what they don't say themselves. */
export interface Group {
  readonly name: string;
  /** `MOUNTED`, `STARTED` or `READY`. */
  readonly statusGoal: string | undefined;
  /** `system` or `container`. */
  readonly restartPolicy: string | undefined;
  /** Whether a container that fails is started again; without that, the whole revision fails with it. */
  readonly recovers: boolean;
}

export interface Groups {
  /** The file that they are from; `defaults`: the checkout has none, so the device uses its own. */
  readonly source: 'device.json' | 'groups.json' | 'defaults';
  readonly list: readonly Group[];
}

/** Pantavisor's own, in its order (pantavisor defaults/groups.json). */
export const defaultGroups: Groups = {
  source: 'defaults',
  list: [
    { name: 'data', statusGoal: 'MOUNTED', restartPolicy: 'system', recovers: false },
    { name: 'root', statusGoal: 'STARTED', restartPolicy: 'system', recovers: false },
    { name: 'platform', statusGoal: 'STARTED', restartPolicy: 'system', recovers: false },
    { name: 'app', statusGoal: 'STARTED', restartPolicy: 'container', recovers: true },
  ],
};

export interface GroupFiles {
  readonly groups: Groups;
  /** What is broken; its groups are not known then, and the next source's stand in for them. */
  readonly problems: readonly { readonly file: string; readonly problem: Problem }[];
  /** Whether both files exist, of which a device reads only device.json. */
  readonly hasBoth: boolean;
}

/** The groups of a checkout: device.json's if it exists, else groups.json's, else Pantavisor's own. */
export async function readGroups(checkout: TextFiles): Promise<GroupFiles> {
  const problems: { file: string; problem: Problem }[] = [];
  const read = async (file: 'device.json' | 'groups.json') => {
    try {
      const text = await checkout.text(file);
      return text === undefined ? 'absent' : parseGroups(text, file);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      problems.push({ file, problem });
      return 'broken';
    }
  };
  const [device, legacy] = await Promise.all([read('device.json'), read('groups.json')]);
  const groups = [device, legacy].find((found) => typeof found === 'object') ?? defaultGroups;
  return { groups, problems, hasBoth: device !== 'absent' && legacy !== 'absent' };
}

/** @throws Problem when the text isn't as Pantavisor wants it, who refuses the whole revision then. */
export function parseGroups(text: string, file: 'device.json' | 'groups.json'): Groups {
  const document = parseJson(text, file);
  const list = file === 'device.json' && isJsonObject(document) ? document.get('groups') : document;
  if (!isJsonArray(list) || list.length === 0) {
    const where = file === 'device.json' ? '"groups"' : 'it';
    throw brokenGroups(
      file,
      isJsonArray(list) ? `${where} names no group` : `${where} is ${kindOf(list)} instead of a list`,
    );
  }
  return { source: file, list: list.map((item, index) => groupOf(item, index, file)) };
}

function groupOf(item: JsonValue, index: number, file: string): Group {
  const name = isJsonObject(item) ? text(item, 'name') : undefined;
  if (!isJsonObject(item) || name === undefined) throw brokenGroups(file, `group ${index + 1} has no name`);
  return {
    name,
    statusGoal: text(item, 'status_goal'),
    restartPolicy: text(item, 'restart_policy'),
    recovers: recovers(item.get('auto_recovery')) ?? false,
  };
}

/** What an `auto_recovery` says, of a group or of a container, which has its group's where it has none; undefined: nothing. */
export function recovers(autoRecovery: JsonValue | undefined): boolean | undefined {
  if (!isJsonObject(autoRecovery)) return undefined;
  const policy = autoRecovery.get('policy');
  return typeof policy === 'string' && policy !== 'no';
}

function text(group: JsonObject, key: string): string | undefined {
  const value = group.get(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function kindOf(value: JsonValue | undefined): string {
  return value === undefined ? 'missing' : describeKind(value);
}

function brokenGroups(file: string, found: string): Problem {
  return new Problem({
    doing: `reading ${file}`,
    found,
    remedy: 'Correct the file, or restore it from the last commit with pvr checkout',
  });
}

/**
 * The group that goes into the run.json of an app that names none. pvr takes the last of groups.json, and knows no
 * device.json (libpvr/repolib.go:324-381). Here device.json counts too: with groups of its own a checkout should say in
 * every run.json which one is meant, since Pantavisor's documentation and code disagree about what happens otherwise
 * (docs/overview/containers.md:83, state.c:351-370). With the default groups nothing is written, as pvr does.
 */
export function defaultGroupForTemplate({ source, list }: Groups): string | undefined {
  return source === 'defaults' ? undefined : list.at(-1)?.name;
}

/** What groups were called before they had names of their own. */
export const runlevels: readonly string[] = ['data', 'root', 'platform', 'app'];

/**
 * The group that a run.json names. `runlevel` is what groups were before they had that name, and still counts
 * (pantavisor parser/parser_system1.c, do_action_for_runlevel).
 */
export function namedGroup({ group, runlevel }: Pick<RunManifest, 'group' | 'runlevel'>): string | undefined {
  if (group !== undefined) return group;
  return runlevel !== undefined && runlevels.includes(runlevel) ? runlevel : undefined;
}
