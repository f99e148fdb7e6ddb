import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import type { Directory, FileContent, RegularFile } from '../../../src/core/rootfs/tree';
import { CodecPool } from '../../../src/core/squashfs/codec-pool';
import { storedSize } from '../../../src/core/squashfs/data-blocks';
import { dataStoredBit } from '../../../src/core/squashfs/format';
import type { BlockContent } from '../../../src/core/squashfs/reader';
import type { SquashfsSource } from '../../../src/core/squashfs/writer';
import {
  contentOf as given,
  directory,
  file,
  type MemoryContent,
  noise,
  sourceOf,
  text,
  WriterBench,
} from './memory-tree';
import { codecDirectory, contentOf, fileAt, withReader } from './sample';

const bench = new WriterBench();
after(() => bench.close());

const blockSize = 4096;

async function withWritten<T>(
  source: SquashfsSource<MemoryContent>,
  use: (fileNamed: (name: string) => RegularFile<BlockContent>, read: ReadFile) => T | Promise<T>,
): Promise<T> {
  const { file: image } = await bench.writeFrom(source);
  return withReader(image, async (reader) => {
    const root = await reader.readTree(silentJob());
    return use(
      (name) => fileAt(root, name),
      (name) => contentOf(reader, fileAt(root, name)),
    );
  });
}
const withWrittenTree = <T>(root: Directory<MemoryContent>, use: UseWritten<T>) =>
  withWritten(sourceOf(root), use);

type UseWritten<T> = Parameters<typeof withWritten<T>>[1];
type ReadFile = (name: string) => Promise<Buffer>;

/** A source that does with the wanted files what a test says. */
const sourceThatGives = (
  root: Directory<MemoryContent>,
  contents: (wanted: readonly RegularFile<MemoryContent>[]) => FileContent<MemoryContent>[],
): SquashfsSource<MemoryContent> => ({
  ...sourceOf(root),
  async *contents(wanted) {
    for (const content of contents(wanted)) yield await Promise.resolve(content);
  },
});

