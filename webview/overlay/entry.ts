import type { ByteString } from '../../src/core/bytes/byte-string';
import type { OverlayChange } from '../../src/core/rootfs/overlay-changes';
import { byteText } from '../byte-text';
import { format } from '../format';
import type { Listing, PageStrings } from '../protocol';

/** One path of any view, as the table wants it. */
export interface Entry {
  readonly path: ByteString;
  readonly kind: OverlayChange['kind'];
  /** Undefined of what is in no overlay. */
  readonly change: OverlayChange['change'] | undefined;
  /** Bytes that this path adds to its folders: 0 of a second name of the same inode, and of what is deleted. */
  readonly size: number;
  /** Bytes in the base of what is changed or deleted, with all that disappears below a folder; 0 of a second name. */
  readonly baseSize: number;
  readonly details: string;
  /** Undefined where nobody said. */
  readonly isExecutable?: boolean;
}

/** Of the mode: who may run it. */
const executable = 0o111;

export function entriesOf(listing: Listing, strings: PageStrings): readonly Entry[] {
  switch (listing.view) {
    case 'overlay':
      return listing.entries.map((change) => entryOfChange(change, strings));
    case 'base':
      return listing.entries.map((entry) => ({
        ...entry,
        change: undefined,
        size: entry.hardLinkOf === undefined ? entry.size : 0,
        baseSize: 0,
        isExecutable: (entry.mode & executable) !== 0,
        details: attributes(entry, strings),
      }));
    case 'device':
      return listing.entries.map((entry) => ({
        ...entry,
        change: undefined,
        size: entry.hardLinkOf === undefined ? entry.size : 0,
        baseSize: 0,
        isExecutable: (entry.mode & executable) !== 0,
        details: [...(entry.isOfOverlay ? [strings.views.overlay] : []), attributes(entry, strings)].join(
          ', ',
        ),
      }));
  }
}

function entryOfChange(
  { path, kind, change, size, baseSize, hidden, hardLinkOf, details }: OverlayChange,
  strings: PageStrings,
): Entry {
  const isFirstName = hardLinkOf === undefined;
  return {
    path,
    kind,
    change,
    size: isFirstName && change !== 'deleted' ? size : 0,
    baseSize: isFirstName ? (baseSize ?? hidden?.bytes ?? 0) : 0,
    details: [
      ...details,
      ...(isFirstName ? [] : [format(strings.hardLinkOf, `/${byteText(hardLinkOf)}`)]),
      ...(hidden === undefined
        ? []
        : [hidden.entries === 1 ? strings.withEntry : format(strings.withEntries, hidden.entries)]),
    ].join(', '),
  };
}

interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly device?: string;
  readonly target?: ByteString;
  readonly hardLinkOf?: ByteString;
}

/** `0755 0:0`, which device it is, and where a link leads. */
function attributes(
  { mode, uid, gid, device, target, hardLinkOf }: Attributes,
  strings: PageStrings,
): string {
  return [
    `${mode.toString(8).padStart(4, '0')} ${uid}:${gid}`,
    ...(device === undefined ? [] : [format(strings.device, device)]),
    ...(target === undefined ? [] : [`→ ${byteText(target)}`]),
    ...(hardLinkOf === undefined ? [] : [format(strings.hardLinkOf, `/${byteText(hardLinkOf)}`)]),
  ].join(', ');
}
