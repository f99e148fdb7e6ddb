import { Problem } from '../problem';
import { superblockSize } from './format';
import { checkTablePositions } from './metadata-tables';
import { SourceFile } from './source-file';
import { decodeSuperblock, type Superblock } from './superblock';

/** @throws Problem when the file can't be read, is no SquashFS 4.0 file, or is shorter than its superblock says. */
export async function readSuperblock(source: SourceFile): Promise<Superblock> {
  const head = await source.read(0, Math.min(superblockSize, source.size));
  const superblock = decodeSuperblock(head, source.path);
  checkTablePositions(source, superblock);
  return superblock;
}

/**
 * What a look at 96 bytes shows: that another kind of file has this name, or one that a copy cut short. A clause about the
 * file; undefined when nothing is wrong.
 *
 * @throws Problem when it can't be opened.
 */
export async function findSquashfsFault(path: string): Promise<string | undefined> {
  const source = await SourceFile.open(path);
  try {
    await readSuperblock(source);
    return undefined;
  } catch (problem) {
    if (problem instanceof Problem) return problem.found;
    throw problem;
  } finally {
    await source.close();
  }
}
