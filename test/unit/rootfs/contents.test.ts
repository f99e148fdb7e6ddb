import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentJob } from '../../../src/core/job';
import { Problem } from '../../../src/core/problem';
import { streamContents, type LayerSource } from '../../../src/core/rootfs/contents';
import { mergeLayers } from '../../../src/core/rootfs/merge';
import type { LayerContent } from '../../../src/core/rootfs/open-tree';
import { nodeAt, regularFiles, type Directory, type RegularFile } from '../../../src/core/rootfs/tree';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { gathered, inChunks } from './chunks';
import { file, gone, hardLink, indexOf } from './layers';

/** Layers that know how often and how far they have been read. */
class Layers {
  readonly opened: number[] = [];
  readonly bytesRead: number[] = [];
  readonly closed: number[] = [];
  readonly sources: readonly LayerSource[];

  constructor(tars: readonly Buffer[]) {
    this.sources = tars.map((tar, layer) => ({ open: () => this.#read(tar, layer) }));
  }

  async *#read(tar: Buffer, layer: number): AsyncGenerator<Uint8Array> {
    this.opened.push(layer);
    this.bytesRead[layer] = 0;
    try {
      for await (const chunk of inChunks(tar, 100)) {
        this.bytesRead[layer] += chunk.length;
        yield chunk;
      }
    } finally {
      this.closed.push(layer);
    }
  }
}

interface Opened {
  readonly layers: Layers;
  readonly tars: readonly Buffer[];
  readonly root: Directory<LayerContent>;
}

async function open(...entries: readonly (readonly Entry[])[]): Promise<Opened> {
  const tars = entries.map((layer) => tarArchive(layer));
  const { root } = await mergeLayers(await Promise.all(tars.map(indexOf)), { time: 0 }, silentJob());
  return { layers: new Layers(tars), tars, root };
}

function fileAt(root: Directory<LayerContent>, path: string): RegularFile<LayerContent> {
  const node = nodeAt(root, path);
  assert.ok(node?.kind === 'file');
  return node;
}

async function textsOf({ layers }: Opened, wanted: readonly RegularFile<LayerContent>[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const { file: of, chunks } of streamContents(layers.sources, wanted, silentJob())) {
    assert.ok(wanted.includes(of));
    texts.push((await gathered(chunks)).toString());
  }
  return texts;
}

const problem = (error: unknown) =>
  error instanceof Problem && error.found === 'the layer holds something else than it did before';

describe('streamContents', () => {
  it('gives contents in the order of the layers, each layer read once', async () => {
    const opened = await open(
      [file('c', 'c0'), file('a', 'a0'), file('x', 'x0')],
      [],
      [file('b', 'b2'), file('x', 'x2')],
    );
    assert.deepEqual(await textsOf(opened, regularFiles(opened.root)), ['c0', 'a0', 'b2', 'x2']);
    assert.deepEqual(opened.layers.opened, [0, 2]);
    assert.deepEqual(opened.layers.closed, [0, 2]);
  });

  it('reads nothing if nothing is wanted', async () => {
    const opened = await open([file('a', 'a')]);
    assert.deepEqual(await textsOf(opened, []), []);
    assert.deepEqual(opened.layers.opened, []);
  });

  it('reads no layer for the sake of empty files', async () => {
    const opened = await open([file('x', 'x'), file('a', ''), file('b', '')]);
    assert.deepEqual(await textsOf(opened, [fileAt(opened.root, 'b'), fileAt(opened.root, 'a')]), ['', '']);
    assert.deepEqual(opened.layers.opened, []);
  });

  it('reads no layer for the sake of a hole', async () => {
    const opened = await open([
      { kind: 'file', path: 'hole', content: Buffer.alloc(5000), sparse: 'pax-1.0' },
    ]);
    assert.deepEqual(await textsOf(opened, regularFiles(opened.root)), ['\0'.repeat(5000)]);
    assert.deepEqual(opened.layers.opened, []);
  });

  it('reads only as far as it must', async () => {
    const opened = await open([file('a', 'a'), file('b', 'b'.repeat(5000)), file('c', 'c'.repeat(50_000))]);
    assert.deepEqual(await textsOf(opened, [fileAt(opened.root, 'b')]), ['b'.repeat(5000)]);
    const { offset } = fileAt(opened.root, 'b').content;
    assert.ok((opened.layers.bytesRead[0] ?? 0) < offset + 5000 + 100);
    assert.deepEqual(opened.layers.closed, [0]);
  });

  it('gives a file with several names, or asked for several times, once', async () => {
    const opened = await open([file('a', 'a'), hardLink('b', 'a')]);
    const wanted = ['a', 'b', 'a'].map((path) => fileAt(opened.root, path));
    assert.deepEqual(await textsOf(opened, wanted), ['a']);
  });

  it('gives what a hard link kept of a lower layer', async () => {
    const opened = await open([file('a', 'a')], [hardLink('b', 'a'), gone('a')]);
    assert.deepEqual(await textsOf(opened, regularFiles(opened.root)), ['a']);
  });

  for (const sparse of ['gnu', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const) {
    it(`fills the holes of sparse files: ${sparse}`, async () => {
      const content = Buffer.concat([
        Buffer.alloc(8192),
        Buffer.from('data'),
        Buffer.alloc(9000),
        Buffer.from('end'),
      ]);
      const opened = await open([
        file('a', 'a'),
        { kind: 'file', path: 's', content, sparse },
        file('z', 'z'),
      ]);
      assert.deepEqual(await textsOf(opened, regularFiles(opened.root)), ['a', content.toString(), 'z']);
    });
  }

  it('notices that a layer is another', async () => {
    for (const change of [
      (tar: Buffer) => tar.write('X', tar.indexOf('content')),
      (tar: Buffer) => tar.fill(0, 512),
    ]) {
      const { tars, root } = await open([file('a', 'some content')]);
      tars.forEach(change);
      const reading = textsOf({ tars, root, layers: new Layers(tars) }, regularFiles(root));
      await assert.rejects(reading, problem);
    }
  });

  it('notices that a layer is shorter', async () => {
    const { tars, root } = await open([file('a', 'a'), file('b', 'content'.repeat(100))]);
    for (const length of [0, 512, 1500, 1700]) {
      const cut = tars.map((tar) => tar.subarray(0, length));
      await assert.rejects(
        textsOf({ tars: cut, root, layers: new Layers(cut) }, [fileAt(root, 'b')]),
        problem,
      );
    }
  });

  it('lets go of a layer when its reader stops early', async () => {
    const opened = await open([file('a', 'a'), file('b', 'b')]);
    for await (const { chunks } of streamContents(
      opened.layers.sources,
      regularFiles(opened.root),
      silentJob(),
    )) {
      await gathered(chunks);
      break;
    }
    assert.deepEqual(opened.layers.closed, [0]);
  });

  it('stops when it is told to', async () => {
    const opened = await open([file('a', 'a'.repeat(1000)), file('b', 'b')]);
    const stop = new AbortController();
    const job = { ...silentJob(), signal: stop.signal };
    await assert.rejects(
      async () => {
        for await (const { chunks } of streamContents(
          opened.layers.sources,
          regularFiles(opened.root),
          job,
        )) {
          for await (const chunk of chunks) if (chunk.length > 0) stop.abort();
        }
      },
      { name: 'AbortError' },
    );
    assert.deepEqual(opened.layers.closed, [0]);
  });
});
