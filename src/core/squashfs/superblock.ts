import { damaged, UnusableSquashfs } from './damaged';
import {
  type Compressor,
  compressorIds,
  largestBlockSize,
  magic,
  majorVersion,
  type MetadataReference,
  minorVersion,
  noTable,
  smallestBlockSize,
  superblockSize,
} from './format';

const compressors = Object.keys(compressorIds) as readonly Compressor[];

/** The first 96 bytes of a SquashFS file. Positions and sizes are bytes; a table that isn't there is `undefined`. */
export interface Superblock {
  readonly inodeCount: number;
  /** Seconds since 1970. */
  readonly mkfsTime: number;
  readonly blockSize: number;
  readonly fragmentCount: number;
  readonly compressor: Compressor;
  /** A sum of `superblockFlags`. */
  readonly flags: number;
  readonly idCount: number;
  readonly rootInode: MetadataReference;
  /** The file system's own length; the file around it is padded to 4 KiB. */
  readonly bytesUsed: number;
  readonly idTable: number;
  readonly xattrTable: number | undefined;
  readonly inodeTable: number;
  readonly directoryTable: number;
  readonly fragmentTable: number | undefined;
  readonly exportTable: number | undefined;
}

/**
 * Reads a superblock and checks what it says of itself; whether its tables fit the file is for the reader to see.
 * `file` is the name that the `Problem` gives which anything else than a SquashFS 4.0 superblock ends in.
 */
export function decodeSuperblock(bytes: Uint8Array, file: string): Superblock {
  const refuse = (found: string, remedy: string) =>
    new UnusableSquashfs(file, { doing: `reading ${file}`, found, remedy });

  if (bytes.length < superblockSize) {
    throw refuse(
      `it has only ${bytes.length} bytes, too few for a SquashFS file`,
      'Get or build the file again; its download or copy may have been cut short',
    );
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, superblockSize);
  if (buffer.readUInt32LE(0) !== magic) {
    throw refuse(
      'it is not a SquashFS file (its first bytes are not "hsqs")',
      'Check that this is the right file',
    );
  }
  const version = [buffer.readUInt16LE(28), buffer.readUInt16LE(30)];
  if (version[0] !== majorVersion || version[1] !== minorVersion) {
    throw refuse(
      `it is SquashFS version ${version.join('.')}, and only 4.0 can be read`,
      'Rebuild it with mksquashfs 4',
    );
  }

  const id = buffer.readUInt16LE(20);
  const compressor = compressors.find((name) => compressorIds[name] === id);
  if (compressor === undefined) {
    throw damaged(file, `its superblock names compressor ${id}, which doesn't exist`);
  }
  const blockSize = buffer.readUInt32LE(12);
  const blockLog = buffer.readUInt16LE(22);
  if (blockSize < smallestBlockSize || blockSize > largestBlockSize || blockSize !== 2 ** blockLog) {
    throw damaged(file, `its superblock gives ${blockSize} bytes (log2 ${blockLog}) as block size`);
  }

  const table = (at: number) => {
    const position = buffer.readBigUInt64LE(at);
    return position === noTable ? undefined : Number(position);
  };
  const requiredTable = (at: number, name: string) => {
    const position = table(at);
    if (position === undefined) throw damaged(file, `its superblock says that it has no ${name} table`);
    return position;
  };
  return {
    inodeCount: buffer.readUInt32LE(4),
    mkfsTime: buffer.readUInt32LE(8),
    blockSize,
    fragmentCount: buffer.readUInt32LE(16),
    compressor,
    flags: buffer.readUInt16LE(24),
    idCount: buffer.readUInt16LE(26),
    rootInode: Number(buffer.readBigUInt64LE(32)),
    bytesUsed: Number(buffer.readBigUInt64LE(40)),
    idTable: requiredTable(48, 'id'),
    xattrTable: table(56),
    inodeTable: requiredTable(64, 'inode'),
    directoryTable: requiredTable(72, 'directory'),
    fragmentTable: table(80),
    exportTable: table(88),
  };
}

export function encodeSuperblock(superblock: Superblock): Buffer {
  const buffer = Buffer.alloc(superblockSize);
  const writeTable = (position: number | undefined, at: number) =>
    buffer.writeBigUInt64LE(position === undefined ? noTable : BigInt(position), at);

  buffer.writeUInt32LE(magic, 0);
  buffer.writeUInt32LE(superblock.inodeCount, 4);
  buffer.writeUInt32LE(superblock.mkfsTime, 8);
  buffer.writeUInt32LE(superblock.blockSize, 12);
  buffer.writeUInt32LE(superblock.fragmentCount, 16);
  buffer.writeUInt16LE(compressorIds[superblock.compressor], 20);
  buffer.writeUInt16LE(Math.log2(superblock.blockSize), 22);
  buffer.writeUInt16LE(superblock.flags, 24);
  buffer.writeUInt16LE(superblock.idCount, 26);
  buffer.writeUInt16LE(majorVersion, 28);
  buffer.writeUInt16LE(minorVersion, 30);
  buffer.writeBigUInt64LE(BigInt(superblock.rootInode), 32);
  buffer.writeBigUInt64LE(BigInt(superblock.bytesUsed), 40);
  writeTable(superblock.idTable, 48);
  writeTable(superblock.xattrTable, 56);
  writeTable(superblock.inodeTable, 64);
  writeTable(superblock.directoryTable, 72);
  writeTable(superblock.fragmentTable, 80);
  writeTable(superblock.exportTable, 88);
  return buffer;
}
