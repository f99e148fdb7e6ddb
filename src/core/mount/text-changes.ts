import type { ByteString } from '../bytes/byte-string';
import type { Job } from '../job';
import type { OverlayChange } from '../rootfs/overlay-changes';
import { nodeAt, type RegularFile } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/block-content';
import type { Mount } from './mounts';

export interface TextChange {
  readonly path: ByteString;
  readonly change: 'added' | 'changed' | 'deleted';
}

export interface TextChanges {
  readonly changes: readonly TextChange[];
  /** How many files changed that are not among them: binary or large ones, or more than can be shown. */
  readonly others: number;
}

/** More can't be read in one go, and an editor for each would be slow. */
const mostChanges = 200;
const largestText = 1 << 20;

/** Of the files that changed, those that are worth reading side by side. */
export async function textChanges(
  changes: readonly OverlayChange[],
  before: Mount,
  after: Mount,
  job: Job,
): Promise<TextChanges> {
  const shown: TextChange[] = [];
  let others = 0;
  for (const { path, change } of changes) {
    if (change === 'attributes' || change === 'unchanged') continue;
    const was = change === 'added' ? undefined : nodeAt(before.root, path);
    const is = change === 'deleted' ? undefined : nodeAt(after.root, path);
    const sides = [
      ...(was?.kind === 'file' ? [{ mount: before, file: was }] : []),
      ...(is?.kind === 'file' ? [{ mount: after, file: is }] : []),
    ];
    if (sides.length === 0) continue;
    let isShown = shown.length < mostChanges;
    for (const { mount, file } of sides) {
      isShown &&= file.size <= largestText && (await isText(mount, file, job));
    }
    if (isShown) shown.push({ path, change });
    else others += 1;
  }
  return { changes: shown, others };
}

/** As git has it (xdiff-interface.c, buffer_is_binary): what has a NUL among its first 8000 bytes is not text. */
export const textProbe = 8000;

/** Whether people can read a file as text, by its beginning. */
export async function isText(mount: Mount, file: RegularFile<BlockContent>, job: Job): Promise<boolean> {
  for await (const chunk of mount.read(file, job, { start: 0, end: textProbe })) {
    if (chunk.includes(0)) return false;
  }
  return true;
}
