import type { TextFiles } from '../files/text-file';
import { stringifyCompact } from '../json/indented';
import type { JsonObject } from '../json/value';
import { findGroupContradictions } from './checks/group';
import { findStartContradictions } from './checks/start';
import { findGroupFileContradictions } from './checks/whole';
import type { Contradiction } from './contradictions/contradictions';
import { readGroups } from './manifests/groups';
import { readRunManifest, type RunManifest } from './manifests/run-manifest';
import { extendedApp, readSourceManifest } from './manifests/source-manifest';
import { kindOf } from './parts';
import { documentAt } from './state-document';

/**
 * What contradicts itself in a state as such, whoever has it and wherever its files lie: groups that are broken or don't exist, and
 * containers that are started before what they extend.
 *
 * @param members of the state, documents with their content.
 */
export async function contradictionsInState(members: JsonObject): Promise<readonly Contradiction[]> {
  const groupFiles = await readGroups(documentsOf(members));
  const found = findGroupFileContradictions(groupFiles);
  // Of broken groups nobody knows which names they have, and in which order.
  if (groupFiles.problems.length > 0) return found;
  const apps = appsIn(members);
  const starts = findStartContradictions(apps, groupFiles.groups);
  return [
    ...found,
    ...apps.flatMap((app) => [
      ...findGroupContradictions(app, groupFiles.groups),
      ...(starts.get(app.name) ?? []),
    ]),
  ];
}

interface AppInState {
  readonly name: string;
  readonly run: RunManifest | undefined;
  readonly baseApp: string | undefined;
}

function appsIn(members: JsonObject): readonly AppInState[] {
  const names = [...members.keys()].flatMap((key) => /^([^/]+)\/run\.json$/.exec(key)?.[1] ?? []);
  return names
    .filter((name) => kindOf(name) === 'other')
    .map((name) => ({
      name,
      run: documentAt(members, `${name}/run.json`, readRunManifest),
      baseApp: documentAt(members, `${name}/src.json`, (text, file) =>
        extendedApp(readSourceManifest(text, file)),
      ),
    }));
}

/** The documents of a state as the files that they are in a checkout. */
function documentsOf(members: JsonObject): TextFiles {
  const text = (file: string) => {
    const value = members.get(file);
    return Promise.resolve(typeof value === 'object' && value !== null ? stringifyCompact(value) : undefined);
  };
  return { directory: '/', text };
}
