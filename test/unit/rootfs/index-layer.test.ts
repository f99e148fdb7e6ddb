import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { byteStringFromText } from '../../../src/core/bytes/byte-string';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { indexLayer } from '../../../src/core/rootfs/index-layer';
import type { LayerEntry } from '../../../src/core/rootfs/layer-index';
import { tarArchive } from '../../image-maker/tar-archive';
import { inChunks } from './chunks';
import { device, file, folder, gone, hardLink, indexOf, opaque, sha256, symlink } from './layers';
import { archive, paxEntry, rawEntry } from './read-tar';

const problem = (found: RegExp) => (error: unknown) => error instanceof Problem && found.test(error.found);

/** `kind path` of the entries whose archive names are these. */
async function namesIn(...names: readonly string[]): Promise<string[]> {
  const { entries } = await indexOf(archive(...names.map((name) => paxEntry([['path', name]]))));
  return entries.map(({ kind, path }) => `${kind} ${path}`);
}

describe('indexLayer', () => {
  it('tells all that a layer says', async () => {
    const xattrs = new Map([['user.x', Buffer.from('1')]]);
    const tar = tarArchive([
      folder('etc', { mode: 0o1777, mtime: 5 }),
      file('etc/motd', 'hello', { mode: 0o4755, uid: 1, gid: 2, mtime: 6, xattrs }),
      symlink('etc/link', '../x'),
      hardLink('etc/hard', './etc//motd'),
      device('null', 1, 3),
      { kind: 'block', path: 'disk', major: 4095, minor: 1_048_575 },
      { kind: 'fifo', path: 'pipe' },
      gone('etc/old'),
      opaque('var'),
    ]);
    const plain = { uid: 0, gid: 0, mtime: 0, xattrs: new Map() };
    const expected: LayerEntry[] = [
      { kind: 'directory', path: 'etc', attributes: { ...plain, mode: 0o1777, mtime: 5 } },
      {
        kind: 'file',
        path: 'etc/motd',
        attributes: { mode: 0o4755, uid: 1, gid: 2, mtime: 6, xattrs },
        size: 5,
        content: { offset: tar.indexOf('hello'), sha256: sha256('hello') },
      },
      { kind: 'symlink', path: 'etc/link', attributes: { ...plain, mode: 0o777 }, target: '../x' },
      { kind: 'hardlink', path: 'etc/hard', target: 'etc/motd' },
      { kind: 'char', path: 'null', attributes: { ...plain, mode: 0o644 }, major: 1, minor: 3 },
      { kind: 'block', path: 'disk', attributes: { ...plain, mode: 0o644 }, major: 4095, minor: 1_048_575 },
      { kind: 'fifo', path: 'pipe', attributes: { ...plain, mode: 0o644 } },
      { kind: 'whiteout', path: 'etc/old' },
      { kind: 'opaque', path: 'var' },
    ];
    assert.deepEqual(await indexOf(tar), { entries: expected, warnings: [] });
  });

  it('reads the whole stream, what follows the archive included, so that whoever checks it sees all', async () => {
    const tar = Buffer.concat([tarArchive([file('x', 'x')]), Buffer.alloc(3000, 'garbage')]);
    for (const size of [1, 512, 700, tar.length]) {
      let isAtEnd = false;
      async function* source() {
        yield* inChunks(tar, size);
        isAtEnd = true;
      }
      const { entries } = await indexLayer(source(), silentJob());
      assert.deepEqual([entries.length, isAtEnd], [1, true]);
    }
    assert.deepEqual((await indexOf(Buffer.alloc(0))).entries, []);
  });

  it('hashes a sparse file with its holes filled', async () => {
    const content = Buffer.concat([Buffer.alloc(3 << 20), Buffer.from('data'), Buffer.alloc(5000)]);
    const tar = tarArchive([{ kind: 'file', path: 'sparse', content, sparse: 'pax-1.0' }]);
    const [entry] = (await indexOf(tar)).entries;
    assert.ok(entry?.kind === 'file');
    assert.equal(entry.size, content.length);
    assert.equal(entry.content.sha256, sha256(content));
    assert.deepEqual(entry.content.segments, [{ offset: 3 << 20, length: 4096 }]);
  });

  it('gives a symbolic link the mode that Linux shows', async () => {
    const [entry] = (await indexOf(tarArchive([{ kind: 'symlink', path: 'x', target: 'y', mode: 0o600 }])))
      .entries;
    assert.ok(entry?.kind === 'symlink');
    assert.equal(entry.attributes.mode, 0o777);
  });

  it('stops when it is told to, and lets go of its source', async () => {
    const tar = tarArchive([file('x', 'x'.repeat(5000))]);
    let closed = false;
    async function* source() {
      try {
        yield* inChunks(tar, 100);
      } finally {
        closed = true;
      }
    }
    const reason = new Error('stopped');
    const job = { ...silentJob(), signal: AbortSignal.abort(reason) };
    await assert.rejects(indexLayer(source(), job), (error) => error === reason);
    assert.ok(closed);
  });

  it('can be stopped in the middle of an endless hole', async () => {
    const stop = new AbortController();
    const reading = indexLayer(
      inChunks(
        archive(
          paxEntry([
            ['GNU.sparse.size', 2 ** 39],
            ['GNU.sparse.map', '0,0'],
          ]),
        ),
      ),
      { ...silentJob(), signal: stop.signal },
    );
    const stopped = assert.rejects(reading, { name: 'AbortError' });
    await setTimeout(1);
    stop.abort();
    await stopped;
  });

  it('fails with the error of its source', async () => {
    const broken = new Error('broken');
    async function* source() {
      yield* inChunks(tarArchive([file('x', 'x')]).subarray(0, 700));
      throw broken;
    }
    await assert.rejects(indexLayer(source(), silentJob()), (error) => error === broken);
  });
});

