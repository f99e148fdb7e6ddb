import type { App } from './app';
import { topFolder } from './paths';
import { compareKeys } from '../json/key-order';
import { type RestartImpact, restartOf } from './restart-impact';
import type { State } from './state';
import { downloadOf, type Waiting } from './working-state';

/** What the next commit means to a device that has the last one. Plain data. */
export interface RevisionWeight {
  /** Bytes that it downloads in all: what several parts share counts once. */
  readonly download: number;
  readonly restart: RestartImpact;
  /** By name. */
  readonly parts: readonly PartWeight[];
}

/** An app with its `_config`, or what else lies at the checkout's top. */
export interface PartWeight {
  readonly name: string;
  /** Paths below the checkout. */
  readonly files: readonly string[];
  /** Bytes. */
  readonly download: number;
  readonly restart: RestartImpact;
}

/** @param apps all of the checkout. */
export function weigh(waiting: Waiting, apps: readonly App[], state: State | undefined): RevisionWeight {
  const names = new Set(apps.map(({ name }) => name));
  const byPart = new Map<string, string[]>();
  for (const file of waiting.files) {
    const part = ownerOf(file, names);
    const files = byPart.get(part);
    if (files === undefined) byPart.set(part, [file]);
    else files.push(file);
  }
  return {
    download: downloadOf(waiting, state),
    restart: restartOf(waiting.files, apps),
    parts: [...byPart]
      .sort(([a], [b]) => compareKeys(a, b))
      .map(([name, files]) => ({
        name,
        files,
        download: downloadOf(waitingAt(files, waiting), state),
        restart: restartOf(files, apps),
      })),
  };
}

/** The part that a file belongs to; what is laid over an app's files is a part of it to a device. */
export function ownerOf(file: string, apps: ReadonlySet<string>): string {
  const [top, owner] = file.split('/');
  return top === '_config' && owner !== undefined && apps.has(owner) ? owner : topFolder(file);
}

function waitingAt(files: readonly string[], { objects }: Waiting): Waiting {
  const own = files.flatMap((file) => {
    const object = objects.get(file);
    return object === undefined ? [] : [[file, object] as const];
  });
  return { files, objects: new Map(own) };
}
