import type { ReactNode } from 'react';
import type { Item } from './contents';
import { type FileKind, fileKindOf } from './file-kind';
import type { Entry } from './entry';

/** The names of what overlay.css has a picture for, out of VS Code's own icons. */
export type Icon = FileKind | Exclude<Entry['kind'], 'file'> | 'package';

/** What stands beside the name of an item. VS Code gives pages no icons of the theme. */
export function iconOf({ entry, isFolder }: Pick<Item, 'entry' | 'isFolder'>): Icon {
  if (isFolder) return 'directory';
  if (entry === undefined) return 'package';
  return entry.kind === 'file' ? fileKindOf(entry.path, entry.isExecutable) : entry.kind;
}

/** Nothing to a screen reader: name and details say what there is to know. */
export function FileIcon({ icon }: { readonly icon: Icon }): ReactNode {
  return <span className={`icon ${icon}`} aria-hidden />;
}
