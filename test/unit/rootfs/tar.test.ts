import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteReader } from '../../../src/core/bytes/byte-reader';
import { Problem } from '../../../src/core/problem';
import { readLayerTar } from '../../../src/core/rootfs/index-layer';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { blockSize, emptyHeader, headerBlock, withChecksum, writeNumber } from '../../image-maker/tar-header';
import { gathered, inChunks } from './chunks';
import { archive, endMark, entriesIn, paxEntry, rawEntry } from './read-tar';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

const longName = `${'folder/'.repeat(40)}${'n'.repeat(255)}`;

const entries: readonly Entry[] = [
  { kind: 'directory', path: 'etc', mode: 0o1777, uid: 1, gid: 2, mtime: 1_700_000_000 },
  { kind: 'file', path: 'etc/motd', content: 'hello\n', mode: 0o4755, uid: 0xffff_fffe, gid: 0o10000000 },
  { kind: 'file', path: 'etc/\xff\xfe', content: Buffer.alloc(1500, 'x') },
  { kind: 'file', path: 'etc/empty', content: '' },
  { kind: 'file', path: longName, content: 'of the long name' },
  { kind: 'hardlink', path: 'etc/link', target: longName },
  { kind: 'symlink', path: 'etc/symlink', target: `/${'t'.repeat(300)}` },
  { kind: 'char', path: 'null', major: 1, minor: 3 },
  { kind: 'block', path: 'disk', major: 4095, minor: 1_048_575 },
  { kind: 'fifo', path: 'pipe' },
];

