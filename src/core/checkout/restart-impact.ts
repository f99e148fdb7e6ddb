import type { App } from './app';
import { topFolder } from './paths';

/** What a device does when it gets new content for some files of an app. */
export interface RestartImpact {
  /** `refused`: it goes back to the revision that it had. */
  readonly effect: 'nothing' | 'container' | 'reboot' | 'refused';
  /** A clause for people: `root.squashfs changes, and the restart policy of group data is system`. */
  readonly reason: string;
  /** What to do where it is refused: a sentence without a final stop. */
  readonly remedy?: string;
}

/** What decides about it: the policy in force, and whose it is. */
export interface AppPolicy {
  readonly name: string;
  readonly restartPolicy: { readonly value: string; readonly from: 'run.json' | 'group' } | undefined;
  readonly group: { readonly name: string } | undefined;
  /** The apps that extend its base and hold that open, where the device mounts it through dm-verity. */
  readonly holders?: readonly string[];
}

/** What an update of these files restarts, in a checkout with these apps. */
export function restartOf(files: readonly string[], apps: readonly App[]): RestartImpact {
  return restartImpact(files, apps.map(policyOf));
}

function policyOf({ name, container, dependants }: App): AppPolicy {
  return {
    name,
    restartPolicy: container?.restartPolicy,
    group: container?.group,
    ...(container?.hasVerifiedBase && { holders: dependants }),
  };
}

/**
 * What an update of these files restarts (pantavisor state.c:1086-1226): every changed value of the state restarts its
 * container, or reboots the device when that container's restart policy is `system`. Files that belong to no container
 * reboot it too.
 *
 * @param files paths below the checkout that are added, changed or removed; also of folders that are removed.
 * @param apps all containers, with those that are removed.
 */
export function restartImpact(files: readonly string[], apps: readonly AppPolicy[]): RestartImpact {
  const impacts = files.map((file) => impactOf(file, apps));
  return (
    impacts.find(({ effect }) => effect === 'reboot') ??
    refusal(impacts, apps) ??
    impactOnContainers(impacts, files) ??
    impacts[0] ?? { effect: 'nothing', reason: 'nothing changes' }
  );
}

/** Pantavisor doesn't look at these (parser_system1.c:2714-2719). */
const ignored = /^[^/]+\/(src|build)\.json$|^_sigs\//;

interface FileImpact extends RestartImpact {
  /** The app whose container restarts, and nothing else. */
  readonly container?: string;
}

/**
 * A verified base that another app's overlay lies on can't be closed and opened again under it: the device fails to start the
 * app whose base it is, and goes back (pantavisor scripts/volmount/verity, do_mount_squash; seen on a device).
 */
function refusal(impacts: readonly FileImpact[], apps: readonly AppPolicy[]): RestartImpact | undefined {
  const restarted = new Set(impacts.flatMap(({ container }) => container ?? []));
  for (const { name, holders = [] } of apps) {
    const open = holders.filter((holder) => !restarted.has(holder));
    if (!restarted.has(name) || open.length === 0) continue;
    const reason = `a device can't restart ${name} alone: ${inWords(open)} ${open.length === 1 ? 'keeps' : 'keep'} its verified base in use`;
    const remedy = `Change ${inWords(open)} with it, or put ${name} into a group whose restart policy is system`;
    return { effect: 'refused', reason, remedy };
  }
  return undefined;
}

/** Where the files of several apps change, as with a new base and what extends it, it says so of all of them. */
function impactOnContainers(
  impacts: readonly FileImpact[],
  files: readonly string[],
): RestartImpact | undefined {
  const firstFiles = new Map<string, string>();
  impacts.forEach(({ container }, index) => {
    const file = files[index];
    if (container !== undefined && file !== undefined && !firstFiles.has(container))
      firstFiles.set(container, file);
  });
  if (firstFiles.size === 0) return undefined;
  const isOne = firstFiles.size === 1;
  const changed = `${inWords([...firstFiles.values()])} ${isOne ? 'changes' : 'change'}`;
  const restarted = `${inWords([...firstFiles.keys()])} ${isOne ? 'restarts' : 'restart'}`;
  return { effect: 'container', reason: `${changed}, and only ${restarted}` };
}

/** `a`, `a and b`, `a, b and c`. */
function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function impactOf(file: string, apps: readonly AppPolicy[]): FileImpact {
  if (ignored.test(file)) return { effect: 'nothing', reason: `devices do not look at ${file}` };
  const owner = file.startsWith('_config/') ? file.split('/')[1] : topFolder(file);
  const app = apps.find(({ name }) => name === owner);
  if (app === undefined)
    return { effect: 'reboot', reason: `${file} changes, which belongs to no container` };
  const { restartPolicy, group } = app;
  if (restartPolicy?.value === 'container') {
    return {
      effect: 'container',
      container: app.name,
      reason: `${file} changes, and only ${app.name} restarts`,
    };
  }
  const whose =
    restartPolicy?.from === 'group' && group !== undefined ? `group ${group.name}` : `${app.name} itself`;
  return { effect: 'reboot', reason: `${file} changes, and the restart policy of ${whose} is system` };
}
