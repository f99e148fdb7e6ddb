/** Of the data, of the tree and of the superblock, in bytes: what veritysetup takes unless it is told otherwise. */
export const blockSize = 4096;
/** A sha256, in bytes. */
export const hashSize = 32;
const hashesPerBlock = blockSize / hashSize;

/** A level of the tree, in blocks of the hash file. */
export interface TreeLevel {
  readonly start: number;
  readonly blocks: number;
}

/** Where things lie in a hash file: its superblock, then the levels of the tree, the root's first. */
export interface TreeLayout {
  /** Blocks that are verified. */
  readonly dataBlocks: number;
  /** From the hashes of the data up to the one block whose hash is the root hash; none for a single block of data. */
  readonly levels: readonly TreeLevel[];
}

/** As veritysetup lays it out (cryptsetup lib/verity/verity_hash.c, hash_levels). @param dataBlocks at least one. */
export function treeLayout(dataBlocks: number): TreeLayout {
  const sizes: number[] = [];
  for (let blocks = dataBlocks; blocks > 1;) {
    blocks = Math.ceil(blocks / hashesPerBlock);
    sizes.push(blocks);
  }
  const levels = sizes.map((blocks, level) => {
    const above = sizes.slice(level + 1).reduce((sum, size) => sum + size, 0);
    return { start: superblockBlocks + above, blocks };
  });
  return { dataBlocks, levels };
}

/** The size of a hash file for data of this size, both in bytes. A last block that isn't whole is not verified. */
export function hashFileSize(dataSize: number): number {
  const { levels } = treeLayout(Math.floor(dataSize / blockSize));
  return levels.reduce((sum, { blocks }) => sum + blocks, superblockBlocks) * blockSize;
}

const superblockBlocks = 1;
