import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import type { SparseFormat } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import type { PaxRecord } from '../../image-maker/tar-extensions';
import { emptyHeader, headerBlock, padded, withChecksum, writeNumber } from '../../image-maker/tar-header';
import { archive, entriesIn, paxEntry, rawEntry } from './read-tar';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);
const senseless = problem(/a sparse file whose map makes no sense/);

const hole = (blocks: number) => Buffer.alloc(4096 * blocks);
const data = (length: number) => Buffer.alloc(length, 'data');
const repeated = (times: number) =>
  Buffer.concat(
    Array.from({ length: times }, (_, at) => [hole(1), data(at === times - 1 ? 10 : 4096)]).flat(),
  );

const contents = {
  'nothing but a hole': hole(10),
  'no hole at all': data(5000),
  'no bytes': Buffer.alloc(0),
  'a hole at its start': Buffer.concat([hole(2), data(3)]),
  'a hole at its end': Buffer.concat([data(4096), hole(2)]),
  'a hole that ends in a part of a block': Buffer.concat([data(4096), Buffer.alloc(100)]),
  'a hole larger than what is filled at once': Buffer.concat([data(4096), hole(600), data(1)]),
  'as many segments as a header holds': repeated(4),
  'one segment more': repeated(5),
  'as many segments as a header and one extension hold': repeated(25),
  'one segment more than that': repeated(26),
  'many segments': repeated(300),
};

for (const format of ['gnu', 'pax-0.0', 'pax-0.1', 'pax-1.0'] satisfies SparseFormat[]) {
  describe(`a sparse file of the format ${format}`, () => {
    for (const [what, content] of Object.entries(contents)) {
      it(`may have ${what}`, async () => {
        const tar = tarArchive([
          { kind: 'file', path: 'sparse', content, sparse: format, mode: 0o600 },
          { kind: 'file', path: 'next', content: 'next' },
        ]);
        for (const chunkSize of [509, 65536]) {
          const [file, next, ...others] = await entriesIn(tar, chunkSize);
          assert.deepEqual(others, []);
          assert.deepEqual([file?.name, file?.kind, file?.attributes.mode], ['sparse', 'file', 0o600]);
          assert.equal(file?.size, content.length);
          assert.ok(file.content.equals(content));
          assert.equal(next?.content.toString(), 'next');
          assertIsWhereItSays(tar, file, content);
        }
      });
    }

    it('is noticed to be cut short', async () => {
      const file = { kind: 'file', path: 'sparse', content: repeated(30), sparse: format } as const;
      const tar = tarArchive([file]).subarray(0, -1024);
      const contentEnd = tar.length - (-10 & 511);
      for (let length = contentEnd - 1; length > 0; length -= 997) {
        if (format !== 'gnu' && length % 512 === 0) continue; // perhaps between extended header and header
        const cut = problem(/in the middle of an entry|makes no sense/);
        await assert.rejects(entriesIn(tar.subarray(0, length)), cut, `cut at ${length}`);
      }
    });
  });
}

/** The data that the map names, and nothing but zeros elsewhere. */
function assertIsWhereItSays(
  tar: Buffer,
  { offset, segments = [] }: Awaited<ReturnType<typeof entriesIn>>[number],
  content: Buffer,
): void {
  const filled = Buffer.alloc(content.length);
  let stored = offset;
  for (const segment of segments) {
    tar.copy(filled, segment.offset, stored, stored + segment.length);
    stored += segment.length;
  }
  assert.ok(filled.equals(content));
}

describe('the map of a sparse file in an extended header', () => {
  const read = (records: readonly PaxRecord[], body = '') => entriesIn(archive(paxEntry(records, {}, body)));
  const version01 = (map: string, size: number): PaxRecord[] => [
    ['GNU.sparse.size', size],
    ['GNU.sparse.map', map],
  ];

  it('is read', async () => {
    const [file] = await read(version01('1,2,5,1', 8), 'abc');
    assert.equal(file?.content.toString(), '\0ab\0\0c\0\0');
    const [empty] = await read(version01('', 4));
    assert.equal(empty?.content.toString(), '\0\0\0\0');
  });

  it('may have empty segments anywhere', async () => {
    const [file] = await read(version01('0,0,1,3,4,0,8,0', 8), 'abc');
    assert.equal(file?.content.toString(), '\0abc\0\0\0\0');
  });

  for (const [what, map, size] of [
    ['overlaps', '0,2,1,1', 8],
    ['goes backwards', '4,1,0,2', 8],
    ['reaches beyond the file', '6,3', 8],
    ['names more than there is', '0,4', 8],
    ['names less than there is', '0,2', 8],
    ['has an offset without a length', '0,3,5', 8],
    ['reaches beyond what a number holds', '9007199254740991,3', 9007199254740991],
  ] as const) {
    it(`is refused if it ${what}`, async () => {
      await assert.rejects(read(version01(map, size), 'abc'), senseless);
    });
  }

  it('is refused if it holds no numbers', async () => {
    for (const map of ['0,-3', '0,x', '0;3', '0,3,', ' 0,3', '0,1e0']) {
      await assert.rejects(read(version01(map, 8), 'abc'), problem(/where a number belongs/), map);
    }
  });

  it('is refused if it is of a format that is not known', async () => {
    for (const [major, minor] of [
      ['1', '1'],
      ['2', '0'],
      ['1', ''],
    ] as const) {
      const records: PaxRecord[] = [
        ['GNU.sparse.major', major],
        ['GNU.sparse.minor', minor],
        ['GNU.sparse.realsize', 3],
      ];
      await assert.rejects(read(records, 'abc'), problem(/a sparse file of an unknown format/));
    }
  });

  it('means nothing on anything but a file', async () => {
    const tar = archive(paxEntry(version01('0,5', 5), { type: '5', name: 'folder/' }));
    const [folder] = await entriesIn(tar);
    assert.deepEqual([folder?.kind, folder?.size, folder?.segments], ['directory', 0, undefined]);
  });
});

