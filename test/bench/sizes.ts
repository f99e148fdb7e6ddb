import path from 'node:path';
import { pvrSteps } from './contenders/pvr-steps';
import { pvx } from './contenders/pvx';
import type { ImagePair } from './image-pairs';
import { leftBy } from './place';
import { tryOut } from './runner';

/** What a device downloads, in bytes, for one thing: as pvr's rule has it, and as it is made here. */
export interface SizeRow {
  readonly what: string;
  readonly theirs: number;
  readonly ours: number;
  /** How much of theirs ours may be. */
  readonly most: number;
}

/** What a base may weigh, of mksquashfs's. */
const mostOfBase = 1.002;

/**
 * The first version of all pairs as a base, and each second one as a patch over it. Theirs goes by pvr's rule, what differs in its
 * content, and lets mksquashfs pack it.
 *
 * @param folder for their work.
 * @param say hears what is being done.
 */
export async function compareSizes(
  pairs: readonly ImagePair[],
  folder: string,
  say: (text: string) => void,
): Promise<readonly SizeRow[]> {
  const [{ first } = { first: undefined }] = pairs;
  if (first === undefined) return [];
  const trial = path.join(folder, 'trial');
  const empty = leftBy(pvx.init(), path.join(folder, 'empty'));
  const written = async (contender: ReturnType<typeof pvx.init>): Promise<number> =>
    (await tryOut(contender, trial)).written;

  const [theirBase, ourBase] = [pvrSteps.base(first, empty), pvx.add(first, empty)];
  const [overTheirs, overOurs] = [
    leftBy(theirBase, path.join(folder, 'their-base')),
    leftBy(ourBase, path.join(folder, 'our-base')),
  ];
  say('the bases');
  const rows: SizeRow[] = [
    { what: 'base', theirs: await written(theirBase), ours: await written(ourBase), most: mostOfBase },
  ];
  for (const { name, second, most } of pairs) {
    say(name);
    const theirs = await written(pvrSteps.patch(second, overTheirs));
    rows.push({ what: name, theirs, ours: await written(pvx.patch(second, overOurs)), most });
  }
  return rows;
}
