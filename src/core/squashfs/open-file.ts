import { superblockSize } from './format';
import { checkTablePositions } from './metadata-tables';
import { SourceFile } from './source-file';
import { decodeSuperblock, type Superblock } from './superblock';

export interface OpenedFile {
  readonly source: SourceFile;
  readonly superblock: Superblock;
}

/**
 * Opens a file and reads its superblock, nothing else. Whoever opens it closes its source.
 *
 * @throws Problem when it can't be read, is no SquashFS 4.0 file, or is shorter than its superblock says.
 */
export async function openSquashfs(path: string): Promise<OpenedFile> {
  const source = await SourceFile.open(path);
  try {
    const superblock = decodeSuperblock(await source.read(0, Math.min(superblockSize, source.size)), path);
    checkTablePositions(source, superblock);
    return { source, superblock };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/**
 * Looks for what a look at 96 bytes can show: another kind of file in its place, or one that a copy cut short.
 *
 * @throws Problem as {@link openSquashfs}.
 */
export async function checkSquashfs(path: string): Promise<void> {
  const { source } = await openSquashfs(path);
  await source.close();
}