describe('the map of a sparse file before its data', () => {
  const records: PaxRecord[] = [
    ['GNU.sparse.major', 1],
    ['GNU.sparse.minor', 0],
    ['GNU.sparse.name', 'real name'],
    ['GNU.sparse.realsize', 8],
  ];
  const read = (map: string, content = 'abc', all = records) =>
    entriesIn(archive(paxEntry(all, {}, Buffer.concat([padded(Buffer.from(map)), Buffer.from(content)]))));

  it('is read, however it lies over its blocks', async () => {
    const [file] = await read('2\n1\n2\n5\n1\n');
    assert.deepEqual([file?.name, file?.content.toString()], ['real name', '\0ab\0\0c\0\0']);
    const padding = '0'.repeat(300);
    const [wide] = await read(`2\n${padding}1\n${padding}2\n5\n${padding}1\n`);
    assert.equal(wide?.content.toString(), '\0ab\0\0c\0\0');
  });

  it('is refused if it lies', async () => {
    for (const map of ['2\n1\n2\n1\n1\n', '1\n0\n2\n', '1\n0\n9\n', '1\n6\n3\n', '0\n']) {
      await assert.rejects(read(map), senseless, JSON.stringify(map));
    }
  });

  it('is refused if it does not end where the content does', async () => {
    for (const map of ['400\n1\n2\n', `1\n${'0'.repeat(2000)}`, '1000001\n', '9007199254740991\n']) {
      await assert.rejects(read(map), senseless, map.slice(0, 20));
    }
    for (const map of ['\n', 'x\n', '-1\n', '1\n0 3\n']) {
      await assert.rejects(read(map), problem(/where a number belongs/), JSON.stringify(map));
    }
  });

  it('is refused without the size of the file', async () => {
    await assert.rejects(
      read('1\n0\n3\n', 'abc', records.slice(0, 3)),
      problem(/a sparse file without its size/),
    );
  });
});

describe("the map of a sparse file in GNU's old header", () => {
  const read = (
    segments: readonly (readonly [offset: number, length: number])[],
    size: number,
    realSize: number,
  ) => {
    const header = headerBlock({ ...emptyHeader, name: 'file', type: 'S', size }, 'gnu');
    segments.forEach(([offset, length], at) => {
      writeNumber(header, 386 + 24 * at, 12, offset);
      writeNumber(header, 398 + 24 * at, 12, length);
    });
    writeNumber(header, 483, 12, realSize);
    return entriesIn(archive(withChecksum(header), padded(Buffer.from('abc'))));
  };

  it('is read, numbers beyond eight gibibytes included', async () => {
    const [file] = await read([[1, 3]], 3, 5);
    assert.equal(file?.content.toString(), '\0abc\0');
  });

  it('is refused if it lies', async () => {
    const far = 2 ** 40;
    for (const [segments, size, realSize] of [
      [[[0, 2]], 3, 3],
      [[[0, 4]], 3, 4],
      [[[3, 3]], 3, 5],
      [
        [
          [0, 2],
          [1, 1],
        ],
        3,
        5,
      ],
      [[[far, 3]], 3, far],
      [[], 3, 3],
    ] as const) {
      await assert.rejects(read(segments, size, realSize), senseless, JSON.stringify(segments));
    }
  });

  it('is refused if a number is none, or negative', async () => {
    for (const text of ['x', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff']) {
      const header = headerBlock({ ...emptyHeader, type: 'S' }, 'gnu');
      header.write(text, 483, 'latin1');
      await assert.rejects(entriesIn(archive(withChecksum(header))), senseless);
    }
  });

  it('is refused if its extensions never end', async () => {
    const header = headerBlock({ ...emptyHeader, type: 'S' }, 'gnu');
    header.writeUInt8(1, 482);
    const extension = Buffer.alloc(512);
    extension.writeUInt8(1, 504);
    await assert.rejects(entriesIn(Buffer.concat([withChecksum(header), extension, extension])), senseless);
  });
});

describe('a plain file', () => {
  it('has no map', async () => {
    const [file] = await entriesIn(archive(rawEntry({}, 'abc')));
    assert.equal(file?.segments, undefined);
  });
});