describe('a name in a layer', () => {
  it('is a path inside the root, however it is written', async () => {
    assert.deepEqual(await namesIn('etc/x', '/etc/x', './etc/x', 'etc//./x', 'etc/y/../x', '///etc/x'), [
      'file etc/x',
      'file etc/x',
      'file etc/x',
      'file etc/x',
      'file etc/x',
      'file etc/x',
    ]);
  });

  it('cannot lead out of the root, which is noted once', async () => {
    const names = ['../x', '/../y', 'a/../../z', '../../../etc/passwd'];
    const { entries, warnings } = await indexOf(archive(...names.map((name) => rawEntry({ name }))));
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['x', 'y', 'z', 'etc/passwd'],
    );
    assert.deepEqual(warnings, ['kept inside the image a name that leads out of it: ../x (and 3 more)']);
  });

  it('is noted without what could rewrite a terminal', async () => {
    const { warnings } = await indexOf(archive(rawEntry({ name: '../\x1b[2J\n\r\u009b' })));
    assert.deepEqual(warnings, [
      'kept inside the image a name that leads out of it: ../\ufffd[2J\ufffd\ufffd\ufffd',
    ]);
  });

  it('may be that of the root if it is a folder', async () => {
    for (const name of ['./', '.', '/', '//', 'a/..']) {
      const { entries } = await indexOf(archive(rawEntry({ name, type: '5', mode: 0o700 })));
      assert.deepEqual(
        entries.map(({ kind, path }) => [kind, path]),
        [['directory', '']],
      );
    }
  });

  it('is left out with a word if it is that of the root and no folder, as by containerd', async () => {
    for (const name of ['', './', '.', '/', '//', 'a/..']) {
      const { entries, warnings } = await indexOf(
        archive(
          rawEntry({ name, type: '2', linkName: 'etc' }),
          rawEntry({ name, type: '7' }, 'content'),
          rawEntry({ name: 'etc/passwd' }, 'inside'),
        ),
      );
      assert.deepEqual(
        entries.map(({ kind, path }) => [kind, path]),
        [['file', 'etc/passwd']],
      );
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? '',
        /^left out an entry that is to be the root and is no folder: .*\(and 1 more\)$/,
      );
    }
  });

  it('may hold any bytes but NUL', async () => {
    const names = [
      '\xff\xfe',
      byteStringFromText('日本'),
      'a\nb',
      ' ',
      '-rf',
      '...',
      '.wh',
      'x.wh.y',
      '~',
      '\\',
    ];
    assert.deepEqual(
      await namesIn(...names),
      names.map((name) => `file ${name}`),
    );
    await assert.rejects(namesIn('a\0b'), problem(/has a NUL byte/));
    await assert.rejects(
      indexOf(archive(paxEntry([['linkpath', 'a\0b']], { type: '1' }))),
      problem(/has a NUL byte/),
    );
  });

  it('may be as long as Linux allows, and no longer', async () => {
    const longest = 'n'.repeat(255);
    assert.deepEqual(await namesIn(longest), [`file ${longest}`]);
    await assert.rejects(namesIn(`d/${longest}n/x`), problem(/^the name d\/n+… has a part of 256 bytes$/));
    const path = `${'d/'.repeat(2047)}x`;
    assert.deepEqual(await namesIn(path), [`file ${path}`]);
    await assert.rejects(namesIn(`${path}/y`.padEnd(4097, 'y')), problem(/has 4097 bytes$/));
  });
});

