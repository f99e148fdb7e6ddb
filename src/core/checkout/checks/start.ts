import type { Contradiction } from '../contradictions/contradictions';
import { type Groups, namedGroup, recovers } from '../manifests/groups';
import { mountedNames } from '../manifests/run-manifest';
import { baseVolume, withVerity } from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import {
  effectiveGroups,
  saferGroups,
  type StartingState,
  type UnsafeStart,
  unsafeStarts,
} from '../start-order';

/** What of an app decides when it is started. */
type StartingApp = Pick<AppRecord, 'name' | 'run' | 'baseApp'>;

/** What a device can't start, or not every time, though each app by itself is sound. @returns by name of the app. */
export function findStartContradictions(
  records: readonly StartingApp[],
  groups: Groups,
): ReadonlyMap<string, readonly Contradiction[]> {
  const apps = new Map(records.map((record) => [record.name, record]));
  const state = stateOf(records, groups);
  const effective = effectiveGroups(state);
  const unsafe = new Map(unsafeStarts(state).map((one) => [one.name, one]));
  return new Map(
    records.map((record) => {
      const goal = goalOf(record, effective, groups);
      const start = unsafe.get(record.name);
      return [
        record.name,
        [
          ...(goal === 'MOUNTED' ? typeFaults(record) : []),
          ...(start === undefined ? [] : startFaults(start, apps, state)),
        ],
      ];
    }),
  );
}

/** Of an extension's extension it is told elsewhere that it can't be. */
function stateOf(records: readonly StartingApp[], groups: Groups): StartingState {
  const extensions = new Set(records.filter(({ baseApp }) => baseApp !== undefined).map(({ name }) => name));
  const containers = records.flatMap(({ name, run, baseApp }) => {
    if (run === undefined) return [];
    const base = baseApp !== undefined && !extensions.has(baseApp) ? baseApp : undefined;
    return [{ name, group: namedGroup(run), base, restartPolicy: run.restartPolicy }];
  });
  return { containers, groups };
}

function goalOf(
  { name, run }: StartingApp,
  effective: ReadonlyMap<string, string>,
  { list }: Groups,
): string | undefined {
  if (run?.statusGoal !== undefined) return run.statusGoal;
  return list.find((group) => group.name === effective.get(name))?.statusGoal;
}

function typeFaults({ name, run }: StartingApp): readonly Contradiction[] {
  return run === undefined || run.document.has('type') ? [] : [{ kind: 'mounted-without-type', app: name }];
}

function startFaults(
  start: UnsafeStart,
  apps: ReadonlyMap<string, StartingApp>,
  state: StartingState,
): readonly Contradiction[] {
  const { name: app, base, verdict, group, baseGroup } = start;
  const [run, baseRun] = [apps.get(app)?.run, apps.get(base)?.run];
  const { ofBase, ofExtension } = saferGroups(start, state);
  const isRecovered =
    recovers(run?.document.get('auto_recovery')) ??
    state.groups.list.some(({ name, recovers: does }) => name === group && does);
  return [
    {
      kind: 'starts-before-base',
      ...{ app, base, verdict, group, baseGroup },
      isBaseVerified: baseRun !== undefined && mountedNames(baseRun).includes(withVerity(baseVolume)),
      isRecovered,
      earlierGroup: ofBase[0],
      laterGroup: ofExtension[0]?.name,
    },
  ];
}
