import type { RestartImpact } from '../checkout/restart-impact';
import type { OverlayChange } from '../rootfs/overlay-changes';
import type { TimeOnly } from '../rootfs/time-only';

/** What a build did, or as a preview would do. Plain data: views show it, `--json` prints it, processes send it. */
export interface BuildReport {
  /** `unchanged`: the image is the one that is installed, and its files are all there. */
  readonly outcome: 'installed' | 'unchanged' | 'previewed';
  readonly app: string;
  /** The digest of the image that was built from, as it stands in src.json. */
  readonly image: string;
  /** The SquashFS files made, the app's own first, then those of apps that extend it. */
  readonly built: readonly BuiltFile[];
  /** All files that changed, came or went; paths below the checkout. */
  readonly changedFiles: readonly string[];
  /** Bytes that a device must fetch for it. */
  readonly download: number;
  /** Bytes that it must fetch when all is committed that isn't yet, this build's files included. */
  readonly waitingDownload: number;
  /** What a device does when it gets all that. */
  readonly restart: RestartImpact;
  /** Signatures that no longer fit, and a device with secure boot refuses; paths below the checkout. */
  readonly staleSignatures: readonly string[];
  /** Of a preview: what the overlay would hold. */
  readonly overlay?: readonly OverlayChange[];
}

export interface BuiltFile {
  /** Path below the checkout: `web/root.ovl.squashfs`. */
  readonly path: string;
  readonly kind: 'base' | 'overlay';
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Bytes of the file that it replaces. */
  readonly previousSize: number | undefined;
  /** It has the bytes of the file that lay there, so there is nothing to download. */
  readonly isSame: boolean;
  /** For an overlay, bytes of the base that it lies on. */
  readonly baseSize: number | undefined;
  /** For an overlay, what it doesn't hold because it differs from the base in its times alone. */
  readonly timeOnly: TimeOnly | undefined;
}
