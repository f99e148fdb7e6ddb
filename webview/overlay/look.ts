import type { ByteString } from '../../src/core/bytes/byte-string';

/** What the treemap's colours tell. */
export type Scheme = 'change' | 'kind';

export type SortKey = 'name' | 'change' | 'size' | 'baseSize';

export interface Order {
  readonly by: SortKey;
  readonly isDescending: boolean;
}

/** How much is to be seen: what is unfolded by itself differs, so that what a person did to it means something else. */
export type Extent = 'few' | 'many' | 'filtered';

/** How a person looks at a view; kept while nobody sees the page. */
export interface Look {
  readonly order: Order;
  /** Path of the row that keys act on. */
  readonly active?: ByteString | undefined;
  /** Paths of folders that were folded or unfolded, against what they are by themselves. */
  readonly toggled: Partial<Record<Extent, readonly ByteString[]>>;
  readonly isMap: boolean;
  /** Path of the folder that the map shows. */
  readonly folder: ByteString;
  /** Of the map's colours; undefined where nobody has chosen. */
  readonly scheme?: Scheme;
}

/** Packages and file systems are looked at for what weighs most; in a comparison, people want to find their files. */
export function firstLook(question: 'weight' | 'files'): Look {
  const order: Order =
    question === 'files' ? { by: 'name', isDescending: false } : { by: 'size', isDescending: true };
  return { order, toggled: {}, isMap: false, folder: '' };
}
