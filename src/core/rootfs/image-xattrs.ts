import type { ByteString } from './byte-string';
import type { Findings } from './findings';
import type { Attributes } from './tree';

/**
 * The only namespaces that SquashFS can hold (kernel, fs/squashfs/xattr.c), with a name that Linux can set; POSIX ACLs are in
 * `system`.
 */
const storable = /^(?:user|trusted|security)\.[^\0]+$/;
/** What overlayfs reads as its own bookkeeping, and acts upon (kernel, Documentation/filesystems/overlayfs.rst). */
const ofOverlayfs = /^(?:user|trusted)\.overlay\./;

/** `attributes` without those xattrs that a device can't store or would misread; they are noted. */
export function keptAttributes(attributes: Attributes, path: ByteString, findings: Findings): Attributes {
  if (attributes.xattrs.size === 0) return attributes;
  const xattrs = new Map(attributes.xattrs);
  for (const name of attributes.xattrs.keys()) {
    const reason = reasonToLeaveOut(name);
    if (reason === undefined) continue;
    findings.note(`left out ${reason}`, path);
    xattrs.delete(name);
  }
  return xattrs.size === attributes.xattrs.size ? attributes : { ...attributes, xattrs };
}

function reasonToLeaveOut(name: ByteString): string | undefined {
  if (ofOverlayfs.test(name))
    return "the image's own overlayfs attributes, which would hide or redirect files";
  if (!storable.test(name)) return 'attributes that SquashFS cannot store, such as POSIX access lists';
  return undefined;
}
