import type { Hashed, RegularFile } from '../rootfs/tree';

/**
 * The same for files with the same bytes. The size is a part of it because an inode's block list must fit its size,
 * whatever a wrong hash says.
 */
export function contentKey({ size, content }: RegularFile<Hashed>): string {
  return `${size}:${content.sha256}`;
}
