import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Contender, Place } from './contender';
import { measure } from './measure';

const run = promisify(execFile);

/** What contenders start from, made when it is first wanted. */
export type StartingPoint = () => Promise<{ readonly checkout: string; readonly cache: string | undefined }>;

/** The place that a contender leaves behind. */
export function leftBy(contender: Contender, folder: string): StartingPoint {
  let left: Promise<Place> | undefined;
  const work = async (): Promise<Place> => {
    await mkdir(folder, { recursive: true });
    const trial = await contender.prepare(folder);
    await measure(trial, folder);
    await trial.check();
    return trial.place;
  };
  return () => (left ??= work());
}

/** The same checkout for one who has never built anything. */
export function withoutCaches(start: StartingPoint): StartingPoint {
  return async () => ({ ...(await start()), cache: undefined });
}

/** A place of its own in `folder`, like the one that `start` made; or an empty one. */
export async function placeLike(start: StartingPoint | undefined, folder: string): Promise<Place> {
  const place = { checkout: path.join(folder, 'checkout'), cache: path.join(folder, 'cache') };
  const model = await start?.();
  await copyOrMake(model?.checkout, place.checkout);
  await copyOrMake(model?.cache, place.cache);
  return place;
}

async function copyOrMake(model: string | undefined, folder: string): Promise<void> {
  if (model === undefined) await mkdir(folder);
  else await run('cp', ['-a', model, folder]);
}
