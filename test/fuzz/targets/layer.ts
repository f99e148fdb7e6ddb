import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { compressionOf, decompressed } from '../../../src/core/image/layer-compression';
import { streamContents } from '../../../src/core/rootfs/contents';
import { indexLayer } from '../../../src/core/rootfs/index-layer';
import { decodeLayerIndex, encodeLayerIndex } from '../../../src/core/rootfs/layer-index-codec';
import { mergeLayers } from '../../../src/core/rootfs/merge';
import { withPvrStructure } from '../../../src/core/rootfs/pvr-structure';
import { regularFiles, walk } from '../../../src/core/rootfs/tree';
import { makeLayer } from '../../image-maker/layer';
import { hostileLayers, layerBombs } from '../hostile/layer';
import { varyTar } from '../tar-blocks';
import type { Target } from '../target';
import { varyBytes } from '../vary-bytes';

const codecs = path.resolve('dist');

/** What lies below the layer: something to hide, to replace and to link to. */
const below = makeLayer([
  { path: 'etc', kind: 'directory' },
  { path: 'etc/old', kind: 'file', content: 'old' },
  { path: 'lib', kind: 'symlink', target: 'usr/lib' },
  { path: 'usr/lib/x', kind: 'file', content: 'x' },
]).tar;

/** Contents are read of files that together have no more bytes. */
const mostBytes = 8 * 2 ** 20;

export const target: Target = {
  seeds: hostileLayers,
  bombs: layerBombs,
  vary(input, others, random) {
    if (compressionOf(input) !== 'none') return varyBytes(input, others, random);
    const tar = varyTar(input, others, random);
    return random.chance(0.1) ? gzipSync(tar) : tar;
  },
  async read(input, _, job) {
    const open = () => decompressed(inChunks(input), codecs, 'reading a layer');
    const index = await indexLayer(open(), job);
    const again = decodeLayerIndex('sha256:0', encodeLayerIndex('sha256:0', index));
    if (again?.entries.length !== index.entries.length)
      throw new Error('the index does not survive being kept');
    const lower = await indexLayer(inChunks(below), job);
    const root = withPvrStructure((await mergeLayers([lower, index], { time: 0 }, job)).root, 0);
    const escaping = [...walk(root)].find(([name]) => /(^|\/)\.\.?(\/|$)/.test(name));
    if (escaping !== undefined) throw new Error(`the name ${JSON.stringify(escaping[0])} came through`);
    let bytes = 0;
    const files = regularFiles(root).filter(({ size }) => size < mostBytes && (bytes += size) < mostBytes);
    const sources = [{ open: () => inChunks(below) }, { open }];
    for await (const { file, chunks } of streamContents(sources, files, job)) {
      let size = 0;
      for await (const chunk of chunks) size += chunk.length;
      if (size !== file.size) throw new Error(`a file of ${file.size} bytes was read as ${size}`);
    }
  },
};

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 65536) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 65536);
  }
}
