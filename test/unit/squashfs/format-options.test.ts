import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteStringFromText } from '../../../src/core/bytes/byte-string';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { defaultFormat, type SquashfsFormat } from '../../../src/core/squashfs/compression';
import { parseFormatOptions, pathsToLeaveOut } from '../../../src/core/squashfs/format-options';

const gzip4: SquashfsFormat = { compression: { compressor: 'gzip', level: 4 }, blockSize: 65536 };

describe('parseFormatOptions', () => {
  it('leaves to the present file what the options do not say', () => {
    for (const present of [defaultFormat, gzip4]) {
      assert.deepEqual(parseFormatOptions('', present), present);
      assert.deepEqual(parseFormatOptions('  ', present), present);
      assert.deepEqual(parseFormatOptions('-b 1M', present), { ...present, blockSize: 1048576 });
    }
    assert.deepEqual(parseFormatOptions('-comp xz', gzip4), { ...gzip4, compression: { compressor: 'xz' } });
    assert.deepEqual(parseFormatOptions('-Xcompression-level 6', gzip4), {
      ...gzip4,
      compression: { compressor: 'gzip', level: 6 },
    });
  });

  it("takes mksquashfs's default level for a compressor that is named without one", () => {
    const compressionOf = (text: string) => parseFormatOptions(text, gzip4).compression;
    assert.deepEqual(compressionOf('-comp gzip'), { compressor: 'gzip', level: 9 });
    assert.deepEqual(compressionOf('-comp zstd'), { compressor: 'zstd', level: 15 });
    assert.deepEqual(compressionOf('-Xcompression-level 22 -comp zstd'), { compressor: 'zstd', level: 22 });
    assert.deepEqual(compressionOf('-comp gzip -Xcompression-level 1'), { compressor: 'gzip', level: 1 });
  });

  it('reads the filters of xz, in whatever order', () => {
    const x86: SquashfsFormat = { ...defaultFormat, compression: { compressor: 'xz', filters: ['x86'] } };
    const compressionOf = (text: string, present = defaultFormat) =>
      parseFormatOptions(text, present).compression;
    assert.deepEqual(compressionOf('-comp xz -Xbcj x86'), x86.compression);
    assert.deepEqual(compressionOf('-Xbcj armthumb,arm,arm'), {
      compressor: 'xz',
      filters: ['arm', 'armthumb'],
    });
    assert.deepEqual(compressionOf('-Xbcj arm64,sparc,ia64,powerpc').compressor, 'xz');
    assert.deepEqual(compressionOf('', x86), x86.compression);
    assert.deepEqual(compressionOf('-b 1M -Xdict-size 100%', x86), x86.compression);
    assert.deepEqual(compressionOf('-Xbcj arm', x86), { compressor: 'xz', filters: ['arm'] });
    // As with levels: who names the compressor names all of its options.
    assert.deepEqual(compressionOf('-comp xz', x86), { compressor: 'xz' });
  });

  it('reads block sizes as mksquashfs does', () => {
    const sizes = {
      '4096': 4096,
      '131072': 131072,
      '4K': 4096,
      '256k': 262144,
      '1M': 1048576,
      '1m': 1048576,
    };
    for (const [text, blockSize] of Object.entries(sizes)) {
      assert.equal(parseFormatOptions(`-b ${text}`, defaultFormat).blockSize, blockSize);
    }
  });

  it('takes the last of several, and any number of spaces', () => {
    assert.deepEqual(parseFormatOptions(' -b 4K  -comp gzip -b 8K -comp xz ', gzip4), {
      compression: { compressor: 'xz' },
      blockSize: 8192,
    });
  });

  it('passes over what changes nothing', () => {
    const text =
      '-noappend -no-progress -quiet -processors 4 -mem 1G -exports -xattrs -comp xz -Xdict-size 100%';
    assert.deepEqual(parseFormatOptions(text, defaultFormat), defaultFormat);
  });

  it('reads options before the paths that are left out', () => {
    assert.deepEqual(parseFormatOptions('-comp gzip -e lib/modules -e xz', defaultFormat), {
      ...defaultFormat,
      compression: { compressor: 'gzip', level: 9 },
    });
  });

  const refused = {
    '-comp lz4': "-comp lz4 can't be written here",
    '-comp lzo': "-comp lzo can't be written here",
    '-comp LZMA': "-comp LZMA can't be written here",
    '-comp': '-comp lacks its value',
    '-processors': '-processors lacks its value',
    '-b 3000': '-b 3000 is none of the block sizes, the powers of two from 4K to 1M',
    '-b 12K': '-b 12K is none of the block sizes, the powers of two from 4K to 1M',
    '-b 2K': '-b 2K is none of the block sizes, the powers of two from 4K to 1M',
    '-b 2M': '-b 2M is none of the block sizes, the powers of two from 4K to 1M',
    '-b -noappend': '-b -noappend is none of the block sizes, the powers of two from 4K to 1M',
    '-Xcompression-level 9': '-Xcompression-level is not for xz, which has no levels',
    '-comp gzip -Xcompression-level 10': '-Xcompression-level 10 is none of the levels of gzip, 1 to 9',
    '-comp zstd -Xcompression-level 0': '-Xcompression-level 0 is none of the levels of zstd, 1 to 22',
    '-comp zstd -Xcompression-level 1.5': '-Xcompression-level 1.5 is none of the levels of zstd, 1 to 22',
    '-comp xz -Xbcj': '-Xbcj lacks its value',
    '-comp xz -Xbcj mips':
      '-Xbcj mips names "mips", and the filters are x86, powerpc, ia64, arm, armthumb, sparc, arm64',
    '-comp xz -Xbcj x86,x87':
      '-Xbcj x86,x87 names "x87", and the filters are x86, powerpc, ia64, arm, armthumb, sparc, arm64',
    '-comp xz -Xbcj ,':
      '-Xbcj , names no filter, and the filters are x86, powerpc, ia64, arm, armthumb, sparc, arm64',
    '-comp xz -Xbcj riscv': "-Xbcj riscv: mksquashfs knows this filter, but it can't be written here",
    '-comp gzip -Xbcj x86': '-Xbcj is not for gzip, which has no filters',
    '-Xdict-size 50%':
      '-Xdict-size 50% asks for something else than xz with a dictionary as large as a block',
    '-comp gzip -Xdict-size 100%':
      '-Xdict-size 100% asks for something else than xz with a dictionary as large as a block',
    '-all-root': "mksquashfs knows -all-root, and it can't be done here",
    '-noI': "mksquashfs knows -noI, and it can't be done here",
    '-comp xz -mkfs-time 0': "mksquashfs knows -mkfs-time, and it can't be done here",
    '-wildcards -e *': "mksquashfs knows -wildcards, and it can't be done here",
    '-no-such-option': '-no-such-option is not understood',
    '-e': '-e lacks its paths',
    '-e lib/modules -e': '-e lacks its paths',
    '-e lib/modules -comp xz': '-comp follows -e, and what does so is a path for mksquashfs, not an option',
    xz: 'xz is not understood',
  };
  for (const [text, found] of Object.entries(refused)) {
    it(`refuses ${text}`, () => {
      assert.throws(
        () => parseFormatOptions(text, defaultFormat),
        (error: unknown) => {
          assert.ok(error instanceof Problem);
          assert.equal(error.doing, `reading the format options ${JSON.stringify(text)}`);
          assert.equal(error.found, found);
          assert.match(
            inTerminalWords(error.remedy),
            /-comp xz, gzip or zstd; -b with 4K to 1M; .*-noappend/,
          );
          return true;
        },
      );
    });
  }
});

