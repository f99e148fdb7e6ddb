import path from 'node:path';
import { byteStringFromText, shownPath } from '../../bytes/byte-string';
import type { SourceManifest } from '../../checkout/manifests/source-manifest';
import { containerOf } from '../../checkout/template/container';
import type { Job } from '../../job';
import { shortList } from '../../presentation/short-list';
import { type Directory, nodeAt, walk } from '../../rootfs/tree';

/**
 * Warns of each volume whose folder has files in the image: docker copies them into a new volume, Pantavisor mounts an empty
 * folder in their place. Not of volumes that lie over the image's folder ("ovl:").
 *
 * @throws Problem where run.json and lxc.container.conf can't be made of src.json.
 */
export function warnOfHiddenFiles(
  app: string,
  manifest: SourceManifest,
  image: Directory<unknown>,
  job: Job,
): void {
  const { volumes, isStarted } = containerOf(app, manifest, undefined);
  if (!isStarted) return;
  for (const { mount, target } of volumes) {
    if (mount === 'overlay') continue;
    const count = filesBelow(image, path.posix.normalize(target));
    if (count === 0) continue;
    job.warn(
      `the volume /${target} of ${app} hides ${count === 1 ? '1 file' : `${count} files`} that the image has there: ` +
        `a new volume is empty on a device, where docker copies them into it; ` +
        `have the app copy them from another folder when it starts, or do without the volume`,
    );
  }
}

/** 0 where no folder is: behind a link there may be one, but LXC mounts nothing there. */
function filesBelow(image: Directory<unknown>, folder: string): number {
  const node = nodeAt(image, byteStringFromText(folder));
  if (node?.kind !== 'directory') return 0;
  return [...walk(node)].filter(([, { kind }]) => kind !== 'directory').length;
}

/** Linux keeps a program's capabilities in it (kernel, include/uapi/linux/xattr.h). */
const capabilities = 'security.capability';
const namedFiles = 3;

/**
 * Warns of files with capabilities in what is going to be a SquashFS file: a kernel without CONFIG_SQUASHFS_XATTR reads the file
 * system, and ignores them (fs/squashfs/xattr.h).
 *
 * @param file in the checkout, `web/root.squashfs`.
 */
export function warnOfCapabilities(file: string, root: Directory<unknown>, job: Job): void {
  const holders = [...walk(root)].filter(([, { attributes }]) => attributes.xattrs.has(capabilities));
  if (holders.length === 0) return;
  const names = holders.map(([name]) => shownPath(name));
  job.warn(
    `${file} holds files with capabilities (${shortList(names, namedFiles)}), which have no effect where the device's kernel ` +
      `lacks CONFIG_SQUASHFS_XATTR; check the kernel's configuration, or have these programs run as root`,
  );
}
