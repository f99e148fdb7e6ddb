import { stringifyCompact } from '../../json/indented';
import { isJsonObject, type JsonObject } from '../../json/value';
import { type Platform, normalizePlatform, parsePlatform } from '../../image/platform';
import { platformsFile, readPlatforms } from '../../checkout/manifests/platforms';
import { Problem } from '../../problem';
import type { DeviceFacts } from '../../remote/remote';
import type { Objection } from './objection';

/** The processor of a device, as it tells it (`pantavisor.arch`: `aarch64/64/EL`); undefined: it has not told. */
export function processorOf({ deviceMeta }: Pick<DeviceFacts, 'deviceMeta'>): Platform | undefined {
  const told = deviceMeta.get('pantavisor.arch');
  const [name = '', , order = ''] = typeof told === 'string' ? told.toLowerCase().split('/') : [];
  if (!/^\w+$/.test(name)) return undefined;
  const [, version] = /^armv(\d)/.exec(name) ?? [];
  if (version !== undefined)
    return normalizePlatform({ os: 'linux', architecture: 'arm', variant: `v${version}` });
  if (/^i\d86$/.test(name)) return normalizePlatform({ os: 'linux', architecture: '386' });
  const isLittle = /^mips(?:64)?$/.test(name) && order === 'el';
  return normalizePlatform({ os: 'linux', architecture: isLittle ? `${name}le` : name });
}

/** What the images of a state are for, by what it says itself of its device. */
export async function platformsIn(members: JsonObject): Promise<readonly Platform[]> {
  const document = members.get(platformsFile);
  if (document === undefined || typeof document === 'string') return [];
  const text = (file: string) =>
    Promise.resolve(file === platformsFile ? stringifyCompact(document) : undefined);
  try {
    return (await readPlatforms({ directory: '/', text }, undefined)).map(parsePlatform);
  } catch (problem) {
    if (problem instanceof Problem) return [];
    throw problem;
  }
}

/**
 * Apps whose programs the device's processor can't run.
 *
 * @param apps that the device would get.
 * @param usual what the images are for that don't say it in their src.json; empty: nobody knows.
 */
export function aboutPlatform(
  apps: readonly string[],
  members: JsonObject,
  processor: Platform | undefined,
  usual: readonly Platform[],
): readonly Objection[] {
  if (processor === undefined) return [];
  return apps.flatMap((app): readonly Objection[] => {
    const own = platformOf(app, members);
    const wanted = own === undefined ? usual : [own];
    if (wanted.length === 0 || wanted.some((one) => runsOn(one, processor))) return [];
    const names = [...new Set(wanted.map(({ architecture }) => architecture))].join(' or ');
    return [
      {
        weight: 'refusal',
        found: `${app} is made for ${names}, and the device has ${processor.architecture}`,
        remedy: 'Build it for the platform of the device, or leave the device out',
      },
    ];
  });
}

function platformOf(app: string, members: JsonObject): Platform | undefined {
  const source = members.get(`${app}/src.json`);
  const platform = isJsonObject(source) ? source.get('docker_platform') : undefined;
  if (typeof platform !== 'string' || platform === '') return undefined;
  try {
    return parsePlatform(platform);
  } catch (problem) {
    if (problem instanceof Problem) return undefined;
    throw problem;
  }
}

/** Processors of 64 bits run programs of 32 as a rule; what variant is needed, only the programs know. */
function runsOn({ architecture }: Platform, processor: Platform): boolean {
  const older: Readonly<Record<string, string>> = { arm64: 'arm', amd64: '386' };
  return architecture === processor.architecture || architecture === older[processor.architecture];
}
