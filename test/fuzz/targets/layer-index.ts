import { createHash } from 'node:crypto';
import type { LayerEntry } from '../../../src/core/rootfs/layer-index';
import { decodeLayerIndex, encodeLayerIndex } from '../../../src/core/rootfs/layer-index-codec';
import { noXattrs } from '../../../src/core/rootfs/tree';
import type { Seeds, Target } from '../target';
import { varyBytes } from '../vary-bytes';

const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: noXattrs };
const entries: readonly LayerEntry[] = [
  { kind: 'directory', path: 'bin', attributes },
  {
    kind: 'file',
    path: 'bin/app',
    attributes: { ...attributes, xattrs: new Map([['user.a', Buffer.from('b')]]) },
    size: 2 ** 40,
    content: { offset: 512, sha256: '0'.repeat(64), segments: [{ offset: 5, length: 7 }] },
  },
  { kind: 'symlink', path: 'bin/link', attributes, target: 'app' },
  { kind: 'hardlink', path: 'bin/more', target: 'bin/app' },
  { kind: 'char', path: 'dev/null', attributes, major: 1, minor: 3 },
  { kind: 'whiteout', path: 'old' },
  { kind: 'opaque', path: 'var' },
];

const diffId = 'sha256:0';

/** Before the body come a line of text and the body's sha256. */
const hashAt = 'layer index 1\n'.length;
const bodyAt = hashAt + 32;

/** What builds keep of a layer in a cache that anybody may write to. */
export const target: Target = {
  seeds: () =>
    Promise.resolve({
      empty: encodeLayerIndex(diffId, { entries: [], warnings: [] }),
      'every kind': encodeLayerIndex(diffId, { entries, warnings: ['a warning'] }),
    } satisfies Seeds),
  vary(input, others, random) {
    const varied = Buffer.from(varyBytes(input, others, random));
    if (varied.length > bodyAt && random.chance(0.95)) {
      input.copy(varied, 0, 0, hashAt);
      createHash('sha256').update(varied.subarray(bodyAt)).digest().copy(varied, hashAt);
    }
    return varied;
  },
  read(input) {
    const index = decodeLayerIndex(diffId, input);
    if (index !== undefined) encodeLayerIndex(diffId, index);
    return Promise.resolve();
  },
};
