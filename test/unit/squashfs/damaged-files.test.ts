import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { nodeAt, walk } from '../../../src/core/rootfs/tree';
import { SquashfsReader } from '../../../src/core/squashfs/reader';
import { splitMetadataReference, superblockSize } from '../../../src/core/squashfs/format';
import { decodeSuperblock } from '../../../src/core/squashfs/superblock';
import {
  codecDirectory,
  contentOf,
  readEverything,
  type Sample,
  sampleFile,
  samples,
  withChanged,
} from './sample';

/** The sample without compression: what is changed in it is what the reader's own checks get to see. */
const stored = readFileSync(sampleFile('stored'));
const superblock = decodeSuperblock(stored, 'sample');

interface Place {
  /** Where the header of its run of entries lies, and its own entry. */
  readonly header: number;
  readonly entry: number;
  /** Where its inode lies. */
  readonly inode: number;
}

/** Where everything with a name lies in `stored`: its directory table is one block of runs, without a gap. */
function placesByName(): Map<string, Place> {
  const places = new Map<string, Place>();
  const start = superblock.directoryTable + 2;
  const end = start + (stored.readUInt16LE(superblock.directoryTable) & 0x7fff);
  for (let at = start; at < end;) {
    const header = at;
    at += 12;
    for (let left = stored.readUInt32LE(header) + 1; left > 0; left--) {
      const nameEnd = at + 8 + stored.readUInt16LE(at + 6) + 1;
      const inode = inodePosition(stored.readUInt32LE(header + 4), stored.readUInt16LE(at));
      places.set(stored.toString('latin1', at + 8, nameEnd), { header, entry: at, inode });
      at = nameEnd;
    }
  }
  return places;
}

const inodePosition = (block: number, offset: number) => superblock.inodeTable + block + 2 + offset;

const places = placesByName();
function placeOf(name: string): Place {
  const place = places.get(name);
  if (place === undefined) throw new Error(`the sample has no ${name}`);
  return place;
}
const entryOf = (name: string) => placeOf(name).entry;
const inodeOf = (name: string) => placeOf(name).inode;

const root = splitMetadataReference(superblock.rootInode);
const rootInode = inodePosition(root.block, root.offset);

/** Makes a name lead to another inode. The names that share its run of entries lead elsewhere, too. */
const redirect = (name: string, to: { block: number; offset: number }) => (file: Buffer) => {
  file.writeUInt32LE(to.block, placeOf(name).header + 4);
  file.writeUInt16LE(to.offset, placeOf(name).entry);
  return file;
};

const patch =
  (at: number, ...bytes: number[]) =>
  (file: Buffer) => {
    file.set(bytes, at);
    return file;
  };
const patchText = (from: string, to: string) => (file: Buffer) => {
  file.write(to, entryOf(from) + 8, 'latin1');
  return file;
};

/** Opens and reads all of a changed sample; must end in a `Problem` that names the file and matches. */
async function refuses(
  change: (bytes: Buffer) => Buffer,
  found: RegExp,
  sample: Sample = 'stored',
): Promise<void> {
  await assert.rejects(
    withChanged(sample, change, (reader) => readEverything(reader)),
    (error: unknown) => {
      assert.ok(error instanceof Problem, String(error));
      assert.match(error.doing, /changed\.squashfs$/);
      assert.match(error.found, found);
      return true;
    },
  );
}

describe('a file that is no SquashFS file', () => {
  it('is refused when empty, short or something else', async () => {
    await refuses(() => Buffer.alloc(0), /it has only 0 bytes/);
    await refuses((bytes) => bytes.subarray(0, 95), /it has only 95 bytes/);
    await refuses(() => Buffer.alloc(100_000, 'x'), /it is not a SquashFS file/);
  });

  it('is refused when it is a folder, or not there', async () => {
    await assert.rejects(SquashfsReader.open(tmpdir(), codecDirectory), Problem);
    await assert.rejects(SquashfsReader.open(path.join(tmpdir(), 'no', 'such'), codecDirectory), /ENOENT/);
  });

  it(
    'is not waited for when it is a pipe',
    { skip: process.platform === 'win32' && 'Windows has none' },
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'pipe-'));
      const pipe = path.join(folder, 'root.squashfs');
      execFileSync('mkfifo', [pipe]);
      await assert.rejects(SquashfsReader.open(pipe, codecDirectory), /it is not a regular file/);
      await rm(folder, { recursive: true });
    },
  );
});

