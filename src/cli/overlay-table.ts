import { byteStringToText, shown } from '../core/bytes/byte-string';
import { formatSize } from '../core/presentation/size';
import type { OverlayChange } from '../core/rootfs/overlay-changes';
import type { BuildReport } from '../core/use-cases/report';
import { formatTable } from './table';

/** One line for each change: what, where, its size, the size in the base, and how it differs. */
export function overlayTable(changes: readonly OverlayChange[]): string {
  if (changes.length === 0) return 'nothing: the image is the same as the base';
  const rows = changes.map((change) => [
    change.change,
    `/${shown(change.path)}${change.kind === 'directory' && change.path !== '' ? '/' : ''}`,
    change.kind === 'file' && change.change !== 'deleted' ? formatSize(change.size) : '',
    baseSize(change),
    details(change),
  ]);
  return formatTable([['CHANGE', 'PATH', 'SIZE', 'IN BASE', ''], ...rows], new Set([2, 3]));
}

function baseSize({ baseSize: size, hidden }: OverlayChange): string {
  if (size !== undefined) return formatSize(size);
  return hidden === undefined ? '' : formatSize(hidden.bytes);
}

function details({ details: own, hardLinkOf, hidden }: OverlayChange): string {
  return [
    ...own,
    ...(hardLinkOf === undefined ? [] : [`hard link of /${shown(hardLinkOf)}`]),
    ...(hidden === undefined ? [] : [`with ${hidden.entries} ${hidden.entries === 1 ? 'entry' : 'entries'}`]),
  ].join(', ');
}

/** A report with paths as text, for a JSON document. */
export function readableReport({ overlay, ...report }: BuildReport): object {
  return overlay === undefined ? report : { ...report, overlay: overlay.map(readableChange) };
}

export function readableChange({ path, hardLinkOf, ...change }: OverlayChange): object {
  const link = hardLinkOf === undefined ? {} : { hardLinkOf: byteStringToText(hardLinkOf) };
  return { path: byteStringToText(path), ...change, ...link };
}
