import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { SquashfsReader } from '../../src/core/squashfs/reader';
import { addApp } from '../../src/core/use-cases/add-app';
import { updateApp } from '../../src/core/use-cases/update-app';
import { withMounted } from '../device-view/device';
import type { Entry } from '../image-maker/entry';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { callsOf } from '../unit/squashfs/machine-code';
import { codecDirectory } from '../unit/squashfs/sample';
import { Workshop } from '../unit/use-cases/workshop';

const run = promisify(execFile);

const program = (name: string, content: Buffer): Entry => ({
  path: `bin/${name}`,
  kind: 'file',
  mode: 0o755,
  content,
});
/** Code of several blocks, and pieces that share one. */
const before = new Map([
  ['kept', callsOf('x86', 300_000)],
  ['updated', callsOf('arm64', 300_000)],
  ['small', callsOf('x86', 20_000)],
  ['tiny', callsOf('arm64', 20_000)],
]);
const after = new Map([
  ...before,
  ['updated', Buffer.concat([callsOf('x86', 200_000), callsOf('arm64', 200_000)])],
  ['small', callsOf('arm64', 30_000)],
  ['more', callsOf('x86', 30_000)],
]);
const v1 = makeImage([makeLayer([...before].map(([name, content]) => program(name, content)))]);
const v2 = derive(
  v1,
  [...after].filter(([name]) => name !== 'kept').map(([name, content]) => program(name, content)),
);

describe('the kernel reads what is packed with filters of machine code', () => {
  let workshop: Workshop;
  let sources: string;

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2 });
  });
  afterEach(() => workshop.close());

  const inCheckout = (file: string) => path.join(workshop.checkout, 'web', file);
  const add = (formatOptions?: string) =>
    addApp(
      workshop.checkout,
      { app: 'web', reference: 'localhost:1/web:v1', sources, formatOptions },
      workshop.environment,
      workshop.job(),
    );
  const update = (kind: 'patch' | 'new-base') =>
    updateApp(
      workshop.checkout,
      { app: 'web', kind, reference: 'localhost:1/web:v2', sources },
      workshop.environment,
      workshop.job(),
    );
  const filtersOf = async (file: string) => {
    await using reader = await SquashfsReader.open(inCheckout(file), codecDirectory);
    const { compression } = reader.format;
    return compression.compressor === 'xz' ? compression.filters : undefined;
  };
  const shows = (files: readonly string[], expected: ReadonlyMap<string, Buffer>) =>
    withMounted(files.map(inCheckout), async (root) => {
      for (const [name, content] of expected)
        assert.ok((await readFile(path.join(root, 'bin', name))).equals(content), name);
    });

  for (const filter of ['x86', 'arm64'] as const) {
    it(`an overlay over its base, and a new base: ${filter}`, async () => {
      await add(`-comp xz -Xbcj ${filter}`);
      await shows(['root.squashfs'], before);
      await update('patch');
      for (const file of ['root.squashfs', 'root.ovl.squashfs']) {
        assert.deepEqual(await filtersOf(file), [filter]);
        // The filter's id and its no properties, then LZMA2 and its one byte of them (the xz format, 3.1.5).
        const flags = Buffer.from([filter === 'x86' ? 0x04 : 0x0a, 0, 0x21, 1]);
        assert.ok((await readFile(inCheckout(file))).includes(flags), file);
      }
      await shows(['root.ovl.squashfs', 'root.squashfs'], after);
      await update('new-base');
      await shows(['root.squashfs'], after);
    });
  }

  it("says so in words that mksquashfs's own reader understands", async () => {
    await add('-comp xz -Xbcj arm,x86 -b 64K');
    const { stdout } = await run('unsquashfs', ['-s', inCheckout('root.squashfs')]);
    assert.match(stdout, /Dictionary size 65536\n\s+Filters selected: x86, arm\n/);
  });

  it('an overlay over a base by mksquashfs -Xbcj', async () => {
    await add();
    const folder = await mkdtemp(path.join(tmpdir(), 'machine-code-'));
    const [unpacked, packed] = [path.join(folder, 'root'), path.join(folder, 'root.squashfs')];
    await run('unsquashfs', ['-d', unpacked, '-no-progress', '-quiet', inCheckout('root.squashfs')]);
    await run('mksquashfs', [unpacked, packed, '-comp', 'xz', '-Xbcj', 'x86', '-no-progress', '-quiet']);
    await copyFile(packed, inCheckout('root.squashfs'));
    await rm(folder, { recursive: true });
    await update('patch');
    assert.deepEqual(await filtersOf('root.ovl.squashfs'), ['x86']);
    await shows(['root.ovl.squashfs', 'root.squashfs'], after);
  });
});
