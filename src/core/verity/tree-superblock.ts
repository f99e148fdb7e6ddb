import { blockSize } from './tree-layout';

/** What makes two trees over the same data different. */
export interface VerityParameters {
  /** Goes before every block that is hashed; at most {@link maxSaltSize} bytes. */
  readonly salt: Uint8Array;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
}

export const maxSaltSize = 256;

/**
 * The first block of a hash file (struct verity_sb of cryptsetup lib/verity/verity.c): version 1, the kernel's usual way of
 * salting (hash type 1), sha256.
 */
export function encodeSuperblock(dataBlocks: number, { salt, uuid }: VerityParameters): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write('verity', 0, 'latin1');
  block.writeUInt32LE(1, 8);
  block.writeUInt32LE(1, 12);
  block.set(uuid, 16);
  block.write('sha256', 32, 'latin1');
  block.writeUInt32LE(blockSize, 64);
  block.writeUInt32LE(blockSize, 68);
  block.writeBigUInt64LE(BigInt(dataBlocks), 72);
  block.writeUInt16LE(salt.length, 80);
  block.set(salt, 88);
  return block;
}
