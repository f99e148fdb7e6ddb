import type { Job } from '../job';
import type { RegularFile } from '../rootfs/tree';
import type { BlockContent } from '../squashfs/block-content';
import type { Mount } from './mounts';

/** As git has it (xdiff-interface.c, buffer_is_binary): what has a NUL among its first 8000 bytes is not text. */
export const textProbe = 8000;

/** Whether people can read a file as text, by its beginning. */
export async function isText(mount: Mount, file: RegularFile<BlockContent>, job: Job): Promise<boolean> {
  for await (const chunk of mount.read(file, job, { start: 0, end: textProbe })) {
    if (chunk.includes(0)) return false;
  }
  return true;
}
