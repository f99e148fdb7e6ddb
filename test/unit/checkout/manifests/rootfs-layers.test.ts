import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stackedLayers } from '../../../../src/core/checkout/manifests/rootfs-layers';

const layersOf = (conf: string) => stackedLayers(conf)?.map(({ owner, volume }) => `${owner}/${volume}`);

describe('the layers of a container', () => {
  it('are those of lxc.rootfs.path, topmost first, without where the container writes', () => {
    const conf = `lxc.tty.max = 8
lxc.rootfs.path = overlayfs:/volumes/web/root.ovl.squashfs:/volumes/base/root.squashfs:/volumes/web/lxc-overlay/upper
lxc.init.cmd = /sbin/init
`;
    assert.deepEqual(layersOf(conf), ['web/root.ovl.squashfs', 'base/root.squashfs']);
  });

  it('are found however the line is spaced', () => {
    assert.deepEqual(layersOf('\t lxc.rootfs.path=overlayfs:/volumes/a/b.squashfs:/x \r\n'), [
      'a/b.squashfs',
    ]);
  });

  it('are none where something else is the root', () => {
    assert.deepEqual(layersOf('lxc.rootfs.path = dir:/srv/web\n'), []);
    assert.deepEqual(layersOf('lxc.rootfs.path = \n'), []);
    assert.equal(layersOf('# lxc.rootfs.path = overlayfs:/volumes/a/b.squashfs\n'), undefined);
    assert.equal(layersOf('lxc.rootfs.paths = overlayfs:/volumes/a/b.squashfs\n'), undefined);
    assert.equal(layersOf(''), undefined);
  });
});
