import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { regularFiles, type Directory, type RegularFile } from '../../../src/core/rootfs/tree';
import { encodingId, type SquashfsFormat } from '../../../src/core/squashfs/compression';
import { hashContents } from '../../../src/core/squashfs/hash-contents';
import { PackedBlocks } from '../../../src/core/squashfs/packed-blocks';
import { SquashfsReader, type BlockContent } from '../../../src/core/squashfs/reader';
import { inSameBytes } from '../../../src/core/squashfs/same-bytes';
import {
  directory,
  file,
  noise,
  smallXz,
  sourceOf,
  text,
  WriterBench,
  type MemoryContent,
} from './memory-tree';
import { codecDirectory, fileAt } from './sample';

const bench = new WriterBench();
after(() => bench.close());

/** Text, holes, and small files enough for some fragment blocks. */
const files: Record<string, RegularFile<MemoryContent>> = {
  large: file(text(50_000)),
  stored: file(noise(9000)),
  sparse: file(Buffer.concat([text(4096), Buffer.alloc(8192), text(100)])),
  zeros: file(Buffer.alloc(100)),
  ...Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`small-${index}`, file(text(300, `${index}`))]),
  ),
};
const before = directory(files);

interface Opened {
  readonly reader: SquashfsReader;
  readonly root: Directory<BlockContent>;
  readonly ready: PackedBlocks;
}

/** Writes `before`, and opens it for the next to take blocks from. */
async function withReady<T>(
  use: (opened: Opened) => Promise<T>,
  isKnown: (file: RegularFile<BlockContent>, root: Directory<BlockContent>) => boolean = () => true,
): Promise<T> {
  const { file: path } = await bench.write(before);
  const reader = await SquashfsReader.open(path, codecDirectory);
  try {
    const root = await reader.readTree(silentJob());
    const known = [...regularFiles(root)].filter((one) => isKnown(one, root));
    const hashes = await hashContents(reader, known, bench.pool, silentJob());
    return await use({ reader, root, ready: await PackedBlocks.of(reader, root, hashes) });
  } finally {
    await reader.close();
  }
}

describe('packed blocks that are ready', () => {
  const changes: Record<string, Directory<MemoryContent>> = {
    'nothing changed': before,
    'a small file changed': directory({ ...files, 'small-30': file(text(310, 'changed')) }),
    'a large file changed': directory({ ...files, large: file(text(50_001)) }),
    'a file is new': directory({ ...files, 'small-11a': file(text(20_000, 'new')) }),
    'a file is gone': directory(
      Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'small-7')),
    ),
    'files changed places': directory({ ...files, sparse: file(text(9)), other: file(text(50_000)) }),
    'all is new': directory({ other: file(noise(20_000, 'other')), small: file('other') }),
  };
  for (const [what, root] of Object.entries(changes)) {
    it(`change no byte of the result: ${what}`, async () => {
      const { file: scratch } = await bench.write(root);
      const { file: quick } = await withReady(({ ready }) => bench.write(root, { ready }));
      assert.ok(readFileSync(quick).equals(readFileSync(scratch)));
    });
  }

  it('are none of which only some files are known', async () => {
    const root = directory(Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'small-7')));
    const { file: scratch } = await bench.write(root);
    const { file: quick } = await withReady(
      ({ ready }) => bench.write(root, { ready }),
      (one, old) => one !== fileAt(old, 'small-7'),
    );
    assert.ok(readFileSync(quick).equals(readFileSync(scratch)));
  });

  it('are neither compressed nor asked for again', async () => {
    const asked: string[] = [];
    const source = sourceOf(before);
    await withReady(({ ready }) =>
      bench.writeFrom(
        {
          ...source,
          contents: (wanted) => {
            asked.push(...wanted.map(({ content }) => content.sha256));
            return source.contents(wanted);
          },
        },
        { ready },
      ),
    );
    assert.deepEqual(asked, []);
  });

  it('lie in the result in the same bytes, and only those are said to', async () => {
    const root = directory({
      ...files,
      // As long as before, so that all others stay where they are.
      'small-30': file(noise(files['small-30']?.size ?? 0, 'other')),
      stored: file(noise(9000, 'other')),
    });
    await withReady(async ({ reader, root: old, ready }) => {
      const { file: path } = await bench.write(root, { ready });
      const written = await SquashfsReader.open(path, codecDirectory);
      try {
        const tree = await written.readTree(silentJob());
        const names = Object.keys(files);
        const pairs = names.map((name) => [fileAt(tree, name), fileAt(old, name)] as const);
        const same = await inSameBytes([written, reader], pairs, silentJob());
        const others = names.filter((name) => !same.has(fileAt(tree, name)));
        const neighbours = names.filter(
          (name) =>
            fileAt(tree, name).content.fragment?.index === fileAt(tree, 'small-30').content.fragment?.index,
        );
        assert.ok(neighbours.includes('small-30') && neighbours.length < 30);
        assert.deepEqual(new Set(others), new Set(['stored', ...neighbours]));
      } finally {
        await written.close();
      }
    });
  });
});

describe('encodingId', () => {
  const format = (change: Partial<SquashfsFormat>) => encodingId({ ...smallXz, ...change });

  it('tells apart what gives other bytes', () => {
    const ids = [
      format({}),
      format({ blockSize: 8192 }),
      format({ compression: { compressor: 'xz', filters: ['x86'] } }),
      format({ compression: { compressor: 'xz', filters: ['x86', 'arm'] } }),
      format({ compression: { compressor: 'gzip', level: 9 } }),
      format({ compression: { compressor: 'gzip', level: 8 } }),
      format({ compression: { compressor: 'zstd', level: 9 } }),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('names the codecs in the versions that are bundled', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const liblzma = JSON.parse(readFileSync('scripts/liblzma/package.json', 'utf8')) as { version: string };
    const versions: Record<string, string> = { ...devDependencies, liblzma: liblzma.version };
    const names = ['xz', 'gzip', 'zstd'] as const;
    const packages = ['liblzma', 'pako', '@hpcc-js/wasm-zstd'];
    for (const [index, compressor] of names.entries()) {
      const id = format({ compression: compressor === 'xz' ? { compressor } : { compressor, level: 9 } });
      const name = packages[index] ?? '';
      assert.ok(id.includes(`${name}@${versions[name] ?? '?'}`), `${id} of ${name}`);
    }
  });
});