describe('readTar', () => {
  for (const dialect of ['ustar', 'gnu'] as const) {
    for (const chunkSize of [1, 511, 512, 513, 65536]) {
      it(`reads every kind of entry: ${dialect} in chunks of ${chunkSize}`, async () => {
        const read = await entriesIn(tarArchive(entries, { dialect }), chunkSize);
        assert.deepEqual(
          read.map(({ kind, name, linkName, content }) => [kind, name, linkName || content.toString()]),
          entries.map((entry) => [
            entry.kind,
            entry.kind === 'directory' ? `${entry.path}/` : entry.path,
            'target' in entry ? entry.target : 'content' in entry ? entry.content.toString() : '',
          ]),
        );
        const [folder, file] = read;
        assert.deepEqual(
          { ...folder?.attributes, xattrs: folder?.attributes.xattrs.size },
          { mode: 0o1777, uid: 1, gid: 2, mtime: 1_700_000_000, xattrs: 0 },
        );
        assert.equal(file?.attributes.mode, 0o4755);
        assert.equal(file.attributes.uid, 0xffff_fffe);
        assert.equal(file.attributes.gid, 0o10000000);
        assert.deepEqual(
          read.filter(({ major }) => major > 0).map(({ major, minor }) => [major, minor]),
          [
            [1, 3],
            [4095, 1_048_575],
          ],
        );
      });
    }
  }

  it('tells where each content lies', async () => {
    const tar = tarArchive(entries);
    for (const { offset, size, content } of await entriesIn(tar)) {
      assert.deepEqual(tar.subarray(offset, offset + size), content);
    }
  });

  it('skips contents that nobody reads, or only in part', async () => {
    const names: string[] = [];
    for await (const { name, content } of readLayerTar(
      new ByteReader(inChunks(tarArchive(entries), 100), () => undefined),
    )) {
      names.push(name);
      if (name === 'etc/\xff\xfe') await content[Symbol.asyncIterator]().next();
    }
    assert.equal(names.length, entries.length);
  });

  it('reads nothing from an empty stream, and from end marks alone', async () => {
    assert.deepEqual(await entriesIn(Buffer.alloc(0)), []);
    assert.deepEqual(await entriesIn(Buffer.alloc(512)), []);
    assert.deepEqual(await entriesIn(endMark), []);
  });

  it('leaves alone what follows the end mark', async () => {
    const garbage = Buffer.alloc(3000, 'garbage');
    const reader = new ByteReader(inChunks(Buffer.concat([archive(rawEntry({})), garbage])), () => undefined);
    const names: string[] = [];
    for await (const { name } of readLayerTar(reader)) names.push(name);
    assert.deepEqual(names, ['file']);
    assert.deepEqual(await gathered(reader.take(Infinity)), garbage);
  });

  it('refuses a header after half an end mark', async () => {
    const tar = archive(rawEntry({}), Buffer.alloc(512), rawEntry({ name: 'hidden' }));
    await assert.rejects(entriesIn(tar), problem(/a header after an end mark at byte 512$/));
  });

  it('accepts an archive that stops behind a content or in the zeros after it, and no other that is cut', async () => {
    const records: [string, string][] = [['mtime', '1']];
    const contents = [600, 0, 1];
    const pieces = [
      rawEntry({ name: 'first' }, 'x'.repeat(600)),
      rawEntry({ name: 'folder/', type: '5' }),
      paxEntry(records, { name: 'last' }, 'y'),
    ];
    const tar = archive(...pieces);
    const ends = pieces.map((_, at) => Buffer.concat(pieces.slice(0, at + 1)).length);
    const contentEnds = ends.map((end, at) => end - (-(contents[at] ?? 0) & (blockSize - 1)));
    const extension = (ends[1] ?? 0) + blockSize;
    const isWhole = (length: number) =>
      length === 0 ||
      ends.some((end, at) => length >= (contentEnds[at] ?? 0) && length <= end) ||
      (length >= extension + '11 mtime=1\n'.length && length <= extension + blockSize) ||
      length >= (ends.at(-1) ?? 0) + blockSize;
    for (let length = 0; length <= tar.length; length += 1) {
      const reading = entriesIn(tar.subarray(0, length));
      if (isWhole(length)) {
        assert.equal(
          (await reading).length,
          contentEnds.filter((end) => end <= length).length,
          `cut at ${length}`,
        );
      } else {
        await assert.rejects(reading, problem(/ends in the middle of an entry|damaged/), `cut at ${length}`);
      }
    }
  });

  it('notices any changed byte of a header', async () => {
    const tar = archive(rawEntry({ name: 'file', mtime: 1 }, 'content'));
    for (let at = 0; at < blockSize; at += 1) {
      if (at === 155) continue; // what follows the checksum's NUL means nothing
      const changed = Buffer.from(tar);
      changed.writeUInt8((changed.readUInt8(at) + 1) % 256, at);
      await assert.rejects(
        entriesIn(changed),
        problem(/a damaged header at byte 0 \(wrong checksum\)/),
        `byte ${at}`,
      );
    }
  });
});

