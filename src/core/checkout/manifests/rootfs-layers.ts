/** A file system that an app's lxc.container.conf makes part of the container's root. */
export interface StackedLayer {
  /** The app whose folder it lies in. */
  readonly owner: string;
  /** `root.squashfs` */
  readonly volume: string;
}

/**
 * The SquashFS files in `lxc.rootfs.path`, topmost first; undefined when there is no such line. Of
 * `overlayfs:<lower>:<lower>:<upper>` the leftmost is the top of the lower ones, and the last is where the container writes
 * (pantavisor's lxc, src/lxc/storage/overlay.c, ovl_mount).
 */
export function stackedLayers(lxcContainerConf: string): readonly StackedLayer[] | undefined {
  const value = /^[ \t]*lxc\.rootfs\.path[ \t]*=[ \t]*(.*?)[ \t]*$/m.exec(lxcContainerConf)?.[1];
  return value?.split(':').flatMap((layer) => {
    const [, owner, volume] = /^\/volumes\/([^/]+)\/([^/]+\.squashfs)$/.exec(layer) ?? [];
    return owner === undefined || volume === undefined ? [] : [{ owner, volume }];
  });
}
