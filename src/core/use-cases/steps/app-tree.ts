import type { ByteString } from '../../bytes/byte-string';
import type { CompiledPython } from '../../rootfs/compiled-python';
import { leaveOut } from '../../rootfs/leave-out';
import type { Hashed, RegularFile } from '../../rootfs/tree';
import type { SquashfsSource } from '../../squashfs/writer';
import type { Workshop } from '../environment';

/** The file tree that an app is to show on the device, with a way to read the files' bytes. */
export interface AppTree<C extends Hashed> extends SquashfsSource<C> {
  /** Seconds since 1970: when what it was made from was made. The same source gives the same bytes, so nothing uses the clock. */
  readonly time: number;
  /** What the compiled Python files among `files`, which are the tree's, say of their sources. */
  compiled(files: readonly RegularFile<C>[]): Promise<ReadonlyMap<RegularFile<C>, CompiledPython>>;
}

/** What an app's tree is made from, be it an image, an archive, a folder or another file system. */
export interface TreeSource {
  /**
   * @param leftOut paths that the tree isn't to have, as `pathsToLeaveOut` gives them.
   * @returns one whose methods are to be given its own files.
   * @throws Problem when it is damaged or can't be read; the signal's reason.
   */
  read(leftOut: readonly ByteString[], workshop: Workshop): Promise<AppTree<Hashed>>;
}

/** A source that is read once for all who ask, who leave out the same of it. */
export function readOnce(read: TreeSource['read']): TreeSource['read'] {
  let tree: Promise<AppTree<Hashed>> | undefined;
  return (leftOut, workshop) => (tree ??= read(leftOut, workshop));
}

/** A tree without what is left out of it. */
export function withLeftOut<C extends Hashed>(
  tree: AppTree<C>,
  leftOut: readonly ByteString[],
  { job }: Pick<Workshop, 'job'>,
): AppTree<C> {
  const { root, warnings } = leaveOut(tree.root, leftOut);
  warnings.forEach((warning) => job.warn(warning));
  return { ...tree, root };
}
