import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Random } from '../../device-view/random';
import type { Entry, SparseFormat } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { emptyHeader, headerBlock, withChecksum } from '../../image-maker/tar-header';
import type { Seeds } from '../target';

const fixtures = path.resolve('test/fixtures/tar');

/** Archives of real tars, and some that no tar makes; the corpus has some in zstd, xz and bzip2, which Node 20 can't write. */
export function hostileLayers(): Promise<Seeds> {
  const real = readdirSync(fixtures).filter((name) => name.endsWith('.tar.gz'));
  const sound = real.map((name) => [name, gunzipSync(readFileSync(path.join(fixtures, name)))] as const);
  return Promise.resolve({
    ...Object.fromEntries(sound),
    ...everyKind(),
    ...names(),
    ...claims(),
  });
}

function everyKind(): Seeds {
  const entries: Entry[] = [
    { path: 'bin', kind: 'directory', mode: 0o1777 },
    { path: 'bin/app', kind: 'file', content: 'app', xattrs: new Map([['user.x', Buffer.from('y')]]) },
    { path: 'bin/again', kind: 'hardlink', target: 'bin/app' },
    { path: 'bin/link', kind: 'symlink', target: '../etc' },
    { path: 'dev/null', kind: 'char', major: 1, minor: 3 },
    { path: 'dev/disk', kind: 'block', major: 8, minor: 0 },
    { path: 'run/pipe', kind: 'fifo' },
    { path: 'etc/old', kind: 'whiteout' },
    { path: 'var', kind: 'opaque' },
    { path: `${'long/'.repeat(40)}name`, kind: 'file', content: 'x'.repeat(600), uid: 2 ** 31 },
  ];
  const tar = tarArchive(entries);
  const gnu = tarArchive(entries, { dialect: 'gnu', prefix: './' });
  const sparse = (['gnu', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const).map((format: SparseFormat) => {
    const content = Buffer.concat([Buffer.alloc(8192), new Random(1).bytes(512), Buffer.alloc(8192)]);
    return [
      `sparse, ${format}`,
      tarArchive([{ path: 'sparse', kind: 'file', content, sparse: format }]),
    ] as const;
  });
  return {
    'every kind': tar,
    'every kind, in GNU style': gnu,
    'every kind, gzip': gzipSync(tar),
    'every kind, gzip in two members': Buffer.concat([
      gzipSync(tar.subarray(0, 700)),
      gzipSync(tar.subarray(700)),
    ]),
    ...Object.fromEntries(sparse),
  };
}

function names(): Seeds {
  const hostile = [
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    'a/../../b',
    '',
    '.',
    'a\nb',
    '\x1b[2J',
    '.wh..wh.x',
    'x'.repeat(5000),
  ];
  const one = (name: string): [string, Buffer] => [
    `the name ${JSON.stringify(name.slice(0, 12))}`,
    tarArchive([{ path: name, kind: 'file', content: 'x' }]),
  ];
  const links: Entry[] = [
    { path: 'a', kind: 'symlink', target: 'b' },
    { path: 'b', kind: 'symlink', target: 'a' },
    { path: 'a/x', kind: 'file', content: '' },
  ];
  return {
    ...Object.fromEntries(hostile.map(one)),
    'a file behind links in a circle': tarArchive(links),
    'a file behind a link that leads out': tarArchive([
      { path: 'out', kind: 'symlink', target: '../../../../tmp' },
      { path: 'out/x', kind: 'file', content: 'x' },
    ]),
    'a hard link to what is not there': tarArchive([{ path: 'x', kind: 'hardlink', target: '/etc/shadow' }]),
    'a hard link to itself': tarArchive([{ path: 'x', kind: 'hardlink', target: 'x' }]),
    'a file that is a folder as well': tarArchive([
      { path: 'x/y', kind: 'file', content: '' },
      { path: 'x', kind: 'file', content: '' },
      { path: 'x/z', kind: 'directory' },
    ]),
    'folders deeper than any path': tarArchive([{ path: 'd/'.repeat(20_000), kind: 'directory' }]),
    'whiteouts of everything': tarArchive([
      { path: '', kind: 'opaque' },
      { path: '.', kind: 'whiteout' },
      { path: '..', kind: 'whiteout' },
    ]),
  };
}

function claims(): Seeds {
  const claiming = (size: number) => headerBlock({ ...emptyHeader, name: 'x', size }, 'gnu');
  const negative = claiming(0);
  negative.fill(0xff, 124, 136);
  return {
    'a file of 8 GiB that ends': claiming(2 ** 33 - 1),
    'a file of 2^60 bytes': claiming(2 ** 60),
    'a file of negative size': withChecksum(negative),
    'a pax header of 4 GiB': headerBlock({ ...emptyHeader, name: 'x', type: 'x', size: 2 ** 32 }, 'gnu'),
    'a long name of 4 GiB': headerBlock({ ...emptyHeader, name: 'x', type: 'L', size: 2 ** 32 }, 'gnu'),
    'pax headers without end': Buffer.concat(Array.from({ length: 400 }, () => paxHeader('path=x'))),
    'a sparse file of 2^53 bytes': sparseFile(2 ** 53),
  };
}

function paxHeader(...records: readonly string[]): Buffer {
  const body = Buffer.from(
    records
      .map((record) => {
        const length = record.length + 2;
        const total = length + String(length + String(length).length).length;
        return `${total} ${record}\n`;
      })
      .join(''),
  );
  const header = headerBlock({ ...emptyHeader, name: 'pax', type: 'x', size: body.length }, 'ustar');
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function sparseFile(size: number): Buffer {
  const file = headerBlock({ ...emptyHeader, name: 'sparse' }, 'ustar');
  const head = paxHeader(
    'GNU.sparse.major=0',
    'GNU.sparse.minor=1',
    'GNU.sparse.map=0,0',
    `GNU.sparse.size=${size}`,
  );
  return Buffer.concat([head, file, Buffer.alloc(1024)]);
}

/** Layers that unpack to very much, or to nothing at great length. */
export function layerBombs(): Promise<Seeds> {
  const header = headerBlock({ ...emptyHeader, name: 'zeros', size: 2 ** 26 }, 'gnu');
  const entry = tarArchive([{ path: 'x'.repeat(99), kind: 'file', content: '' }]).subarray(0, 512);
  return Promise.resolve({
    'a file of 64 MiB in zstd, of 2 kB': zstdRuns(header, 2 ** 26),
    'a file of 64 MiB in gzip, of 64 kB': gzipSync(Buffer.concat([header, Buffer.alloc(2 ** 26 + 1024)])),
    '65,536 files in gzip, of 160 kB': gzipSync(Buffer.alloc(2 ** 25, entry)),
    'a sparse file of a tebibyte': sparseFile(2 ** 40),
    // By xz and bzip2: the header above with 64 MiB of zeros, the word "more" with -9, and nothing.
    'a file of 64 MiB in bzip2, of 143 bytes': Buffer.from(
      'QlpoOTFBWSZTWaXGAEkFfkHbgMyAQAB1AgAIYgCeEAAIIABwUaMgaNMjQRUCANDR6lfMqwCgCqolgAQFVRN6OctKgCAqqJkumKToiT5vMvJ5teQUfY2x79H0RsigCqon5igrJMprNtaNh4AUT7gCGAAAAIABBAAGGYE1TTEClS2qgKVLxdyRThQkP04bK8A=',
      'base64',
    ),
    'xz streams that each want 64 MiB': Buffer.alloc(
      60 * 500,
      '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQADbW9yZQC8ukx3P9xzygABHARvLJzBH7bzfQEAAAAABFla',
      'base64',
    ),
    'bzip2 streams of nothing': Buffer.alloc(14 * 2000, 'QlpoORdyRThQkAAAAAA=', 'base64'),
    'a zstd window of 2 TiB': Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0]),
    'zstd blocks of nothing': Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50]),
      Buffer.alloc(30_000),
      Buffer.from([1, 0, 0]),
    ]),
    'zstd frames that are to be skipped': Buffer.alloc(
      32_000,
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]),
    ),
  });
}

/** A frame of blocks that each say that one byte comes 128 KiB times (RFC 8878, 3.1.1.2). */
function zstdRuns(start: Buffer, length: number): Buffer {
  const blockHeader = (type: number, size: number, isLast = false) => {
    const header = Buffer.alloc(3);
    header.writeUIntLE((size << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
    return header;
  };
  const run = Buffer.concat([blockHeader(1, 2 ** 17), Buffer.alloc(1)]);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]),
    blockHeader(0, start.length),
    start,
    ...Array.from({ length: length / 2 ** 17 }, () => run),
    blockHeader(0, 0, true),
  ]);
}
