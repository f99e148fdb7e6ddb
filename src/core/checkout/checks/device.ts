import type { Contradiction } from '../contradictions/contradictions';
import { type Device, type Disk, diskNamed, isKnownType } from '../manifests/device';
import type { RunManifest } from '../manifests/run-manifest';
import { networkPool } from '../manifests/services';
import type { AppRecord } from '../read-app';

/** What a device refuses of its own disks and volumes, whatever apps there are. */
export function findDeviceContradictions(device: Device | undefined): readonly Contradiction[] {
  if (device === undefined) return [];
  return [
    ...device.emptyLists.map((place): Contradiction => ({ kind: 'empty-disks', ...place })),
    ...device.disks.flatMap(typeFaults),
    ...clashes(device),
    ...[...device.volumes].flatMap(([volume, disk]) =>
      diskFaults(device, { file: 'device.json', volume, disk }),
    ),
  ];
}

/** What an app asks of the device that it doesn't have. @param device undefined where nobody can tell. */
export function findUseContradictions(
  { name, run, lxcContainerConf }: AppRecord,
  device: Device | undefined,
): readonly Contradiction[] {
  if (run === undefined) return [];
  return [
    ...(device === undefined ? [] : missing(name, run, device)),
    ...twoNetworks(name, run, lxcContainerConf),
  ];
}

function missing(app: string, run: RunManifest, device: Device): readonly Contradiction[] {
  const pool = networkPool(run);
  const volumes = [...run.storage].flatMap(([volume, { disk }]) => (disk ? [{ volume, disk }] : []));
  return [
    ...volumes.flatMap((one) => diskFaults(device, { file: `${app}/run.json`, ...one })),
    ...(pool === undefined || device.pools.get(pool)?.isWhole === true
      ? []
      : [unknownPool(app, pool, device)]),
  ];
}

function unknownPool(app: string, pool: string, { file, pools }: Device): Contradiction {
  return {
    kind: 'unknown-pool',
    ...{ app, pool },
    isIncomplete: pools.has(pool),
    hasDevice: file === 'device.json',
    known: [...pools].filter(([, { isWhole }]) => isWhole).map(([name]) => name),
  };
}

/** A device writes these lines itself for a container of a pool, and starts none that has its own (plugins/pv_lxc.c:253-294). */
function twoNetworks(app: string, run: RunManifest, conf: string | undefined): readonly Contradiction[] {
  const pool = networkPool(run);
  const isHandmade = conf !== undefined && /^[ \t]*lxc\.net\./m.test(conf);
  if (pool === undefined || !isHandmade || run.config !== 'lxc.container.conf') return [];
  return [{ kind: 'two-networks', app, file: `${app}/lxc.container.conf`, pool }];
}

function diskFaults(
  device: Device,
  { file, volume, disk }: { readonly file: string; readonly volume: string; readonly disk: string },
): readonly Contradiction[] {
  if (diskNamed(device, disk) !== undefined) return [];
  return [{ kind: 'unknown-disk', file, volume, disk, known: device.disks.map(({ name }) => name) }];
}

function typeFaults(disk: Disk): readonly Contradiction[] {
  if (disk.isOptional || isKnownType(disk)) return [];
  return [{ kind: 'unknown-disk-type', ...disk.place, disk: disk.name, type: disk.type }];
}

/** One name for two disks (disk/disk.c, pv_disk_list_validate). */
function clashes({ disks }: Device): readonly Contradiction[] {
  return disks.flatMap((disk, at) =>
    disk.aliases.flatMap((alias): readonly Contradiction[] => {
      const other = disks.find(
        (one, index) => one !== disk && (one.name === alias || (index < at && one.aliases.includes(alias))),
      );
      if (other === undefined) return [];
      return [{ kind: 'clashing-disks', ...disk.place, alias, disk: disk.name, other: other.name }];
    }),
  );
}
