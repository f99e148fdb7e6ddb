import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteStringFromText } from '../../../src/core/bytes/byte-string';
import { Problem } from '../../../src/core/problem';
import type { PaxRecord } from '../../image-maker/tar-extensions';
import { archive, entriesIn, paxEntry, rawEntry } from './read-tar';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

/** An extended header for all entries that follow; what a header that is for one entry holds, without that entry. */
const globally = (records: readonly PaxRecord[]): Buffer => {
  const header = paxEntry(records).subarray(0, -512);
  return rawEntry({ type: 'g', name: 'global' }, withoutPadding(header));
};

function withoutPadding(header: Buffer): Buffer {
  const size = parseInt(header.toString('latin1', 124, 135), 8);
  return header.subarray(512, 512 + size);
}

async function only(records: readonly PaxRecord[], fields: Parameters<typeof paxEntry>[1] = {}, body = '') {
  const [entry, ...others] = await entriesIn(archive(paxEntry(records, fields, body)));
  assert.ok(entry !== undefined && others.length === 0);
  return entry;
}

describe('an extended header', () => {
  it('overrules what the header says', async () => {
    const records: PaxRecord[] = [
      ['path', 'näme\nof/any kind'],
      ['uid', 4_000_000_000],
      ['gid', 70_000],
      ['size', 3],
      ['mtime', '1700000000.987654321'],
      ['comment', 'means nothing'],
    ];
    const tar = archive(paxEntry(records, { uid: 1, gid: 1, size: 0 }, 'abc'), rawEntry({ name: 'next' }));
    const [first, next] = await entriesIn(tar);
    assert.equal(first?.name, 'näme\nof/any kind');
    assert.equal(first.content.toString(), 'abc');
    assert.deepEqual(
      { ...first.attributes, xattrs: 0 },
      { mode: 0, uid: 4_000_000_000, gid: 70_000, mtime: 1_700_000_000, xattrs: 0 },
    );
    assert.deepEqual([next?.name, next?.attributes.uid], ['next', 0]);
  });

  it('may hold the target of a link', async () => {
    const target = byteStringFromText(`${'long/'.repeat(50)}ü\n`);
    assert.equal((await only([['linkpath', target]], { type: '2' })).linkName, target);
    assert.equal((await only([['linkpath', target]], { type: '1' })).linkName, target);
  });

  it('keeps names that are not UTF-8', async () => {
    assert.equal((await only([['path', '\xff\xfe\x80']])).name, '\xff\xfe\x80');
  });

  it('takes an empty value for none', async () => {
    const entry = await only(
      [
        ['path', ''],
        ['uid', ''],
        ['mtime', ''],
      ],
      { uid: 7, mtime: 9 },
    );
    assert.deepEqual([entry.name, entry.attributes.uid, entry.attributes.mtime], ['file', 7, 9]);
  });

  it('lets the last of several records and of several headers count', async () => {
    const twice = await only([
      ['path', 'first'],
      ['path', 'last'],
    ]);
    assert.equal(twice.name, 'last');
    const headers = [paxEntry([['path', 'first']]), paxEntry([['uid', 5]])];
    const [entry] = await entriesIn(
      archive(...headers.map((header, at) => (at === 0 ? header.subarray(0, -512) : header))),
    );
    assert.deepEqual([entry?.name, entry?.attributes.uid], ['file', 5]);
  });

  it("may be of Solaris' type", async () => {
    const header = rawEntry({ type: 'X' }, withoutPadding(paxEntry([['path', 'named']])));
    const [entry] = await entriesIn(archive(header, rawEntry({})));
    assert.equal(entry?.name, 'named');
  });

  for (const [value, seconds] of [
    ['-1', 0],
    ['-0.5', 0],
    ['0', 0],
    ['1.', 1],
    ['1.999999999', 1],
    ['4294967296', 0xffff_ffff],
    ['9'.repeat(400), 0xffff_ffff],
  ] as const) {
    it(`has times like ${value.slice(0, 20)}`, async () => {
      assert.equal((await only([['mtime', value]])).attributes.mtime, seconds);
    });
  }

  it('refuses what is no number', async () => {
    for (const [key, value] of [
      ['mtime', 'yesterday'],
      ['mtime', '1,5'],
      ['mtime', '.'],
      ['uid', '-1'],
      ['uid', '1.5'],
      ['uid', '0x10'],
      ['gid', ' 1'],
      ['gid', '99999999999999999999'],
      ['size', '1e3'],
      ['size', 'Infinity'],
    ] as const) {
      const wrong = problem(/in an extended header where a number belongs/);
      await assert.rejects(only([[key, value]]), wrong, `${key}=${value}`);
    }
  });

  it('refuses a user that Linux cannot have', async () => {
    await assert.rejects(only([['uid', 2 ** 32]]), problem(/file belongs to a user or group 4294967296/));
  });

  for (const body of [
    '6 a=b',
    '7 a=b\n',
    '5 a=b\n',
    '0 a=b\n',
    '06 a=b\n',
    ' 6 a=b\n',
    '-6 a=b\n',
    'a=b\n',
    '6\ta=b\n',
    '6 a b\n',
    '6 ab\n=',
    '3 \n',
    '4 =\n9',
    '6 a=b\n\0\0',
    '99999999999999999999 a=b\n',
    '9 a=b\n',
  ]) {
    it(`is refused if it is damaged: ${JSON.stringify(body)}`, async () => {
      const tar = archive(rawEntry({ type: 'x' }, body), rawEntry({}));
      await assert.rejects(entriesIn(tar), problem(/^its tar archive has a damaged extended header$/));
    });
  }

  it('may have leading zeros in the lengths of its records', async () => {
    const body = '015 path=zz/qq\n0000000000021 uid=12\n';
    const [entry] = await entriesIn(archive(rawEntry({ type: 'x' }, body), rawEntry({})));
    assert.deepEqual([entry?.name, entry?.attributes.uid], ['zz/qq', 12]);
  });

  it('is refused if it is larger than any could be', async () => {
    const tar = archive(rawEntry({ type: 'x' }, Buffer.alloc(2 ** 20 + 1)));
    await assert.rejects(entriesIn(tar), problem(/an extended header of 1048577 bytes/));
  });

  it('may be as large as that', async () => {
    const value = Buffer.alloc(2 ** 20 - 8 - 'comment'.length - 2, 'x');
    const entry = await only([['comment', value]]);
    assert.equal(entry.name, 'file');
  });
});

