/**
 * Whether two digests of src.json or beside a file system name the same image. They may be written with the image's name
 * (`nginx@sha256:…`), which can change, or without (`sha256:…`, an image that was built locally).
 */
export function sameDigest(a: string, b: string): boolean {
  return bareDigest(a) === bareDigest(b);
}

/** `sha256:…` alone. */
export function bareDigest(digest: string): string {
  return digest.slice(digest.lastIndexOf('@') + 1);
}
