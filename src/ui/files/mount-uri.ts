import { FileSystemError, Uri } from 'vscode';
import type { ByteString } from '../../core/bytes/byte-string';
import type { MountFiles } from '../../core/mount/mounts';
import { addressParts, type MountAddress, mountScheme, parseAddress } from './mount-address';

export function mountUri(files: MountFiles, path: ByteString): Uri {
  return Uri.from({ scheme: mountScheme, ...addressParts({ files, path }) });
}

/** @throws FileSystemError of a URI that names nothing. */
export function requireAddress(uri: Uri): MountAddress {
  const address = parseAddress(uri);
  if (address === undefined) throw FileSystemError.FileNotFound(uri);
  return address;
}

/** The file that a `pvfs:` URI names; undefined of all others. */
export function addressOf(uri: Uri): MountAddress | undefined {
  return uri.scheme === mountScheme ? parseAddress(uri) : undefined;
}
