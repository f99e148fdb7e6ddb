import type { OverlayChange } from './overlay-changes';

export interface Total {
  readonly paths: number;
  /** Of files, before compression; hard links once. */
  readonly bytes: number;
}

/** What changes come to. */
export interface ChangeTotals {
  readonly added: Total;
  /** Content, or what a path is; bytes are those of now. */
  readonly changed: Total;
  /** Only mode, owner or xattrs. */
  readonly attributes: Total;
  /** With all that lay in a folder that is gone; bytes are those of before. */
  readonly removed: Total;
}

/** Sums changes up, as they come from comparing two trees. */
export function changeTotals(changes: readonly OverlayChange[]): ChangeTotals {
  const of = (kind: OverlayChange['change']) => changes.filter(({ change }) => change === kind);
  const gone = changes.filter(({ change, hidden }) => change === 'deleted' || hidden !== undefined);
  return {
    added: totalOf(of('added'), (change) => [1, bytesNow(change)]),
    changed: totalOf(of('changed'), (change) => [1, bytesNow(change)]),
    attributes: totalOf(of('attributes'), () => [1, 0]),
    removed: totalOf(gone, ({ change, baseSize = 0, hidden = { entries: 0, bytes: 0 } }) => [
      hidden.entries + (change === 'deleted' ? 1 : 0),
      hidden.bytes + (change === 'deleted' ? baseSize : 0),
    ]),
  };
}

/** How much a change weighs: what is there now, or what is gone. */
export function weightOf(change: OverlayChange): number {
  if (change.change === 'deleted') return change.baseSize ?? change.hidden?.bytes ?? 0;
  return change.change === 'attributes' ? 0 : bytesNow(change);
}

function bytesNow({ size, hardLinkOf }: OverlayChange): number {
  return hardLinkOf === undefined ? size : 0;
}

function totalOf(
  changes: readonly OverlayChange[],
  figures: (change: OverlayChange) => readonly [paths: number, bytes: number],
): Total {
  let [paths, bytes] = [0, 0];
  for (const change of changes) {
    const [more, heavier] = figures(change);
    paths += more;
    bytes += heavier;
  }
  return { paths, bytes };
}
