import type { ByteString } from './byte-string';
import type { Findings } from './findings';
import type { Xattrs } from './tree';
import { noXattrs } from './tree';

/** The only namespaces that SquashFS can hold (kernel, fs/squashfs/xattr.c); POSIX ACLs are in `system`. */
const storable = /^(?:user|trusted|security)\./;
/** What overlayfs reads as its own bookkeeping, and acts upon (kernel, Documentation/filesystems/overlayfs.rst). */
const ofOverlayfs = /^(?:user|trusted)\.overlay\./;

/** What an image's xattrs are worth on the device: those that it can't store or would misread are left out and noted. */
export function keptXattrs(xattrs: Xattrs, path: ByteString, findings: Findings): Xattrs {
  if (xattrs.size === 0) return noXattrs;
  return new Map(
    [...xattrs].filter(([name]) => {
      if (ofOverlayfs.test(name)) {
        findings.note(
          "left out the image's own overlayfs attributes, which would hide or redirect files",
          path,
        );
        return false;
      }
      if (!storable.test(name)) {
        findings.note('left out attributes that SquashFS cannot store, such as POSIX access lists', path);
        return false;
      }
      return true;
    }),
  );
}