describe('a global extended header', () => {
  it('is ignored, as by docker and containerd', async () => {
    const own = paxEntry([['uid', 2]], { name: 'own' });
    const [header, entry] = [own.subarray(0, -512), own.subarray(-512)];
    const everywhere = globally([
      ['uid', 1],
      ['mtime', 1],
      ['SCHILY.xattr.user.a', 'all'],
    ]);
    const tar = archive(everywhere, rawEntry({ name: 'first', mtime: 8 }), header, everywhere, entry);
    assert.deepEqual(
      (await entriesIn(tar)).map(({ name, attributes: { uid, mtime, xattrs } }) => [
        name,
        uid,
        mtime,
        xattrs.size,
      ]),
      [
        ['first', 0, 8, 0],
        ['own', 2, 0, 0],
      ],
    );
  });
});

describe('xattrs in an extended header', () => {
  const xattrsOf = async (...records: PaxRecord[]) => (await only(records)).attributes.xattrs;

  it('may have any bytes as their value', async () => {
    const value = Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256));
    assert.deepEqual(await xattrsOf(['SCHILY.xattr.user.all', value]), new Map([['user.all', value]]));
    const lines = Buffer.from('\n12 path=evil\n\0=\n');
    const entry = await only([['SCHILY.xattr.user.lines', lines]]);
    assert.deepEqual([entry.name, entry.attributes.xattrs.get('user.lines')], ['file', lines]);
  });

  it('may be empty', async () => {
    assert.deepEqual(
      await xattrsOf(['SCHILY.xattr.user.empty', '']),
      new Map([['user.empty', Buffer.alloc(0)]]),
    );
  });

  it('have the names that container tools write, which escape nothing', async () => {
    const names = [
      'user.100%25',
      'user.%3D',
      'user.\xff',
      'user.a b',
      'trusted.x',
      'system.posix_acl_access',
    ];
    const xattrs = await xattrsOf(...names.map((name): PaxRecord => [`SCHILY.xattr.${name}`, 'x']));
    assert.deepEqual([...xattrs.keys()], names);
  });

  it("are none in libarchive's form, which no container runtime reads", async () => {
    assert.deepEqual(await xattrsOf(['LIBARCHIVE.xattr.user.a', 'QUJD']), new Map());
  });

  it('have the value of the other form if they are in both', async () => {
    const both: PaxRecord[] = [
      ['LIBARCHIVE.xattr.user.x', Buffer.from('libarchive').toString('base64')],
      ['SCHILY.xattr.user.x', 'schily'],
    ];
    assert.deepEqual(await xattrsOf(...both), new Map([['user.x', Buffer.from('schily')]]));
    assert.deepEqual(await xattrsOf(...both.reverse()), new Map([['user.x', Buffer.from('schily')]]));
  });
});
