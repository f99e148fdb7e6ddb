import { declare, none, type OfApp, type OfFile, runOf } from './declaration';

/** A disk, where it stands: in a list of device.json, or in a file that is the list. */
type OfDisk = OfFile & { readonly list: string | undefined; readonly index: number; readonly disk: string };

/** What apps ask of the device and of each other, and what a device refuses of its own disks. */
export const ofDevice = {
  /** A device refuses the whole revision ("required service … not found", pantavisor state.c). */
  'missing-service': declare<
    OfApp & { readonly service: string; readonly index: number; readonly exported: readonly string[] }
  >({
    severity: 'error',
    place: ({ index, ...facts }) => ({
      file: `${facts.app}/run.json`,
      path: ['services', 'required', index],
    }),
    found: ({ app, service }) =>
      `${app} requires the service "${service}", which no app offers in its services.json; a device refuses that`,
    remedy: ({ service, exported }) =>
      `Add an app that offers ${service}, or move it to "optional"${exported.length === 0 ? '' : `; there is ${exported.join(', ')}`}`,
    fixes: none,
  }),

  /** The container is not started, and the revision fails ("references unknown pool", pantavisor platforms.c). */
  'unknown-pool': declare<
    OfApp & {
      readonly pool: string;
      /** It is there, but lacks a field, so a device leaves it out. */
      readonly isIncomplete: boolean;
      /** There is a device.json that could have it. */
      readonly hasDevice: boolean;
      readonly known: readonly string[];
    }
  >({
    severity: 'error',
    place: (facts) => runOf(facts, 'network', 'pool'),
    found: ({ app, pool, isIncomplete }) =>
      isIncomplete
        ? `${app} is in the network pool "${pool}", which lacks a field in device.json, so a device leaves it out and does not start ${app}`
        : `${app} is in the network pool "${pool}", which device.json does not have; a device does not start ${app} then`,
    remedy: ({ known, isIncomplete }) =>
      isIncomplete
        ? 'Give the pool its "subnet", "gateway" and "bridge" (of macvlan "parent") in device.json'
        : known.length === 0
          ? 'Define the pool in "network" of device.json, or remove "network" from run.json'
          : `Use one of ${known.join(', ')}, or define the pool in "network" of device.json`,
    fixes: ({ app, known, hasDevice }) => [
      ...known.map((pool) => ({ kind: 'setPool', app, pool }) as const),
      ...(hasDevice ? [{ kind: 'openFile', file: 'device.json' } as const] : []),
    ],
  }),

  /** Since May 2026 a device starts no such container (pantavisor plugins/pv_lxc.c, pv_validate_container_config). */
  'two-networks': declare<OfApp & OfFile & { readonly pool: string }>({
    severity: 'error',
    place: ({ file }) => ({ file, line: 'lxc.net.' }),
    found: ({ app, file, pool }) =>
      `${file} sets up a network (lxc.net), and run.json puts ${app} into the network pool "${pool}"; a device does not start it then`,
    remedy: ({ app }) =>
      `Remove "PV_LXC_NETWORK_TYPE" from "args" of ${app}/src.json and the lxc.net lines, or "network" from run.json`,
    fixes: ({ app, file }) => [
      { kind: 'openFile', file },
      { kind: 'openFile', file: `${app}/run.json` },
    ],
  }),

  /** The volume can't be mounted, and what needs it fails ("requires disk … which was not found", pantavisor volumes.c). */
  'unknown-disk': declare<
    OfFile & { readonly volume: string; readonly disk: string; readonly known: readonly string[] }
  >({
    severity: 'error',
    place: ({ file, volume }) => ({
      file,
      path: [file === 'device.json' ? 'volumes' : 'storage', volume, 'disk'],
    }),
    found: ({ file, volume, disk }) =>
      `${volume} in ${file} is to lie on the disk "${disk}", which the device does not have; it can not be mounted then`,
    remedy: ({ known }) =>
      known.length === 0
        ? 'Remove "disk", or name the disk in device.json'
        : `Use one of ${known.join(', ')}, remove "disk", or name the disk in device.json`,
    fixes: none,
  }),

  /** In a list that a device reads strictly (pantavisor parser/parser_system1.c, parse_disks_ex). */
  'unknown-disk-type': declare<OfDisk & { readonly type: string | undefined }>({
    // Devices of before June 2026 know it.
    severity: ({ type }) => (type === 'directory' ? 'warning' : 'error'),
    place: ({ file, list, index }) => ({
      file,
      path: [...(list === undefined ? [] : [list]), index, 'type'],
    }),
    found: ({ file, disk, type }) =>
      type === 'directory'
        ? `the disk ${disk} in ${file} is of the type "directory", for which Pantavisor since June 2026 refuses the revision`
        : `the disk ${disk} in ${file} is of ${type === undefined ? 'no type' : `the unknown type "${type}"`}; a device refuses the revision for it`,
    remedy: ({ type }) =>
      type === 'directory'
        ? 'Use "volume-disk" without "provision", if the device knows it'
        : 'Correct "type"; disks that some devices do not know belong into "disks_v3"',
    fixes: none,
  }),

  'clashing-disks': declare<OfDisk & { readonly alias: string; readonly other: string }>({
    severity: 'error',
    place: ({ file, list, index }) => ({
      file,
      path: [...(list === undefined ? [] : [list]), index, 'aliases'],
    }),
    found: ({ file, disk, alias, other }) =>
      `the disk ${disk} in ${file} answers to "${alias}", and so does ${other}; a device refuses that`,
    remedy: ({ disk, other }) => `Remove the alias from ${disk} or ${other}`,
    fixes: none,
  }),

  'empty-disks': declare<OfFile & { readonly list: string | undefined }>({
    severity: 'error',
    place: ({ file, list }) => (list === undefined ? { file } : { file, path: [list] }),
    found: ({ file, list }) =>
      list === undefined
        ? `${file} names no disk; a device refuses that`
        : `"${list}" in ${file} names no disk; a device refuses that`,
    remedy: ({ file, list }) =>
      list === undefined ? `Delete ${file}, or name a disk in it` : `Remove "${list}", or name a disk in it`,
    fixes: ({ file }) => [{ kind: 'openFile', file }],
  }),
};
