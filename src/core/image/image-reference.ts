import { Problem } from '../problem';
import { remedy, way } from '../remedy';

/** @throws Problem for what no name of an image is, but that of a file or an address: something else may be meant. */
export function requireImageReference(reference: string): void {
  const isPath =
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/])/.test(reference) ||
    /\.(?:tar|tgz|txz|tbz2?|squashfs|pvr)(?:\.\w+)?(?:#.*)?$/i.test(reference);
  if (!isPath && !/^[a-z]+:\/\//i.test(reference)) return;
  throw new Problem({
    doing: `looking for the image ${reference}`,
    found: isPath ? 'this is a path, and no name of an image' : 'this is an address, and no name of an image',
    remedy: remedy`Name a root file system (a folder, a tar archive or a SquashFS file) ${way.from('rootfs')}, an app of another checkout or of an export (PATH#APP) ${way.from('pvr')}, or an image in an archive ${way.from('archive')}`,
  });
}
