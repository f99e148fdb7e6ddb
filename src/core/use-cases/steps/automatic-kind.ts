/** What pvr builds unless it is told: a patch of what is an overlay already, else a new base (cmdappupdate.go:106). */
export function automaticKind({
  extended,
  overlayDigest,
}: {
  /** The app whose base it extends. */
  readonly extended: string | undefined;
  readonly overlayDigest: string | undefined;
}): 'patch' | 'new-base' {
  return extended || overlayDigest ? 'patch' : 'new-base';
}
