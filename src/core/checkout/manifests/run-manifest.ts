import { parseJson } from '../../json/parse';
import { describeKind, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import { volumeFile } from './volume-name';

/** All that Pantavisor knows (parser/parser_system1.c:1887-1929). */
export const statusGoals: readonly string[] = ['MOUNTED', 'STARTED', 'READY'];
export const restartPolicies: readonly string[] = ['system', 'container'];

/**
 * What an app's run.json tells the device; whatever is absent or of the wrong kind there is undefined or
 * empty here.
 */
export interface RunManifest {
  readonly document: JsonObject;
  /** The text, with pvr's broken separator between volumes mended. */
  readonly text: string;
  /** Whether it had to be mended: pvr itself can't read it. */
  readonly isMended: boolean;
  /** The file that sets the container up, `lxc.container.conf`; undefined when nothing is to be started. */
  readonly config: string | undefined;
  /** As they are written, so perhaps with `dm:` in front; see volumeFile(). */
  readonly rootVolume: string | undefined;
  readonly volumes: readonly string[];
  readonly group: string | undefined;
  readonly runlevel: string | undefined;
  /** `system` or `container`. */
  readonly restartPolicy: string | undefined;
  /** `MOUNTED`, `STARTED` or `READY`. */
  readonly statusGoal: string | undefined;
  /** By the volume's name, which is also its folder below `/volumes/<app>/` on the device. */
  readonly storage: ReadonlyMap<string, { readonly persistence: string; readonly disk: string | undefined }>;
}

/**
 * Reads a run.json of any pvr.
 *
 * @param name the file, for messages: `web/run.json`.
 * @throws Problem when the text isn't a JSON object.
 */
export function readRunManifest(text: string, name: string): RunManifest {
  const { document, sound } = parseRunJson(text, name);
  if (!isJsonObject(document)) {
    throw new Problem({
      doing: `reading ${name}`,
      found: `it holds ${describeKind(document)} instead of an object`,
      remedy: 'Restore the file from the last commit with pvr checkout',
    });
  }
  const string = (key: string) => optionalString(document.get(key));
  const volumes = document.get('volumes');
  return {
    document,
    text: sound,
    isMended: sound !== text,
    config: string('config'),
    rootVolume: string('root-volume'),
    volumes: isJsonArray(volumes) ? volumes.filter((volume) => typeof volume === 'string') : [],
    group: string('group'),
    runlevel: string('runlevel'),
    restartPolicy: string('restart_policy'),
    statusGoal: string('status_goal'),
    storage: storageOf(document.get('storage')),
  };
}

/** The volumes as they are written: the root volume first, then the others. */
export function mountedNames({ rootVolume, volumes }: RunManifest): readonly string[] {
  return rootVolume === undefined ? volumes : [rootVolume, ...volumes];
}

/** The files of the app's folder that are mounted, in the same order. */
export function mountedFiles(run: RunManifest): readonly string[] {
  return mountedNames(run).map(volumeFile);
}

/**
 * pvr up to 050 writes a backslash and an n between two volumes, where it means a line feed (`join ",\\n"`,
 * pvr templates/builtin-lxc-docker.go:336). Valid JSON can hold these characters too, inside a string; so
 * they are mended only where the text isn't valid as it is.
 */
function parseRunJson(text: string, name: string): { document: JsonValue; sound: string } {
  try {
    return { document: parseJson(text, name), sound: text };
  } catch (error) {
    const sound = text.replaceAll('",\\n"', '",\n"');
    if (sound === text) throw error;
    return { document: parseJson(sound, name), sound };
  }
}

function storageOf(value: JsonValue | undefined): RunManifest['storage'] {
  if (!isJsonObject(value)) return new Map();
  return new Map(
    [...value].flatMap(([key, entry]) => {
      const persistence = isJsonObject(entry) ? optionalString(entry.get('persistence')) : undefined;
      if (!isJsonObject(entry) || persistence === undefined) return [];
      return [[key, { persistence, disk: optionalString(entry.get('disk')) }] as const];
    }),
  );
}

function optionalString(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