describe('a tar header', () => {
  /** The only entry of an archive whose header `change` has changed. */
  async function changed(change: (block: Buffer) => void, fields: Parameters<typeof rawEntry>[0] = {}) {
    const block = headerBlock({ ...emptyHeader, name: 'file', ...fields }, 'ustar');
    change(block);
    const [entry, ...others] = await entriesIn(archive(withChecksum(block)));
    assert.ok(entry !== undefined && others.length === 0);
    return entry;
  }

  it('may be of a time before ustar', async () => {
    const v7 = (block: Buffer) => block.fill(0, 257, 345).fill('?', 345);
    assert.equal((await changed(v7, { name: 'folder/', type: '\0' })).kind, 'directory');
    assert.equal((await changed(v7, { name: 'file', type: '\0' })).kind, 'file');
    const link = await changed(v7, { name: 'link', type: '1', linkName: 'file' });
    assert.deepEqual([link.kind, link.name, link.linkName], ['hardlink', 'link', 'file']);
    const device = await changed((block) => block.fill(0, 257, 263), { type: '3', major: 1, minor: 3 });
    assert.deepEqual([device.major, device.minor], [0, 0]);
  });

  it('has a name of two fields in ustar, and fewer bytes of the first in the variant of star', async () => {
    const name = `${'p'.repeat(140)}/file`;
    assert.equal((await changed(() => undefined, { name })).name, name);
    const star = (block: Buffer) => block.write('tar\0', 508, 'latin1');
    assert.equal((await changed(star, { name })).name, `${'p'.repeat(131)}/file`);
  });

  it("may have GNU's magic and yet a prefix, as Go before 1.8 wrote it", async () => {
    const gnu = (prefix: string) => (block: Buffer) => {
      block.write('ustar  \0', 257, 'latin1');
      block.write(prefix, 345, 'latin1');
    };
    const named = async (prefix: string, change: (block: Buffer) => void = () => undefined) =>
      (
        await changed((block) => {
          gnu(prefix)(block);
          change(block);
        })
      ).name;
    const prefix = `usr/lib/${'p'.repeat(140)}`;
    assert.equal(await named(prefix), `${prefix}/file`);
    assert.equal(await named('usr'), 'usr/file');
    // The first time's field is a number, and the second is none.
    assert.equal(await named('00000000000 usr'), '00000000000 usr/file');
    assert.equal(await named(`${'p'.repeat(154)}é`), 'file', 'not ASCII');
    // What really are times.
    assert.equal(await named('14000000000\x0014000000001\0'), 'file');
    assert.equal(await named('', (block) => writeNumber(block, 345, 12, 2 ** 40)), 'file');
    assert.equal(await named('', (block) => block.write('14000000001', 357)), 'file');
    // Another version of the magic is not GNU's.
    assert.equal(await named(prefix, (block) => block.write('ustar 00', 257)), 'file');
  });

  it('fills its fields to the last byte', async () => {
    const name = 'n'.repeat(100);
    const linkName = 'l'.repeat(100);
    const entry = await changed(() => undefined, { name, linkName, type: '2' });
    assert.deepEqual([entry.name, entry.linkName], [name, linkName]);
  });

  it('takes a contiguous file for a file, and its name as it is', async () => {
    const entry = await changed(() => undefined, { type: '7', name: 'a\nb\t\x80' });
    assert.deepEqual([entry.kind, entry.name], ['file', 'a\nb\t\x80']);
  });

  it('may have a sum of signed bytes', async () => {
    const block = headerBlock({ ...emptyHeader, name: '\xff\xfe' }, 'ustar');
    block.fill(' ', 148, 156);
    const sum = block.reduce((total, byte) => total + ((byte << 24) >> 24), 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const [entry] = await entriesIn(archive(block));
    assert.equal(entry?.name, '\xff\xfe');
  });

  for (const [text, value] of [
    ['0000755\0', 0o755],
    ['   755 \0', 0o755],
    ['000755 \0', 0o755],
    ['755\0\0\0\0\0', 0o755],
    ['\0\0\0\0\x30755', 0o755],
    ['00000755', 0o755],
    ['755\0junk', 0o755],
    ['        ', 0],
    ['\0\0\0\0\0\0\0\0', 0],
    ['\x80\0\0\0\0\0\x01\xed', 0o755],
  ] as const) {
    it(`has numbers like ${JSON.stringify(text)}`, async () => {
      const entry = await changed((block) => block.write(text, 100, 'latin1'));
      assert.equal(entry.attributes.mode, value);
    });
  }

  it('refuses what is no number', async () => {
    for (const text of ['rwxr-xr-', '0000788\0', '-0000755', '0x000755', '7 5\0\0\0\0\0', '\0\x30000788']) {
      const reading = changed((block) => block.write(text, 100, 'latin1'));
      await assert.rejects(reading, problem(/a damaged header at byte 0 \(the mode is not a number\)/), text);
    }
  });

  it('refuses a number too large to be exact', async () => {
    const large = (block: Buffer) => block.fill(0xff, 124, 136).writeUInt8(0xbf, 124);
    await assert.rejects(changed(large), problem(/the size is not a number/));
  });

  it('takes a time before 1970 and one after 2106 for the nearest that SquashFS knows', async () => {
    const minusOne = (block: Buffer) => block.fill(0xff, 136, 148);
    assert.equal((await changed(minusOne)).attributes.mtime, 0);
    const late = (block: Buffer) => block.write('77777777777\0', 136, 'latin1');
    assert.equal((await changed(late)).attributes.mtime, 0xffff_ffff);
  });

  it('keeps only the permissions of a mode', async () => {
    const withKind = (block: Buffer) => block.write('0104755\0', 100, 'latin1');
    assert.equal((await changed(withKind)).attributes.mode, 0o4755);
  });

  it('refuses users and groups that Linux cannot have', async () => {
    const id = (value: bigint, offset: number) => (block: Buffer) => {
      block.writeBigInt64BE(value, offset);
      if (value > 0n) block.writeUInt8(0x80, offset);
    };
    assert.equal((await changed(id(0xffff_fffen, 108))).attributes.uid, 0xffff_fffe);
    for (const [value, offset] of [
      [0xffff_ffffn, 108],
      [0xffff_ffffn, 116],
      [-1n, 108],
      [2n ** 40n, 116],
    ] as const) {
      await assert.rejects(changed(id(value, offset)), problem(/file belongs to a user or group/));
    }
  });

  it('refuses a negative size', async () => {
    await assert.rejects(
      changed((block) => block.fill(0xff, 124, 136)),
      problem(/an entry of negative size/),
    );
  });

  it('names no more bytes than there are', async () => {
    const lying = (block: Buffer) => block.write('00000100000\0', 124, 'latin1');
    await assert.rejects(changed(lying), problem(/ends in the middle of an entry/));
  });

  it('has no content unless it is that of a file, whatever size it claims', async () => {
    for (const type of ['1', '2', '3', '4', '5', '6']) {
      const [entry, next] = await entriesIn(
        archive(rawEntry({ type, size: 5000, linkName: 'x' }), rawEntry({ name: 'next' }, 'content')),
      );
      assert.equal(entry?.size, 0);
      assert.equal(next?.content.toString(), 'content');
    }
  });

  it('may be a label, which is no entry', async () => {
    const tar = archive(rawEntry({ type: 'V', name: 'backup' }, 'x'), rawEntry({ name: 'next' }));
    assert.deepEqual(
      (await entriesIn(tar)).map(({ name }) => name),
      ['next'],
    );
  });

  it('refuses types that only their makers know', async () => {
    for (const type of ['8', 'D', 'M', 'N', 'A', 'E', '\x07']) {
      await assert.rejects(
        entriesIn(archive(rawEntry({ type, name: 'odd' }))),
        problem(/has odd as an entry of an unknown type/),
      );
    }
  });
});

describe("GNU's long names", () => {
  const long = (type: 'L' | 'K', value: string) => rawEntry({ type, name: '././@LongLink' }, value);

  it('hold for the next entry alone, and end with a NUL or their header', async () => {
    const tar = archive(
      long('K', `${'t'.repeat(200)}\0junk`),
      long('L', 'n'.repeat(5000)),
      rawEntry({ type: '2', linkName: 'short' }),
      rawEntry({ type: '2', linkName: 'short' }),
    );
    assert.deepEqual(
      (await entriesIn(tar)).map(({ name, linkName }) => [name, linkName]),
      [
        ['n'.repeat(5000), 't'.repeat(200)],
        ['file', 'short'],
      ],
    );
  });

  it('are refused if they are longer than any name could be', async () => {
    const header = rawEntry({ type: 'L', size: 2 ** 20 + 1 });
    await assert.rejects(entriesIn(header), problem(/an extended header of 1048577 bytes/));
    const negative = headerBlock({ ...emptyHeader, type: 'L' }, 'ustar');
    negative.fill(0xff, 124, 136);
    await assert.rejects(entriesIn(withChecksum(negative)), problem(/an extended header of -1 bytes/));
  });

  it('count before extended header records, as for container runtimes', async () => {
    const [entry] = await entriesIn(archive(long('L', 'long'), paxEntry([['path', 'pax']])));
    assert.equal(entry?.name, 'long');
  });
});
