import { object, oneOf, string, strings, type Shape } from '../../json/shape';
import { describeKind, type JsonValue } from '../../json/value';
import type { Contradiction } from '../contradictions/contradictions';
import { restartPolicies, statusGoals, type RunManifest } from '../manifests/run-manifest';
import { serviceManifestSpec, type SourceManifest } from '../manifests/source-manifest';
import type { AppRecord } from '../read-app';
import { lacksFile } from '../read-part';
import { persistenceKinds } from '../template/storage';

/** The `#spec` of an app's run.json. */
export const runManifestSpec = 'service-manifest-run@1';

/** What src.json and run.json say that can't be right, whatever else lies in the folder. */
export function findManifestContradictions(app: AppRecord): readonly Contradiction[] {
  const { name, manifest, run } = app;
  return [
    ...(manifest === undefined ? [] : sourceFaults(name, manifest)),
    ...(run === undefined ? missingRun(app) : runFaults(app, run)),
  ];
}

function sourceFaults(app: string, { document, fields, faults }: SourceManifest): readonly Contradiction[] {
  const file = `${app}/src.json`;
  return [
    ...specFault(file, document.get('#spec'), serviceManifestSpec),
    ...nameFault(file, fields.name, app),
    ...faults.map(({ key, ...fault }): Contradiction => ({
      kind: 'wrong-field',
      file,
      field: key,
      ...fault,
    })),
  ];
}

function missingRun({ name, part }: AppRecord): readonly Contradiction[] {
  return lacksFile(part, `${name}/run.json`) ? [{ kind: 'missing-run-json', app: name }] : [];
}

function runFaults({ name: app, part }: AppRecord, run: RunManifest): readonly Contradiction[] {
  const { document, config, isMended } = run;
  const file = `${app}/run.json`;
  const name = document.get('name');
  return [
    ...(isMended ? [{ kind: 'broken-separator', app, file } as const] : []),
    ...specFault(file, document.get('#spec'), runManifestSpec),
    ...nameFault(file, typeof name === 'string' ? name : undefined, app),
    ...fieldFaults(file, run),
    ...persistenceFaults(file, run),
    ...(config !== undefined && lacksFile(part, `${app}/${config}`)
      ? [{ kind: 'missing-config', app, file: `${app}/${config}` } as const]
      : []),
  ];
}

function specFault(file: string, spec: JsonValue | undefined, known: string): readonly Contradiction[] {
  if (spec === known) return [];
  return [{ kind: 'unknown-spec', file, spec: typeof spec === 'string' ? spec : undefined, known }];
}

function nameFault(file: string, name: string | undefined, folder: string): readonly Contradiction[] {
  return name === undefined || name === '' || name === folder
    ? []
    : [{ kind: 'wrong-name', file, name, folder }];
}

/**
 * What Pantavisor reads (parser/parser_system1.c:1887-1929), as far as it matters here. A policy or a goal that it doesn't
 * know makes it refuse the whole revision.
 */
export const runFieldShapes: Readonly<Record<string, Shape<JsonValue>>> = {
  name: string,
  config: string,
  group: string,
  runlevel: string,
  restart_policy: oneOf(...restartPolicies),
  status_goal: oneOf(...statusGoals),
  storage: object,
  'root-volume': string,
  volumes: strings,
};

function fieldFaults(file: string, { document }: RunManifest): readonly Contradiction[] {
  return Object.entries(runFieldShapes).flatMap(([field, { expected, matches }]): Contradiction[] => {
    const value = document.get(field);
    if (value === undefined || value === null || matches(value)) return [];
    return [{ kind: 'wrong-field', file, field, expected, found: shown(value) }];
  });
}

function shown(value: JsonValue): string {
  return typeof value === 'string' ? JSON.stringify(value) : describeKind(value);
}

/** Data that is gone after the next boot, against what was meant. */
function persistenceFaults(file: string, { storage }: RunManifest): readonly Contradiction[] {
  return [...storage]
    .filter(([, { persistence }]) => !persistenceKinds.includes(persistence))
    .map(([volume, { persistence }]) => ({
      kind: 'wrong-field',
      file,
      field: `storage.${volume}.persistence`,
      expected: 'permanent, revision or boot',
      found: JSON.stringify(persistence),
    }));
}
