import type { TextFiles } from '../../files/text-file';
import { parseJson } from '../../json/parse';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';

/** What today's Pantavisor knows (disk/disk.h, pv_disk_str_to_type). */
export const diskTypes: readonly string[] = [
  'dm-crypt-versatile',
  'dm-crypt-caam',
  'dm-crypt-dcp',
  'swap-disk',
  'volume-disk',
  'dual',
];

/** Lists of disks in device.json; of the lenient one a device passes over the disks whose type it doesn't know. */
export const diskLists = { disks: 'strict', disks_v2: 'strict', disks_v3: 'lenient' } as const;
/** What held these lists before device.json, beside which a device doesn't look at them. */
export const diskFiles = { 'disks.json': 'strict', 'disks_v3.json': 'lenient' } as const;

export interface Disk {
  readonly name: string;
  /** Other names that it answers to. */
  readonly aliases: readonly string[];
  readonly type: string | undefined;
  /** Where it stands; `list` is the key in device.json, and undefined in a file that is the list. */
  readonly place: { readonly file: string; readonly list: string | undefined; readonly index: number };
  /** A device that doesn't know the type passes the disk over, and doesn't refuse the revision. */
  readonly isOptional: boolean;
}

/** What the device of a checkout has, as far as its files say it; what is of the wrong kind there isn't in here. */
export interface Device {
  /** The file that says it; undefined where there is none. */
  readonly file: 'device.json' | 'disks.json' | 'disks_v3.json' | undefined;
  readonly disks: readonly Disk[];
  /** Lists without a disk, for which a device refuses the whole revision ("empty disks array"). */
  readonly emptyLists: readonly { readonly file: string; readonly list: string | undefined }[];
  /** Pantavisor's own volumes that are to lie on a disk: the disk by the volume's name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** The network pools by name, and whether a device takes them: it leaves those out that lack a field. */
  readonly pools: ReadonlyMap<string, { readonly isWhole: boolean }>;
}

const nothing: Device = {
  file: undefined,
  disks: [],
  emptyLists: [],
  volumes: new Map(),
  pools: new Map(),
};

/**
 * Reads device.json, or disks.json and disks_v3.json where there is none (pantavisor parser/parser_system1.c, parse_device,
 * system1_parse_disks).
 *
 * @returns undefined where nobody can tell: a file is broken, or device.json has no groups, without which a device reads nothing else of
 * it. That is told by whoever reads the groups.
 */
export async function readDevice(checkout: TextFiles): Promise<Device | undefined> {
  try {
    const text = await checkout.text('device.json');
    if (text !== undefined) return deviceOf(parseJson(text, 'device.json'));
    return await readDiskFiles(checkout);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return undefined;
  }
}

function deviceOf(document: JsonValue): Device | undefined {
  if (!isJsonObject(document) || !isJsonArray(document.get('groups'))) return undefined;
  const lists = Object.entries(diskLists).flatMap(([list, manner]) => {
    const items = document.get(list);
    return isJsonArray(items) ? [{ file: 'device.json', list, items, isOptional: manner === 'lenient' }] : [];
  });
  return { ...nothing, file: 'device.json', ...ofLists(lists), ...volumesOf(document), ...poolsOf(document) };
}

async function readDiskFiles(checkout: TextFiles): Promise<Device> {
  const lists: DiskList[] = [];
  for (const [file, manner] of Object.entries(diskFiles)) {
    const text = await checkout.text(file);
    const items = text === undefined ? undefined : parseJson(text, file);
    if (isJsonArray(items)) lists.push({ file, list: undefined, items, isOptional: manner === 'lenient' });
  }
  const file = (['disks.json', 'disks_v3.json'] as const).find((one) =>
    lists.some((list) => list.file === one),
  );
  return { ...nothing, file, ...ofLists(lists) };
}

interface DiskList {
  readonly file: string;
  readonly list: string | undefined;
  readonly items: readonly JsonValue[];
  readonly isOptional: boolean;
}

function ofLists(lists: readonly DiskList[]): Pick<Device, 'disks' | 'emptyLists'> {
  return {
    disks: lists.flatMap(({ file, list, items, isOptional }) =>
      items.flatMap((item, index): readonly Disk[] => {
        const name = text(item, 'name');
        if (!isJsonObject(item) || name === undefined) return [];
        const aliases = strings(item.get('aliases'));
        return [{ name, aliases, type: text(item, 'type'), place: { file, list, index }, isOptional }];
      }),
    ),
    emptyLists: lists.filter(({ items }) => items.length === 0).map(({ file, list }) => ({ file, list })),
  };
}

function volumesOf(document: JsonObject): Pick<Device, 'volumes'> {
  const volumes = document.get('volumes');
  if (!isJsonObject(volumes)) return { volumes: new Map() };
  return {
    volumes: new Map(
      [...volumes].flatMap(([name, volume]) => {
        const disk = text(volume, 'disk');
        return disk === undefined ? [] : [[name, disk] as const];
      }),
    ),
  };
}

function poolsOf(document: JsonObject): Pick<Device, 'pools'> {
  const network = document.get('network');
  const pools = isJsonObject(network) ? network.get('pools') : undefined;
  if (!isJsonObject(pools)) return { pools: new Map() };
  return { pools: new Map([...pools].map(([name, pool]) => [name, { isWhole: isWholePool(pool) }])) };
}

/** What a device wants of a pool (parser/parser_system1.c, parse_network_pools). */
export const poolFields = { always: ['subnet', 'gateway'], bridge: 'bridge', macvlan: 'parent' } as const;

function isWholePool(pool: JsonValue): boolean {
  const link = text(pool, 'type') === 'macvlan' ? poolFields.macvlan : poolFields.bridge;
  return [...poolFields.always, link].every((field) => text(pool, field) !== undefined);
}

/** The disk that a volume names, by its name or another one that it answers to. */
export function diskNamed({ disks }: Device, name: string): Disk | undefined {
  return disks.find((disk) => disk.name === name || disk.aliases.includes(name));
}

/** Whether a device has this disk: one that it must not know may be missing. */
export function isKnownType({ type }: Disk): boolean {
  return type !== undefined && diskTypes.includes(type);
}

function text(item: JsonValue | undefined, key: string): string | undefined {
  const value = isJsonObject(item) ? item.get(key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function strings(value: JsonValue | undefined): readonly string[] {
  return isJsonArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