describe('a superblock', () => {
  it('must be of version 4.0', () => refuses(patch(28, 3), /it is SquashFS version 3\.0/));
  it('must name a compressor that exists', () => refuses(patch(20, 9), /names compressor 9/));
  it('must name one that can be read', async () => {
    await refuses(patch(20, 2), /compressed with lzma, which can't be read here/);
    await refuses(patch(20, 3), /compressed with lzo, which can't be read here/);
  });
  it('must give a block size that is a power of two in bounds', async () => {
    await refuses(patch(12, 1), /gives 4097 bytes/);
    await refuses(patch(12, 0, 8), /gives 2048 bytes/);
    await refuses(patch(12, 0, 0, 0x20), /gives 2097152 bytes/);
    await refuses(patch(22, 13), /gives 4096 bytes \(log2 13\)/);
  });
  it('must place each table inside the file', async () => {
    for (const at of [48, 56, 64, 72, 80, 88]) {
      await refuses(patch(at, 0, 0, 0, 0, 0, 1), /places a table at byte 1099511627776/);
    }
    for (const at of [48, 64, 72])
      await refuses(patch(at, ...Array<number>(8).fill(255)), /says that it has no/);
  });
  it('must not count fewer inodes than there are', () => refuses(patch(4, 5, 0), /more than the 5 inodes/));
  it('must point to a directory as root', async () => {
    const offset = stored.readUInt16LE(entryOf('file-1'));
    await refuses(patch(32, offset & 255, offset >> 8, 0, 0), /its root is not a directory but a file/);
  });
});

describe('a file that was cut short', () => {
  const cuts = [
    superblock.inodeTable,
    superblock.directoryTable,
    superblock.fragmentTable ?? 0,
    superblock.exportTable ?? 0,
    superblock.idTable,
    superblock.xattrTable ?? 0,
    superblock.bytesUsed,
  ]
    .flatMap((position) => [position - 1, position + 1])
    .filter((position) => position < superblock.bytesUsed);

  it('says so, wherever it was cut', async () => {
    for (const place of cuts) {
      await refuses(
        (bytes) => bytes.subarray(0, place),
        new RegExp(`it has ${place} bytes and should have .*cut short`),
      );
    }
  });

  it('says so when its superblock was made to fit', async () => {
    for (const place of cuts) {
      const cut = (bytes: Buffer) => {
        bytes.writeBigUInt64LE(BigInt(place), 40);
        return bytes.subarray(0, place);
      };
      await refuses(cut, /past the end|past its end|places a table at byte|bytes/);
    }
  });

  it('says so when that happens while it is read', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'squashfs-'));
    try {
      const file = path.join(folder, 'shrinking.squashfs');
      await writeFile(file, stored);
      const reader = await SquashfsReader.open(file, codecDirectory);
      try {
        const root = await reader.readTree(silentJob());
        await truncate(file, 200);
        await assert.rejects(
          contentOf(reader, nodeAt(root, 'usr/bin/numbers')),
          /8893 bytes are missing at byte \d+; it was cut short/,
        );
      } finally {
        await reader.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a directory', () => {
  it('must not hold itself, nor be in two directories', async () => {
    const links = {
      block: stored.readUInt32LE(placeOf('etc').header + 4),
      offset: stored.readUInt16LE(entryOf('links')),
    };
    await refuses(redirect('hard', root), /a directory in it has two parents or holds itself/);
    await refuses(redirect('hard', links), /a directory in it has two parents or holds itself/);
  });

  it('must not hold names that lead out of it', async () => {
    await refuses(patchText('soft', '../x'), /holds the name "\.\.\/x"/);
    await refuses(patchText('soft', '/etc'), /holds the name "\/etc"/);
    await refuses(patchText('soft', 'a\0bc'), /which no file can have/);
    await refuses(
      (bytes) => patch(entryOf('usr') + 6, 1)(patchText('usr', '..')(bytes)),
      /holds the name "\.\."/,
    );
    await refuses(
      (bytes) => patch(entryOf('usr') + 6, 0)(patchText('usr', '.')(bytes)),
      /holds the name "\."/,
    );
  });

  it('must not hold a name twice', () => refuses(patchText('soft', 'hard'), /has two entries named "hard"/));

  it('is found damaged by who looks into it, and by nobody else, where it is read by itself', async () => {
    await withChanged('stored', patchText('soft', 'hard'), async (reader) => {
      const tree = await reader.lazyTree();
      assert.equal(nodeAt(tree, 'etc/motd')?.kind, 'file');
      for (let look = 0; look < 2; look++) {
        assert.throws(() => nodeAt(tree, 'links/hard'), /has two entries named "hard"/);
      }
    });
    await withChanged('stored', redirect('hard', root), async (reader) => {
      const tree = await reader.lazyTree();
      assert.throws(() => [...walk(tree)], /two parents or holds itself/);
    });
  });

  it('must not claim more entries than it has', async () => {
    await refuses(patch(rootInode + 16 + 8, 255, 255), /./);
    const runOfSpecial = placeOf('block').header;
    await refuses(patch(runOfSpecial, 255, 0), /entries are longer than it/);
    await refuses(patch(runOfSpecial, 0, 0, 0, 16), /holds a run of 268435457 entries/);
  });

  it('must not have names longer than names can be', () =>
    refuses(patch(entryOf('soft') + 6, 0, 16), /a name of 4097 bytes/));
});

describe('an inode', () => {
  it('must be of a type that exists', async () => {
    await refuses(patch(inodeOf('file-1'), 0), /holds an inode of type 0/);
    await refuses(patch(inodeOf('file-1'), 15), /holds an inode of type 15/);
  });

  it('must have an owner that is in the id table', () =>
    refuses(
      patch(inodeOf('file-1') + 4, 200),
      /its id table has 3 entries, and an inode asks for entry 200/,
    ));

  it('must have a fragment that there is, and a place inside it', async () => {
    await refuses(patch(inodeOf('file-1') + 20, 77), /it has 1 fragments, and a file asks for fragment 77/);
    await refuses(patch(inodeOf('file-1') + 24, 255, 15), /a fragment holds \d+ bytes|past its end/);
    await refuses(
      patch(inodeOf('file-1') + 24, 255, 255, 255),
      /at byte 16777215 of a fragment, past its end/,
    );
  });

  it('must not claim more blocks than the inode table can hold', () =>
    refuses(
      patch(inodeOf('file-1') + 28, 0, 240, 255, 255),
      /its inode table ends where 4194300 bytes more/,
    ));

  it('must not refer to xattrs that there are none of', () =>
    refuses(
      patch(inodeOf('fifo') + 20, 99, 0, 0, 0),
      /its xattr table has 5 sets, and an inode asks for set 99/,
    ));

  it('must not link to a path longer than there can be', () =>
    refuses(patch(inodeOf('soft') + 20, 0, 0, 0, 64), /a symbolic link to a path of 1073741824 bytes/));
});

describe('a damaged block', () => {
  for (const sample of ['xz', 'gzip', 'zstd', 'lz4'] as const) {
    it(`of ${sample} metadata is refused by name and place`, async () => {
      const { inodeTable: at } = decodeSuperblock(readFileSync(sampleFile(sample)), 'sample');
      const overwrite = (bytes: Buffer) => bytes.fill(0xff, at + 2, at + 40);
      await refuses(
        overwrite,
        new RegExp(
          `the metadata block at byte ${at} can't be decompressed: its ${sample === 'gzip' ? 'zlib' : sample}|it is not xz`,
        ),
        sample,
      );
    });
  }

  it('must not claim to be larger than metadata blocks are', () =>
    refuses(patch(superblock.inodeTable, 255, 255), /the metadata block at byte \d+ claims 32767 bytes/));
});

describe('any flipped byte', () => {
  /** Opening and reading a sample takes milliseconds, so only some bytes have their turn. */
  const steps = { xz: 17, gzip: 41, zstd: 41, lz4: 97, stored: 43 };

  for (const sample of samples) {
    it(`in ${sample} ends in a tree or in a Problem`, { timeout: 120_000 }, async () => {
      const { length } = readFileSync(sampleFile(sample));
      const unexpected: string[] = [];
      for (
        let at = 4, mask = 0x01;
        at < length;
        at += at < superblockSize ? 1 : steps[sample], mask ^= 0xfe
      ) {
        const flip = (bytes: Buffer) => patch(at, (bytes[at] ?? 0) ^ mask)(bytes);
        try {
          await withChanged(sample, flip, (reader) => readEverything(reader));
        } catch (error) {
          if (!(error instanceof Problem)) unexpected.push(`${at}^${mask}: ${String(error)}`);
        }
      }
      assert.deepEqual(unexpected, []);
    });
  }
});
