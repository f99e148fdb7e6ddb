import path from 'node:path';
import type { Contender } from './contender';
import { pvx } from './contenders/pvx';
import type { ImageSet } from './images';
import { leftBy, withoutCaches, type StartingPoint } from './place';

/** Work of ours in one size of several. */
export interface GrowingWork {
  readonly work: string;
  /** What grows. */
  readonly by: string;
  readonly size: string;
  readonly contender: Contender;
}

/**
 * The same work on images of several sizes, and with more and more files changed in the largest of them.
 * @param sets by the megabytes of their files, the largest last.
 * @param folder for the checkouts that contenders start from; each is made when it is first wanted.
 */
export function growingWork(sets: ReadonlyMap<number, ImageSet>, folder: string): readonly GrowingWork[] {
  const begun = [...sets].map(([megabytes, images]) => {
    const empty = leftBy(pvx.init(), path.join(folder, `empty-${megabytes}`));
    const madeHere = leftBy(pvx.add(images.first, empty), path.join(folder, `made-here-${megabytes}`));
    return { megabytes, images, empty, madeHere };
  });
  const largest = begun.at(-1);
  return [
    ...begun.flatMap(({ megabytes, images, empty, madeHere }) => {
      const growth = { by: 'files of the image', size: `${megabytes} MB` };
      return [
        { ...growth, work: 'first base', contender: pvx.add(images.first, withoutCaches(empty)) },
        {
          ...growth,
          work: 'patch, nothing cached',
          contender: pvx.patch(images.oneFile, withoutCaches(madeHere)),
        },
        { ...growth, work: 'patch, base made here', contender: pvx.patch(images.oneFile, madeHere) },
        { ...growth, work: 'list a base', contender: pvx.list(madeHere) },
      ];
    }),
    ...(largest === undefined ? [] : overChanges(largest.images, largest.madeHere)),
  ];
}

function overChanges(images: ImageSet, madeHere: StartingPoint): readonly GrowingWork[] {
  return [...images.changed].flatMap(([count, image]) => {
    const growth = { by: 'files changed', size: String(count) };
    return [
      { ...growth, work: 'patch, base made here', contender: pvx.patch(image, madeHere) },
      { ...growth, work: 'new base', contender: pvx.newBase(image, madeHere) },
    ];
  });
}