describe('pathsToLeaveOut', () => {
  it('takes all words behind -e, and further -e as separators', () => {
    assert.deepEqual(pathsToLeaveOut('-comp xz -b 1M'), []);
    assert.deepEqual(pathsToLeaveOut('-comp xz -e lib/modules -e lib/firmware '), [
      'lib/modules',
      'lib/firmware',
    ]);
    assert.deepEqual(pathsToLeaveOut('-e lib/modules usr/share/doc'), ['lib/modules', 'usr/share/doc']);
    assert.deepEqual(pathsToLeaveOut('-e a b -e -e c'), ['a', 'b', 'c']);
  });

  it('takes every path from the root of the image', () => {
    const paths = pathsToLeaveOut('-e /lib/modules ./opt/ ././usr//share/doc// /./etc/. ä');
    assert.deepEqual(paths, ['lib/modules', 'opt', 'usr/share/doc', 'etc', byteStringFromText('ä')]);
  });

  const refused = {
    '-e ../etc': '-e ../etc leads upwards ("..")',
    '-e usr/../etc': '-e usr/../etc leads upwards ("..")',
    '-e usr/share/*': '-e usr/share/* is a pattern, and only paths can be left out',
    '-e usr/l?b': '-e usr/l?b is a pattern, and only paths can be left out',
    '-e usr/[a-z]': '-e usr/[a-z] is a pattern, and only paths can be left out',
    '-e /': '-e / leaves out all of the image',
    '-e usr ./': '-e ./ leaves out all of the image',
  };
  for (const [text, found] of Object.entries(refused)) {
    it(`refuses ${text}`, () => {
      assert.throws(
        () => pathsToLeaveOut(text),
        (error: unknown) => error instanceof Problem && error.found === found,
      );
    });
  }
});
