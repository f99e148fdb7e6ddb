import { describeKind, isJsonArray, isJsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import type { SourceManifest } from '../manifests/source-manifest';
import { isTruthy } from './arguments';

/** What the template uses of an image's configuration. */
export interface ImageConfig {
  readonly entrypoint: Command;
  readonly cmd: Command;
  readonly env: readonly string[];
  readonly workingDir: string;
  /** Paths of the image's volumes. */
  readonly volumes: readonly string[];
}

/** The words to run, or a whole command line; no words mean that the image says nothing. */
export type Command = readonly string[] | string;

/**
 * The image's configuration as src.json keeps it, under the user's own `config`: of that, each key replaces
 * the image's (pvr libpvr/applib.go:346-352).
 *
 * @throws Problem for a field of a kind that no image has.
 */
export function imageConfigOf(app: string, { fields }: SourceManifest): ImageConfig {
  const merged = new Map([...(fields.docker_config ?? []), ...(fields.config ?? [])]);
  const get = <T extends JsonValue>(
    key: string,
    expected: string,
    matches: (value: JsonValue) => value is T,
  ): T | undefined => {
    const value = merged.get(key);
    if (!isTruthy(value)) return undefined;
    if (matches(value)) return value;
    throw new Problem({
      doing: `reading the image configuration in ${app}/src.json`,
      found: `"${key}" is ${describeKind(value)} instead of ${expected}`,
      remedy: `Correct "docker_config" or "config" in ${app}/src.json, or add the app again`,
    });
  };
  return {
    entrypoint: get('Entrypoint', 'a list of strings', isCommand) ?? [],
    cmd: get('Cmd', 'a list of strings', isCommand) ?? [],
    env: get('Env', 'a list of strings', isStrings) ?? [],
    workingDir: get('WorkingDir', 'a string', isString) ?? '',
    volumes: [...(get('Volumes', 'an object', isJsonObject)?.keys() ?? [])],
  };
}

const isString = (value: JsonValue): value is string => typeof value === 'string';
const isStrings = (value: JsonValue): value is readonly string[] =>
  isJsonArray(value) && value.every(isString);
const isCommand = (value: JsonValue): value is Command => isString(value) || isStrings(value);
