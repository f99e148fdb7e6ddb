import type { Contradiction } from '../contradictions/contradictions';
import { stackedLayers, type StackedLayer } from '../manifests/rootfs-layers';
import { mountedFiles, type RunManifest } from '../manifests/run-manifest';
import { baseVolume, overlayVolume } from '../manifests/volume-name';
import type { AppRecord } from '../read-app';
import { lacksFile } from '../read-part';

/**
 * Where lxc.container.conf stacks something else than what is there and mounted.
 *
 * @param unseen folders of which nobody knows whether they are apps.
 */
export function findLayerContradictions(
  app: AppRecord,
  apps: ReadonlyMap<string, AppRecord>,
  unseen: ReadonlySet<string>,
): readonly Contradiction[] {
  const { run, lxcContainerConf } = app;
  // A file that run.json doesn't name is a leftover that a device never reads.
  if (run?.config !== 'lxc.container.conf' || lxcContainerConf === undefined) return [];
  const file = `${app.name}/lxc.container.conf`;
  const returns: readonly Contradiction[] = lxcContainerConf.includes('\r\n')
    ? [{ kind: 'carriage-returns', app: app.name, file }]
    : [];
  const layers = stackedLayers(lxcContainerConf);
  if (layers === undefined) return returns;
  return [
    ...returns,
    ...layers.flatMap((layer) => unusable(app, layer, apps, unseen)),
    ...orderFaults(app, run, layers),
  ];
}

function unusable(
  app: AppRecord,
  { owner, volume }: StackedLayer,
  apps: ReadonlyMap<string, AppRecord>,
  unseen: ReadonlySet<string>,
): readonly Contradiction[] {
  const { name } = app;
  const file = `${owner}/${volume}`;
  const other = apps.get(owner);
  if (other === undefined) {
    const isToldElsewhere = owner === app.baseApp || unseen.has(owner);
    return isToldElsewhere ? [] : [{ kind: 'missing-layer', app: name, file }];
  }
  const isMounted = other.run !== undefined && mountedFiles(other.run).includes(volume);
  if (lacksFile(other.part, file)) {
    const isToldElsewhere = isMounted && other === app;
    return isToldElsewhere ? [] : [{ kind: 'missing-layer', app: name, file }];
  }
  // Of a broken run.json nothing is known.
  if (isMounted || other.run === undefined) return [];
  return [{ kind: 'unmounted-layer', app: name, file, owner }];
}

function orderFaults(
  { name, baseApp }: AppRecord,
  run: RunManifest,
  layers: readonly StackedLayer[],
): readonly Contradiction[] {
  if (!mountedFiles(run).includes(overlayVolume)) return [];
  const file = `${name}/${overlayVolume}`;
  const placeOf = (owner: string, volume: string) =>
    layers.findIndex((layer) => layer.owner === owner && layer.volume === volume);
  const overlay = placeOf(name, overlayVolume);
  if (overlay < 0) return [{ kind: 'unstacked-overlay', app: name, file }];
  const base = placeOf(baseApp ?? name, baseVolume);
  return base >= 0 && base < overlay ? [{ kind: 'hidden-overlay', app: name, file }] : [];
}