describe('the contents of a written file', () => {
  const sizes = [0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 20_000];
  for (const [kind, make] of Object.entries({ text, noise })) {
    for (const size of sizes) {
      it(`has ${size} bytes of ${kind} in blocks, or in a fragment if they are fewer than a block`, async () => {
        await withWrittenTree(directory({ it: file(make(size)) }), async (fileNamed, read) => {
          const { content } = fileNamed('it');
          assert.deepEqual(await read('it'), make(size));
          const inFragment = size > 0 && size < blockSize;
          assert.equal(content.fragment !== undefined, inFragment);
          assert.equal(content.blockSizes.length, inFragment ? 0 : Math.ceil(size / blockSize));
          for (const sizeField of content.blockSizes) {
            assert.equal((sizeField & dataStoredBit) !== 0, kind === 'noise' || storedSize(sizeField) === 1);
          }
        });
      });
    }
  }

  it('shares fragment blocks, and begins a new one where a file does not fit', async () => {
    const files = { a: file(noise(2000, 'a')), b: file(noise(2096, 'b')), c: file(noise(1, 'c')) };
    await withWrittenTree(directory(files), (fileNamed) => {
      assert.deepEqual(fileNamed('a').content.fragment, { index: 0, offset: 0 });
      assert.deepEqual(fileNamed('b').content.fragment, { index: 0, offset: 2000 });
      assert.deepEqual(fileNamed('c').content.fragment, { index: 1, offset: 0 });
    });
  });

  it('lies once for all files with the same bytes', async () => {
    const twice = (bytes: Buffer) => ({ one: file(bytes), other: directory({ two: file(bytes) }) });
    for (const size of [100, 20_000]) {
      await withWrittenTree(directory(twice(noise(size))), async (fileNamed, read) => {
        assert.notEqual(fileNamed('one'), fileNamed('other/two'));
        assert.deepEqual(fileNamed('one').content, fileNamed('other/two').content);
        assert.deepEqual(await read('other/two'), noise(size));
      });
      const { size: single } = await bench.write(directory({ one: file(noise(size)) }));
      const { size: double } = await bench.write(directory(twice(noise(size))));
      assert.equal(double, single);
    }
  });

  it('is asked for once of all files with the same bytes, and never where there are none', async () => {
    const same = file('same');
    const root = directory({ a: file('same'), b: same, c: same, empty: file(''), d: file('other') });
    const asked: string[] = [];
    await bench.writeFrom({
      ...sourceOf(root),
      contents: (wanted) => {
        for (const one of wanted) asked.push(Buffer.concat([...one.content.chunks()]).toString());
        return sourceOf(root).contents(wanted);
      },
    });
    assert.deepEqual(asked, ['same', 'other']);
  });

  it('has holes where whole blocks are zeros', async () => {
    const zeros = Buffer.alloc(blockSize);
    const block = noise(blockSize);
    const cases = {
      all: { bytes: Buffer.alloc(3 * blockSize), holes: [true, true, true] },
      tail: { bytes: Buffer.concat([block, Buffer.alloc(10)]), holes: [false, true] },
      amid: { bytes: Buffer.concat([block, zeros, block]), holes: [false, true, false] },
      first: { bytes: Buffer.concat([zeros, block]), holes: [true, false] },
      small: { bytes: Buffer.alloc(10), holes: [true] },
      unaligned: { bytes: Buffer.concat([Buffer.from('x'), zeros, zeros]), holes: [false, true, true] },
    };
    const files = Object.entries(cases).map(([name, { bytes }]) => [name, file(bytes)] as const);
    await withWrittenTree(directory(Object.fromEntries(files)), async (fileNamed, read) => {
      for (const [name, { bytes, holes }] of Object.entries(cases)) {
        assert.deepEqual(
          Array.from(fileNamed(name).content.blockSizes, (size) => size === 0),
          holes,
          name,
        );
        assert.ok(bytes.equals(await read(name)), name);
      }
    });
  });

  it('lies in the order in which the source is read', async () => {
    const files = { a: file(noise(5000, 'a')), b: file(noise(6000, 'b')), c: file(noise(7000, 'c')) };
    const root = directory(files);
    const startsOf = (source: SquashfsSource<MemoryContent>) =>
      withWritten(source, (fileNamed) => ['a', 'b', 'c'].map((name) => fileNamed(name).content.start));
    const [a, b, c] = await startsOf(sourceOf(root));
    assert.ok(a !== undefined && b !== undefined && c !== undefined && a < b && b < c);
    const largestFirst = (files: readonly RegularFile<MemoryContent>[]) =>
      files.toSorted((one, other) => other.size - one.size);
    const backwards = { ...sourceOf(root), inReadingOrder: largestFirst };
    const [a2, b2, c2] = await startsOf(backwards);
    assert.ok(a2 !== undefined && b2 !== undefined && c2 !== undefined && a2 > b2 && b2 > c2);
  });

  it('is reported as it is done, up to all of it', async () => {
    const root = directory({ a: file(noise(5000)), b: file('small'), c: file('small'), d: file(text(9000)) });
    const reports: unknown[][] = [];
    const job = { ...silentJob(), progress: (...report: unknown[]) => void reports.push(report) };
    await bench.write(root, { job });
    const total = 5000 + 5 + 9000;
    assert.deepEqual(reports.at(-1), ['compress', total, total]);
    const done = reports.map(([, bytes]) => Number(bytes));
    assert.deepEqual(
      done,
      [...done].sort((x, y) => x - y),
    );
  });
});

