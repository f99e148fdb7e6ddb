import { Problem } from '../../problem';
import type { Contradiction } from '../contradictions/contradictions';
import { exportedServices, hostedBus, requiredServices } from '../manifests/services';
import type { AppRecord } from '../read-app';
import { lacksFile, textOf } from '../read-part';

/**
 * Services that an app can't do without, and that no app offers.
 *
 * @param unseen folders of which nobody knows whether they are apps.
 * @returns by name of the app.
 */
export function findServiceContradictions(
  records: readonly AppRecord[],
  unseen: ReadonlySet<string>,
): ReadonlyMap<string, readonly Contradiction[]> {
  const exported = unseen.size === 0 ? exportedByAll(records) : undefined;
  if (exported === undefined) return new Map();
  return new Map(
    records.map(({ name: app, run }) => [
      app,
      (run === undefined ? [] : requiredServices(run))
        .filter(({ name }) => name !== hostedBus && !exported.has(name))
        .map(({ name, index }): Contradiction => ({
          kind: 'missing-service',
          ...{ app, service: name, index },
          exported: [...exported],
        })),
    ]),
  );
}

/** @returns undefined where nobody can tell, because a services.json can't be read. */
function exportedByAll(records: readonly AppRecord[]): ReadonlySet<string> | undefined {
  const exported = new Set<string>();
  for (const { name, part } of records) {
    const file = `${name}/services.json`;
    if (lacksFile(part, file)) continue;
    const text = textOf(part, file);
    if (text === undefined) return undefined;
    try {
      for (const service of exportedServices(text, file)) exported.add(service);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return undefined;
    }
  }
  return exported;
}
