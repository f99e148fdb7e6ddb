import path from 'node:path';
import type { Contender } from './contender';
import { pvrSteps } from './contenders/pvr-steps';
import { pvx } from './contenders/pvx';
import { unsquashfsList } from './contenders/unsquashfs-list';
import type { ImageSet } from './images';
import { leftBy, withoutCaches } from './place';

/** Two ways to do the same. */
export interface Comparison {
  readonly work: string;
  readonly theirs: Contender;
  readonly ours: Contender;
  /** How many times as fast ours is to be. */
  readonly target: number;
  /** How often each is run in a round: short work needs more runs to tell. */
  readonly runsPerRound: number;
}

/** @param folder for the checkouts that contenders start from; each is made when it is first wanted. */
export function comparisons(images: ImageSet, folder: string): readonly Comparison[] {
  const empty = leftBy(pvx.init(), path.join(folder, 'empty'));
  const madeHere = leftBy(pvx.add(images.first, empty), path.join(folder, 'made-here'));
  const madeByPvr = withoutCaches(
    leftBy(pvrSteps.base(images.first, withoutCaches(madeHere)), path.join(folder, 'made-by-pvr')),
  );
  const oldPatch = pvrSteps.patch(images.oneFile, madeByPvr);

  return [
    {
      work: 'patch, nothing cached',
      theirs: oldPatch,
      ours: pvx.patch(images.oneFile, madeByPvr),
      target: 3,
      runsPerRound: 1,
    },
    {
      work: 'patch, base made here',
      theirs: oldPatch,
      ours: pvx.patch(images.oneFile, madeHere),
      target: 100,
      runsPerRound: 1,
    },
    {
      work: 'patch, no layer shared',
      theirs: oldPatch,
      ours: pvx.patch(images.otherLayers, madeHere),
      target: 10,
      runsPerRound: 1,
    },
    {
      work: 'new base, 1 % changed',
      theirs: pvrSteps.base(images.onePercent, madeByPvr),
      ours: pvx.newBase(images.onePercent, madeHere),
      target: 20,
      runsPerRound: 1,
    },
    {
      work: 'first base',
      theirs: pvrSteps.base(images.first, empty),
      ours: pvx.add(images.first, withoutCaches(empty)),
      target: 1,
      runsPerRound: 1,
    },
    {
      work: 'list a base',
      theirs: unsquashfsList(madeByPvr),
      ours: pvx.list(madeByPvr),
      target: 1.2,
      runsPerRound: 5,
    },
  ];
}

/** What the names above mean, for people. */
export const legend = `A patch is one of an image of which one file of 30 kB is another one.
  nothing cached    the base was made by mksquashfs, and nothing is known of it or of any layer
  base made here    with the caches that this left; the layers below the changed one are the same
  no layer shared   the same, with all files in layers that nobody has seen before
  new base          with the old one made here, and its caches
theirs: pvr's steps with tar, unsquashfs, diff, cp and mksquashfs -comp xz (contenders/pvr-steps.sh), and unsquashfs -lln for the list.`;
