/** What a build did, or with `previewed` would do. Plain data: it is shown by views, printed with `--json`, sent between processes. */
export interface BuildReport {
  /** `unchanged`: the image is the one that is installed, and its files are all there. */
  readonly outcome: 'installed' | 'unchanged' | 'previewed';
  readonly app: string;
  /** The digest of the image that was built from, as it stands in src.json. */
  readonly image: string;
  /** The SquashFS files made, the app's own first, then those of apps that extend it. */
  readonly built: readonly BuiltFile[];
  /** SquashFS files that are no longer needed. */
  readonly removed: readonly string[];
}

export interface BuiltFile {
  /** Path below the checkout: `web/root.ovl.squashfs`. */
  readonly path: string;
  readonly kind: 'base' | 'overlay';
  /** Bytes; what a device downloads for it, since devices fetch whole files by their sha256. */
  readonly size: number;
  readonly sha256: string;
  /** Bytes of the file that it replaces. */
  readonly previousSize: number | undefined;
  /** For an overlay, bytes of the base that it lies on. */
  readonly baseSize: number | undefined;
}

/** What a device must fetch for these files, in bytes: identical files are stored and fetched once. */
export function downloadSize(report: BuildReport): number {
  const bySha256 = new Map(report.built.map(({ sha256, size }) => [sha256, size]));
  return [...bySha256.values()].reduce((sum, size) => sum + size, 0);
}
