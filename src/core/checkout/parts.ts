import { parseJson } from '../json/parse';
import { isJsonObject } from '../json/value';
import type { AppFile } from './app';
import { textOf, type PartRecord } from './read-part';

/** A file or folder at the checkout's top that is no app. */
export interface Part {
  readonly name: string;
  readonly kind: PartKind;
  /** What a bsp boots; undefined for everything else, or when its run.json doesn't say. */
  readonly boots: BootImage | undefined;
  /** Paths are below the checkout. Of a folder that pvr knows nothing about, they are not listed. */
  readonly files: readonly AppFile[];
  /** Files of the pristine state that are gone; paths below the checkout. */
  readonly missingFiles: readonly string[];
}

export type PartKind = (typeof kinds)[keyof typeof kinds] | 'other';

/** A kernel with its initrd, a FIT image with all in one, or a Raspberry Pi's boot image. */
export type BootImage = 'kernel' | 'fit' | 'rpi-boot-image';

const kinds = {
  /** Kernel, modules, firmware and Pantavisor itself. */
  bsp: 'bsp',
  /** Files laid over those of the containers, by app. */
  _config: 'config',
  _sigs: 'signatures',
  /** What pvr should know about the device. */
  _hostconfig: 'host-config',
  'device.json': 'device',
  'groups.json': 'groups',
  'disks.json': 'disks',
  'network-mapping.json': 'network-mapping',
  'storage-mapping.json': 'storage-mapping',
  'checkpoint.json': 'checkpoint',
} as const;

export function partOf(part: PartRecord): Part {
  const { name, files, missingFiles } = part;
  const kind = kindOf(name);
  return {
    name,
    kind,
    boots: kind === 'bsp' ? bootImageOf(textOf(part, `${name}/run.json`)) : undefined,
    files,
    missingFiles,
  };
}

export function kindOf(name: string): PartKind {
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : 'other';
}

/** The order in which Pantavisor looks (parser/parser_system1.c, parse_bsp). */
function bootImageOf(runJson: string | undefined): BootImage | undefined {
  if (runJson === undefined) return undefined;
  let run;
  try {
    run = parseJson(runJson, 'bsp/run.json');
  } catch {
    // That it is broken is told elsewhere.
    return undefined;
  }
  if (!isJsonObject(run)) return undefined;
  if (run.has('fit')) return 'fit';
  if (run.has('rpiab')) return 'rpi-boot-image';
  return run.has('linux') ? 'kernel' : undefined;
}
