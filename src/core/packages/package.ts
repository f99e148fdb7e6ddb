import type { ByteString } from '../bytes/byte-string';

/** What installs packages and writes down which files are theirs. */
export type PackageManager = 'dpkg' | 'apk' | 'opkg' | 'rpm' | 'pip';

/** An installed package as its manager's metadata has it. */
export interface Package {
  readonly manager: PackageManager;
  readonly name: ByteString;
  /** `''` where it isn't known. */
  readonly version: ByteString;
  /** Of its files, and of folders where they are listed, as the manager writes them: they may lead through links. */
  readonly paths: readonly ByteString[];
}

/** Metadata that is there and tells nothing: the files of its packages look as if they were of none. */
export interface UnreadMetadata {
  readonly manager: PackageManager;
  readonly path: ByteString;
  /** `unknownFormat`: one that isn't read here, such as rpm's Berkeley DB. */
  readonly reason: 'unknownFormat' | 'damaged' | 'tooLarge';
}
