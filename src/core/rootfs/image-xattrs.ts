import type { ByteString } from '../bytes/byte-string';
import type { Findings } from './image-findings';
import type { Attributes, Kind } from './tree';

/**
 * The only namespaces that SquashFS can hold (kernel, fs/squashfs/xattr.c), with a name that Linux can set; POSIX ACLs are in
 * `system`.
 */
const storable = /^(?:user|trusted|security)\.[^\0]+$/;
/** What overlayfs reads as its own bookkeeping, and acts upon (kernel, Documentation/filesystems/overlayfs.rst). */
const ofOverlayfs = /^(?:user|trusted)\.overlay\./;

/** An object of an image, as far as it matters here. */
export interface Described {
  readonly kind: Kind;
  readonly path: ByteString;
  readonly attributes: Attributes;
}

/** Its attributes without those xattrs that a device can't store or would misread; they are noted. */
export function keptAttributes({ kind, path, attributes }: Described, findings: Findings): Attributes {
  if (attributes.xattrs.size === 0) return attributes;
  const xattrs = new Map(attributes.xattrs);
  for (const [name, value] of attributes.xattrs) {
    const reason = reasonToLeaveOut(kind, name, value);
    if (reason === undefined) continue;
    findings.note(`left out ${reason}`, path);
    xattrs.delete(name);
  }
  return xattrs.size === attributes.xattrs.size ? attributes : { ...attributes, xattrs };
}

function reasonToLeaveOut(kind: Kind, name: ByteString, value: Buffer): string | undefined {
  if (ofOverlayfs.test(name))
    return "the image's own overlayfs attributes, which would hide or redirect files";
  if (!storable.test(name)) return 'attributes that SquashFS cannot store, such as POSIX access lists';
  // Linux would list them, and not give them: then overlayfs can't copy what has them (kernel, fs/xattr.c, xattr_permission).
  if (name.startsWith('user.') && kind !== 'file' && kind !== 'directory')
    return 'user attributes of what is neither a file nor a folder, which Linux does not allow';
  if (name === 'security.capability' && !isCapability(value)) return 'capabilities that Linux cannot read';
  return undefined;
}

/** Bytes that a value has, by its revision (kernel, include/uapi/linux/capability.h, XATTR_CAPS_SZ_1 to 3). */
const capabilitySizes: Readonly<Record<number, number>> = { 1: 12, 2: 20, 3: 24 };

function isCapability(value: Buffer): boolean {
  return value.length >= 4 && capabilitySizes[value.readUInt8(3)] === value.length;
}
