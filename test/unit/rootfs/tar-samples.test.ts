import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { entriesIn, type ReadEntry } from './read-tar';

// What real tars make of the same tree: test/fixtures/tar/make.sh.
const sample = (name: string): Buffer =>
  gunzipSync(readFileSync(path.resolve(`test/fixtures/tar/${name}.tar.gz`)));

function line({ kind, name, linkName, attributes, major, minor, content }: ReadEntry): string {
  const { mode, uid, gid, mtime } = attributes;
  assert.equal(mtime, 1_700_000_000, name);
  const details = {
    file: ` "${content.toString()}"`,
    directory: '',
    fifo: '',
    symlink: ` -> ${linkName}`,
    hardlink: ` = ${linkName}`,
    char: ` ${major}:${minor}`,
    block: ` ${major}:${minor}`,
  };
  return `${kind} ${mode.toString(8)} ${uid}:${gid} ${name}${details[kind]}`;
}

const lines = async (name: string, chunkSize?: number) =>
  (await entriesIn(sample(name), chunkSize)).map(line);

const plain = [
  'directory 755 0:0 plain/',
  'directory 755 0:0 plain/etc/',
  'file 4755 0:0 plain/etc/empty ""',
  'file 644 1000:2000 plain/etc/motd "hello\n"',
  'file 644 0:0 plain/etc/\xff\xfe "name with bytes"',
  'directory 755 0:0 plain/links/',
  'hardlink 644 1000:2000 plain/links/hard = plain/etc/motd',
  'symlink 777 0:0 plain/links/soft -> ../etc/motd',
];
const devices = [
  'directory 1777 0:0 devices/',
  'block 644 0:0 devices/block 259:70000',
  'char 644 0:0 devices/char 4:65',
  'fifo 644 0:0 devices/fifo',
];
const ninety = '0'.repeat(90);
const split = [
  'directory 755 0:0 split/',
  `directory 755 0:0 split/${ninety}/`,
  `file 644 0:0 split/${ninety}/long-file "split name"`,
];
const hundred = '0'.repeat(100);
const long = [
  'directory 755 0:0 long/',
  `directory 755 0:0 long/${hundred}/`,
  `directory 755 0:0 long/${hundred}/${hundred}/`,
  `file 644 0:0 long/${hundred}/${hundred}/x${hundred} "long name"`,
  `hardlink 644 0:0 long/hardlink = long/${hundred}/${hundred}/x${hundred}`,
  'file 644 3000000:4294967294 long/owner "owner"',
  `symlink 777 0:0 long/symlink -> ${hundred}/${hundred}`,
];

describe('an archive that a real tar made', () => {
  const expected = {
    'gnu-v7': plain,
    'gnu-ustar': [...plain, ...devices, ...split],
    'gnu-oldgnu': [...plain, ...devices, ...split, ...long],
    gnu: [...plain, ...devices, ...split, ...long],
    'gnu-posix': [...plain, ...devices, ...split, ...long],
  };
  for (const [name, entries] of Object.entries(expected)) {
    it(`is read whole: ${name}`, async () => assert.deepEqual(await lines(name), entries));
    it(`is read whole from single bytes: ${name}`, async () =>
      assert.deepEqual(await lines(name, 1), entries));
  }

  for (const name of ['gnu-xattrs', 'bsdtar-xattrs']) {
    it(`keeps every byte of its xattrs: ${name}`, async () => {
      const [folder, file] = await entriesIn(sample(name));
      assert.deepEqual(folder?.attributes.xattrs, new Map([['user.folder', Buffer.from('of a folder')]]));
      assert.deepEqual(
        file?.attributes.xattrs,
        new Map([
          ['user.text', Buffer.from('plain')],
          ['user.bytes', Buffer.from('0a3d00ff25203dc30a', 'hex')],
          ['user.empty', Buffer.alloc(0)],
          ['security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex')],
        ]),
      );
    });
  }

  const many = Buffer.alloc(81 * 4096);
  for (let block = 0; block <= 80; block += 2)
    many.write(`block ${String(block).padStart(2, '0')}`, block * 4096);
  const sparse = {
    end: Buffer.concat([Buffer.alloc(40960), Buffer.from('end')]),
    hole: Buffer.alloc(100_000),
    many: many.subarray(0, 80 * 4096 + 8),
    start: Buffer.concat([Buffer.from('start'), Buffer.alloc(49_995)]),
  };
  for (const name of ['gnu-sparse', 'gnu-sparse-0.0', 'gnu-sparse-0.1', 'gnu-sparse-1.0']) {
    for (const chunkSize of [37, 1000, 65536]) {
      it(`has its holes filled: ${name} in chunks of ${chunkSize}`, async () => {
        const [folder, ...files] = await entriesIn(sample(name), chunkSize);
        assert.equal(folder?.name, 'sparse/');
        assert.deepEqual(
          files.map((file) => file.name),
          Object.keys(sparse).map((file) => `sparse/${file}`),
        );
        assert.ok(files.every(({ kind, segments }) => kind === 'file' && segments !== undefined));
        Object.values(sparse).forEach((content, at) => {
          assert.equal(files[at]?.size, content.length);
          assert.ok(files[at].content.equals(content), files[at].name);
        });
      });
    }
  }
});
