import type { JSONPath } from 'jsonc-parser';
import type { Remedy } from '../../remedy';

/**
 * `error`: pvr fails on it, or a device refuses the revision. `warning`: something else happens than the files seem to
 * say. `information`: it passes by itself.
 */
export type Severity = 'error' | 'warning' | 'information';

/** Where in a checkout a contradiction shows: a file, and perhaps a value or key in it. */
export interface Place {
  /** Path below the checkout. */
  readonly file: string;
  /** Of the value in a JSON file. */
  readonly path?: JSONPath;
  /** A volume that run.json names, below that path or elsewhere. */
  readonly volume?: string;
  /** The first line that begins so, in a file that is no JSON. */
  readonly line?: string;
}

/** What can be done about a contradiction without asking any further. Plain data; files are paths below the checkout. */
export type Fix =
  /** Build the overlay for what lies there now. */
  | { readonly kind: 'updateAsPatch'; readonly app: string }
  /** Make what src.json says and isn't there. */
  | { readonly kind: 'installApp'; readonly app: string }
  /** In run.json, and in src.json's args, which run.json is generated from. */
  | { readonly kind: 'setGroup'; readonly app: string; readonly group: string }
  /** In the same two files. */
  | { readonly kind: 'setPool'; readonly app: string; readonly pool: string }
  | { readonly kind: 'setField'; readonly file: string; readonly field: string; readonly value: string }
  | { readonly kind: 'removeVolume'; readonly app: string; readonly volume: string }
  | { readonly kind: 'deleteFile'; readonly file: string }
  | { readonly kind: 'openFile'; readonly file: string }
  /** Of the checkout. */
  | { readonly kind: 'signAgain' };

/** All that is to be said of one kind of contradiction, for any of its kind. */
export interface Declaration<Facts> {
  readonly severity: Severity | ((facts: Facts) => Severity);
  /** Undefined of what shows in no file that an editor could open. */
  readonly place: (facts: Facts) => Place | undefined;
  /** A sentence without a final stop: what was found. */
  readonly found: (facts: Facts) => string;
  /** A sentence without a final stop, in the imperative: what to do about it. */
  readonly remedy: (facts: Facts) => Remedy;
  /** The best first. */
  readonly fixes: (facts: Facts) => readonly Fix[];
}

/** @typeParam Facts plain data; all files are paths below the checkout. */
export function declare<Facts>(declaration: Declaration<Facts>): Declaration<Facts> {
  return declaration;
}

export interface OfApp {
  readonly app: string;
}

export interface OfFile {
  readonly file: string;
}

export const none = () => [];

/** Makes what an app lacks, from its src.json. */
export const install = ({ app }: OfApp): readonly Fix[] => [{ kind: 'installApp', app }];

/** Builds an app's overlay for what lies there. */
export const patch = ({ app }: OfApp): readonly Fix[] => [{ kind: 'updateAsPatch', app }];

export const sourceOf = ({ app }: OfApp, ...path: readonly string[]): Place =>
  path.length === 0 ? { file: `${app}/src.json` } : { file: `${app}/src.json`, path: [...path] };

export const runOf = ({ app }: OfApp, ...path: readonly string[]): Place => ({
  file: `${app}/run.json`,
  path: [...path],
});
