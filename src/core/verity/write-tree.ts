import { type FileHandle, open } from 'node:fs/promises';
import { Problem } from '../problem';
import { type HashBlock, HashTree } from './hash-tree';
import { blockSize, hashFileSize, treeLayout } from './tree-layout';
import { encodeSuperblock, type VerityParameters } from './tree-superblock';

const chunkSize = 256 * blockSize;

/**
 * Writes what `veritysetup format --salt … --uuid … <dataFile> <hashFile>` writes, with the help of nothing but memory for a
 * block of each level.
 *
 * @param hashFile a file that doesn't exist yet.
 * @returns the root hash, which vouches for every byte of the data.
 * @throws Problem when the data isn't whole blocks; what the system says when a file can't be read or written; the
 * signal's reason. The caller deletes the file then.
 */
export function writeHashFile(
  dataFile: string,
  hashFile: string,
  parameters: VerityParameters,
  signal: AbortSignal,
): Promise<Buffer> {
  return withFile(dataFile, 'r', async (data) => {
    const { size } = await data.stat();
    // veritysetup leaves the rest of the last block out, and a device then can't read it.
    if (size === 0 || size % blockSize > 0) throw notWhole(dataFile, size);
    return withFile(hashFile, 'wx', (target) =>
      buildTree({ data, dataFile, size, parameters, signal }, async ({ index, bytes }) => {
        await target.write(bytes, 0, bytes.length, index * blockSize);
      }),
    );
  });
}

/**
 * Whether the data is what the root hash vouches for, and the hash file what veritysetup would write; what is left of a last
 * block that isn't whole counts for neither.
 *
 * @throws what the system says when a file can't be read; the signal's reason.
 */
export function fitsHashFile(
  dataFile: string,
  hashFile: string,
  rootHash: Uint8Array,
  parameters: VerityParameters,
  signal: AbortSignal,
): Promise<boolean> {
  return withFile(dataFile, 'r', (data) =>
    withFile(hashFile, 'r', async (present) => {
      const { size: wholeSize } = await data.stat();
      const size = wholeSize - (wholeSize % blockSize);
      if (size === 0 || (await present.stat()).size !== hashFileSize(size)) return false;
      let different = 0;
      const found = Buffer.alloc(blockSize);
      const root = await buildTree({ data, dataFile, size, parameters, signal }, async ({ index, bytes }) => {
        const { bytesRead } = await present.read(found, 0, blockSize, index * blockSize);
        if (bytesRead < blockSize || !found.equals(bytes)) different++;
      });
      return different === 0 && root.equals(rootHash);
    }),
  );
}

interface TreeRequest {
  readonly data: FileHandle;
  readonly dataFile: string;
  /** Bytes of whole blocks, at least one. */
  readonly size: number;
  readonly parameters: VerityParameters;
  readonly signal: AbortSignal;
}

/** @param take gets every block of the hash file once, in no order. @returns the root hash. */
async function buildTree(
  { data, dataFile, size, parameters, signal }: TreeRequest,
  take: (block: HashBlock) => Promise<void>,
): Promise<Buffer> {
  const layout = treeLayout(size / blockSize);
  const ready: HashBlock[] = [{ index: 0, bytes: encodeSuperblock(layout.dataBlocks, parameters) }];
  const tree = new HashTree(layout, parameters.salt, (block) => ready.push(block));
  const takeReady = async () => {
    for (const block of ready.splice(0)) await take(block);
  };

  const chunk = Buffer.alloc(Math.min(chunkSize, size));
  for (let position = 0; position < size; position += chunk.length) {
    signal.throwIfAborted();
    const part = chunk.subarray(0, Math.min(chunk.length, size - position));
    await readFully(data, dataFile, part, position);
    tree.add(part);
    await takeReady();
  }
  const rootHash = tree.finish();
  await takeReady();
  return rootHash;
}

async function readFully(data: FileHandle, name: string, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await data.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) {
      throw new Problem({
        doing: `hashing ${name}`,
        found: 'it became shorter while it was read',
        remedy: 'Let nothing else write to it, and try again',
      });
    }
    done += bytesRead;
  }
}

function notWhole(name: string, size: number): Problem {
  return new Problem({
    doing: `making the hash tree of ${name}`,
    found: `dm-verity works with blocks of ${blockSize} bytes, and it has ${size} bytes`,
    remedy: 'Make the file again, padded to whole blocks (mksquashfs does so without -nopad)',
  });
}

async function withFile<T>(
  name: string,
  flags: 'r' | 'wx',
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(name, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
