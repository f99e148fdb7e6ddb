import path from 'node:path';
import { baseVolume } from '../../checkout/manifests/volume-name';
import { pathExists } from '../../files/path-exists';
import type { Image, ImageRequest } from '../../image/image';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import type { BuildEnvironment } from '../environment';
import { requireExtended, type Extension } from './app-manifest';
import { openBase, type Base } from './base-contents';

/** Finds an image, lets `use` work with it, and lets go of it. */
export async function withImage<T>(
  { images }: BuildEnvironment,
  request: ImageRequest,
  job: Job,
  use: (image: Image) => Promise<T>,
): Promise<T> {
  job.progress('resolve', 0, undefined);
  const image = await images.find(request, job);
  try {
    return await use(image);
  } finally {
    await image.close();
  }
}

/** Opens a SquashFS file, lets `use` work with it, and closes it. */
export async function withBase<T>(
  file: string,
  { pool, cache }: BuildEnvironment,
  job: Job,
  use: (base: Base) => Promise<T>,
): Promise<T> {
  const base = await openBase(file, pool, cache, job);
  try {
    return await use(base);
  } finally {
    await base.reader.close();
  }
}

/** The base that an app has now, and none where it has none or one that can't be read. */
export async function withPresentBase<T>(
  checkoutDirectory: string,
  app: string,
  { pool, cache }: BuildEnvironment,
  job: Job,
  use: (base: Base | undefined) => Promise<T>,
): Promise<T> {
  const file = path.join(checkoutDirectory, app, baseVolume);
  const base = await openBase(file, pool, cache, job).catch((error: unknown) => {
    if (error instanceof Problem) return undefined;
    throw error;
  });
  try {
    return await use(base);
  } finally {
    await base?.reader.close();
  }
}

/** The path of the `root.squashfs` that an app has or extends. @throws Problem when there is none. */
export async function requireBaseOf(
  checkoutDirectory: string,
  app: string,
  { base }: Extension,
): Promise<string> {
  if (!base) return requireBaseFile(checkoutDirectory, app);
  await requireExtended(checkoutDirectory, app, { base });
  return requireBaseFile(checkoutDirectory, base);
}

/** The path of an app's `root.squashfs`. @throws Problem when it has none. */
export async function requireBaseFile(checkoutDirectory: string, app: string): Promise<string> {
  const file = path.join(checkoutDirectory, app, baseVolume);
  if (await pathExists(file)) return file;
  throw new Problem({
    doing: `looking for the base of ${app}`,
    found: `${app}/${baseVolume} does not exist`,
    remedy: `Build it with pvx app install ${app}`,
  });
}
