/** What a device does when it gets new content for some files of an app. */
export interface RestartImpact {
  readonly effect: 'nothing' | 'container' | 'reboot';
  /** A clause for people: `root.squashfs changes, and the restart policy of group data is system`. */
  readonly reason: string;
}

/** What decides about it: the policy in force, and whose it is. */
export interface AppPolicy {
  readonly name: string;
  readonly restartPolicy: { readonly value: string; readonly from: 'run.json' | 'group' } | undefined;
  readonly group: { readonly name: string } | undefined;
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
    impacts.find(({ effect }) => effect === 'container') ??
    impacts[0] ?? { effect: 'nothing', reason: 'nothing changes' }
  );
}

/** Pantavisor doesn't look at these (parser_system1.c:2714-2719). */
const ignored = /^[^/]+\/(src|build)\.json$|^_sigs\//;

function impactOf(file: string, apps: readonly AppPolicy[]): RestartImpact {
  if (ignored.test(file)) return { effect: 'nothing', reason: `devices do not look at ${file}` };
  const owner = file.startsWith('_config/') ? file.split('/')[1] : file.split('/')[0];
  const app = apps.find(({ name }) => name === owner);
  if (app === undefined)
    return { effect: 'reboot', reason: `${file} changes, which belongs to no container` };
  const { restartPolicy, group } = app;
  if (restartPolicy?.value === 'container') {
    return { effect: 'container', reason: `${file} changes, and only ${app.name} restarts` };
  }
  const whose =
    restartPolicy?.from === 'group' && group !== undefined ? `group ${group.name}` : `${app.name} itself`;
  return { effect: 'reboot', reason: `${file} changes, and the restart policy of ${whose} is system` };
}
