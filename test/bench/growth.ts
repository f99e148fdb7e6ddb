import path from 'node:path';
import type { Contender } from './contender';
import { pvx } from './contenders/pvx';
import type { ImageSet } from './images';
import { leftBy, withoutCaches } from './place';

/** Work of ours in one size of several. */
export interface GrowingWork {
  readonly work: string;
  /** What grows. */
  readonly by: string;
  readonly size: string;
  readonly contender: Contender;
}

/** @param sets by the megabytes of their files. */
export function growthOverImages(
  sets: ReadonlyMap<number, ImageSet>,
  folder: string,
): readonly GrowingWork[] {
  return [...sets].flatMap(([megabytes, images]) => {
    const { empty, madeHere } = startingPoints(images, path.join(folder, String(megabytes)));
    const kind = { by: 'files of the image', size: `${megabytes} MB` };
    return [
      { work: 'first base', ...kind, contender: pvx.add(images.first, withoutCaches(empty)) },
      {
        work: 'patch, nothing cached',
        ...kind,
        contender: pvx.patch(images.oneFile, withoutCaches(madeHere)),
      },
      { work: 'patch, base made here', ...kind, contender: pvx.patch(images.oneFile, madeHere) },
      { work: 'list a base', ...kind, contender: pvx.list(madeHere) },
    ];
  });
}

export function growthOverChanges(images: ImageSet, folder: string): readonly GrowingWork[] {
  const { madeHere } = startingPoints(images, path.join(folder, 'changes'));
  return [...images.changed].flatMap(([count, image]) => {
    const kind = { by: 'files changed', size: String(count) };
    return [
      { work: 'patch, base made here', ...kind, contender: pvx.patch(image, madeHere) },
      { work: 'new base', ...kind, contender: pvx.newBase(image, madeHere) },
    ];
  });
}

function startingPoints(images: ImageSet, folder: string) {
  const empty = leftBy(pvx.init(), path.join(folder, 'empty'));
  return { empty, madeHere: leftBy(pvx.add(images.first, empty), path.join(folder, 'made-here')) };
}
