import { byteStringToText } from '../../core/bytes/byte-string';
import type { OverlayChange } from '../../core/rootfs/overlay-changes';
import type { BuildReport } from '../../core/use-cases/report';

/** A report with paths as text, for a JSON document. */
export function readableReport({ overlay, ...report }: BuildReport): object {
  return overlay === undefined ? report : { ...report, overlay: overlay.map(readableChange) };
}

export function readableChange({ path, hardLinkOf, ...change }: OverlayChange): object {
  const link = hardLinkOf === undefined ? {} : { hardLinkOf: byteStringToText(hardLinkOf) };
  return { path: byteStringToText(path), ...change, ...link };
}