describe('a whiteout in a layer', () => {
  it('is an entry of any kind whose name begins with .wh.', async () => {
    for (const type of ['0', '1', '2', '3', '5', '6', '\0']) {
      const { entries } = await indexOf(archive(rawEntry({ name: './etc/.wh.old', type, linkName: 'x' })));
      assert.deepEqual(entries, [{ kind: 'whiteout', path: 'etc/old' }]);
    }
    const { entries } = await indexOf(archive(rawEntry({ name: 'etc/.wh.old/', type: '5' })));
    assert.deepEqual(entries, [{ kind: 'whiteout', path: 'etc/old' }]);
  });

  it('may hide names that look odd', async () => {
    assert.deepEqual(
      await namesIn('.wh.opq', '.wh..opq', 'etc/.wh.zopq', '.wh....', '.wh..wh', '.wh.a b', '.wh.\xff'),
      [
        'whiteout opq',
        'whiteout .opq',
        'whiteout etc/zopq',
        'whiteout ...',
        'whiteout .wh',
        'whiteout a b',
        'whiteout \xff',
      ],
    );
  });

  it('hides neither its own folder nor the one above', async () => {
    const { entries, warnings } = await indexOf(
      archive(...['d/.wh.', 'd/.wh..', 'd/.wh...', '.wh.'].map((name) => rawEntry({ name }))),
    );
    assert.deepEqual(entries, []);
    assert.deepEqual(warnings, ['ignored a whiteout without a name, in the folder: /d (and 3 more)']);
  });

  it('is no whiteout of what lies in a folder of such a name', async () => {
    assert.deepEqual(await namesIn('.wh.d/x'), ['file .wh.d/x']);
  });

  it('may mark its folder opaque', async () => {
    assert.deepEqual(await namesIn('.wh..wh..opq', 'a/b/.wh..wh..opq', '/c/./.wh..wh..opq'), [
      'opaque ',
      'opaque a/b',
      'opaque c',
    ]);
  });

  it('is not what AUFS keeps for itself', async () => {
    assert.deepEqual(
      await namesIn(
        '.wh..wh.aufs',
        '.wh..wh.plnk/1.2',
        '.wh..wh.orph/x/y',
        'd/.wh..wh.x',
        '.wh..wh..opq.x',
        'x',
      ),
      ['file x'],
    );
  });
});

describe('an entry in a layer is refused', () => {
  const rejects = (found: RegExp, ...pieces: readonly Buffer[]) =>
    assert.rejects(indexOf(archive(...pieces)), problem(found));

  it('if it is a symbolic link to what no path can be', async () => {
    await rejects(/the symbolic link file has a target that no link can have/, rawEntry({ type: '2' }));
    await rejects(
      /a target that no link can have/,
      paxEntry([['linkpath', 't'.repeat(4096)]], { type: '2' }),
    );
    await rejects(/a target that no link can have/, paxEntry([['linkpath', 'a\0']], { type: '2' }));
    const { entries } = await indexOf(archive(paxEntry([['linkpath', 't'.repeat(4095)]], { type: '2' })));
    assert.equal(entries.length, 1);
  });

  it('if it is a device that Linux cannot have', async () => {
    await rejects(/the device file has the numbers 4096:0/, rawEntry({ type: '3', major: 4096 }));
    await rejects(/the device file has the numbers 0:1048576/, rawEntry({ type: '4', minor: 2 ** 20 }));
  });

  it('if the archive is damaged', async () => {
    const tar = tarArchive([file('x', 'x'.repeat(2000))]);
    await assert.rejects(indexOf(tar.subarray(0, 1000)), problem(/ends in the middle of an entry/));
    await assert.rejects(indexOf(Buffer.alloc(1024, 'no tar')), problem(/a damaged header at byte 0/));
  });
});
