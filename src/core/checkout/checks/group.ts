import type { Contradiction } from '../contradictions/contradictions';
import { namedGroup, type Groups } from '../manifests/groups';
import type { AppRecord } from '../read-app';

/** A group that doesn't exist; a device refuses the whole revision for it (pantavisor parser_system1.c:1400-1419). */
export function findGroupContradictions(
  { name, run }: Pick<AppRecord, 'name' | 'run'>,
  { list }: Groups,
): readonly Contradiction[] {
  const group = run && namedGroup(run);
  const known = list.map((one) => one.name);
  if (group === undefined || known.includes(group)) return [];
  return [{ kind: 'unknown-group', app: name, group, known }];
}
