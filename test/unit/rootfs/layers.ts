import { createHash } from 'node:crypto';
import { silentJob } from '../../../src/core/job';
import { indexLayer } from '../../../src/core/rootfs/index-layer';
import type { LayerIndex } from '../../../src/core/rootfs/layer-index';
import { type MergedImage, mergeLayers } from '../../../src/core/rootfs/merge';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { inChunks } from './chunks';
import { drawn } from './drawn';

type Metadata = Pick<Extract<Entry, { kind: 'fifo' }>, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>;

export const file = (path: string, content = '', metadata: Metadata = {}): Entry => ({
  ...metadata,
  kind: 'file',
  path,
  content,
});
export const folder = (path: string, metadata: Metadata = {}): Entry => ({
  ...metadata,
  kind: 'directory',
  path,
});
export const symlink = (path: string, target: string): Entry => ({ kind: 'symlink', path, target });
export const hardLink = (path: string, target: string): Entry => ({ kind: 'hardlink', path, target });
export const device = (path: string, major: number, minor: number): Entry => ({
  kind: 'char',
  path,
  major,
  minor,
});
export const gone = (path: string): Entry => ({ kind: 'whiteout', path });
export const opaque = (path: string): Entry => ({ kind: 'opaque', path });

export function indexOf(tar: Buffer): Promise<LayerIndex> {
  return indexLayer(inChunks(tar), silentJob());
}

/** The image of layers with these entries, lowest first, as each would be read from an archive. */
export async function merged(...layers: readonly (readonly Entry[])[]): Promise<MergedImage> {
  const indexes: LayerIndex[] = [];
  for (const entries of layers) indexes.push(await indexOf(tarArchive(entries)));
  return mergeLayers(indexes, { time: 0 }, silentJob());
}

/** {@link merged}, as text. */
export async function shownBy(...layers: readonly (readonly Entry[])[]): Promise<string[]> {
  const { root } = await merged(...layers);
  const texts = new Map<string, string>();
  for (const entry of layers.flat()) {
    if (entry.kind === 'file') texts.set(sha256(entry.content), entry.content.toString());
  }
  return drawn(root, ({ content }) => texts.get(content.sha256) ?? '?');
}

export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
