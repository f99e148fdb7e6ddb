import { isJsonObject, type JsonObject } from '../json/value';
import { defaultGroups, type Groups, namedGroup, parseGroups } from './manifests/groups';
import { mountedNames, readRunManifest } from './manifests/run-manifest';
import { extendedApp, sourceManifestOf } from './manifests/source-manifest';
import { baseVolume, withVerity } from './manifests/volume-name';
import type { AppPolicy } from './restart-impact';
import { effectiveGroups } from './start-order';
import { documentAt } from './state-document';

/**
 * What decides about restarts in a state as a device has it, whatever lies in a checkout: the policies of all its containers. What is
 * broken counts as not there; a device refuses such a state anyway.
 *
 * @param members with or without `#spec`.
 */
export function policiesIn(members: JsonObject): readonly AppPolicy[] {
  const runs = [...members.keys()].flatMap((key) => {
    const [, name] = /^([^/]+)\/run\.json$/.exec(key) ?? [];
    const run = name === undefined ? undefined : documentAt(members, key, readRunManifest);
    return name === undefined || run === undefined ? [] : [{ name, run }];
  });
  const groups = groupsIn(members);
  const containers = runs.map(({ name, run }) => ({ name, group: namedGroup(run) }));
  const effective = effectiveGroups({ containers, groups });
  return runs.map(({ name, run }): AppPolicy => {
    const group = groups.list.find((one) => one.name === effective.get(name));
    const [value, from] =
      run.restartPolicy === undefined
        ? ([group?.restartPolicy, 'group'] as const)
        : ([run.restartPolicy, 'run.json'] as const);
    return {
      name,
      restartPolicy: value === undefined ? undefined : { value, from },
      group,
      ...(mountedNames(run).includes(withVerity(baseVolume)) && { holders: dependantsIn(members, name) }),
    };
  });
}

/** As {@link readGroups} finds them in a checkout. */
function groupsIn(members: JsonObject): Groups {
  return (
    documentAt(members, 'device.json', (text) => parseGroups(text, 'device.json')) ??
    documentAt(members, 'groups.json', (text) => parseGroups(text, 'groups.json')) ??
    defaultGroups
  );
}

function dependantsIn(members: JsonObject, base: string): readonly string[] {
  return [...members].flatMap(([key, value]) => {
    const [, name] = /^([^/]+)\/src\.json$/.exec(key) ?? [];
    if (name === undefined || name === base || !isJsonObject(value)) return [];
    return extendedApp(sourceManifestOf(value)) === base ? [name] : [];
  });
}