describe('a source that gives something else than asked', () => {
  const a = file(noise(10_000, 'a'));
  const b = file('b');
  const root = directory({ a, b });
  const wrongSources = {
    'a file of another tree': {
      contents: () => [given(a), given(b), given(file('c'))],
      found: /gave a file that was not asked for, or twice/,
    },
    'one file twice': {
      contents: () => [given(a), given(b), given(a)],
      found: /gave a file that was not asked for, or twice/,
    },
    'files out of order': {
      contents: () => [given(b), given(a)],
      found: /gave a file that was not asked for, .* or out of order/,
    },
    'one file too few': { contents: () => [given(a)], found: /gave 1 of 2 files too few/ },
    nothing: { contents: () => [], found: /gave 2 of 2 files too few/ },
    'too few bytes': {
      contents: () => [given(a, [noise(9999, 'a')]), given(b)],
      found: /a file of 10000 bytes gave only 9999/,
    },
    'no bytes': {
      contents: () => [given(a, []), given(b)],
      found: /a file of 10000 bytes gave only 0/,
    },
    'too many bytes': {
      contents: () => [given(a), given(b, [Buffer.from('b'), Buffer.from('x')])],
      found: /a file of 1 bytes gave more/,
    },
  };
  for (const [what, { contents, found }] of Object.entries(wrongSources)) {
    it(`is refused: ${what}`, async () => {
      await assert.rejects(bench.writeFrom(sourceThatGives(root, contents)), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.doing, 'reading the files of the image');
        assert.match(error.found, found);
        return true;
      });
      assertClosed(bench.folder);
    });
  }

  it('fails the writing with its own error, and is ended', async () => {
    const broken = new Error('the network is gone');
    let ended = false;
    const source: SquashfsSource<MemoryContent> = {
      ...sourceOf(root),
      async *contents() {
        try {
          yield await Promise.resolve(given(a, chunksThenError(broken)));
        } finally {
          ended = true;
        }
      },
    };
    await assert.rejects(bench.writeFrom(source), broken);
    assert.ok(ended);
    assertClosed(bench.folder);
  });
});

function* chunksThenError(error: Error): Generator<Uint8Array> {
  yield noise(100);
  throw error;
}

describe('a job that is stopped', () => {
  const root = directory(
    Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}`, file(noise(5000, `${index}`))])),
  );

  it('writes nothing if it was stopped before', async () => {
    const job = { ...silentJob(), signal: AbortSignal.abort() };
    await assert.rejects(bench.write(root, { job }), { name: 'AbortError' });
    assertClosed(bench.folder);
  });

  it('stops amid the contents, and ends the source', async () => {
    const controller = new AbortController();
    let gave = 0;
    let ended = false;
    const source: SquashfsSource<MemoryContent> = {
      ...sourceOf(root),
      async *contents(wanted) {
        try {
          for (const one of wanted) {
            if (++gave === 10) controller.abort(new Error('no longer wanted'));
            yield await Promise.resolve(given(one));
          }
        } finally {
          ended = true;
        }
      },
    };
    const job = { ...silentJob(), signal: controller.signal };
    await assert.rejects(bench.writeFrom(source, { job }), /no longer wanted/);
    assert.equal(gave, 10);
    assert.ok(ended);
    assertClosed(bench.folder);
  });

  it('does not wait for threads that never answer', { timeout: 60_000 }, async () => {
    const controller = new AbortController();
    const pool = new CodecPool({ directory: codecDirectory, workers: 1 });
    let asked = 0;
    pool.compress = () => {
      if (++asked === 3) setImmediate(() => controller.abort());
      return new Promise(() => undefined);
    };
    const job = { ...silentJob(), signal: controller.signal };
    await assert.rejects(bench.write(root, { job, pool }), { name: 'AbortError' });
    assertClosed(bench.folder);
    await pool.close();
  });
});

/** That this process has no file below `folder` open; where the system can tell. */
function assertClosed(folder: string): void {
  if (process.platform !== 'linux') return;
  const open = readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return []; // That of this very reading.
    }
  });
  assert.deepEqual(
    open.filter((target) => target.startsWith(folder)),
    [],
  );
}
