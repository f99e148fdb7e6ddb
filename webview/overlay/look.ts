import type { ByteString } from '../../src/core/bytes/byte-string';

export type SortKey = 'name' | 'change' | 'size' | 'baseSize';

export interface Order {
  readonly by: SortKey;
  readonly isDescending: boolean;
}

/** How much is to be seen: all folders of many entries are folded, so that what a person did to them means something else. */
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
}

/** What weighs most is what packages are looked at for. */
export const firstLookAtPackages: Look = {
  order: { by: 'size', isDescending: true },
  toggled: {},
  isMap: false,
  folder: '',
};

export const firstLook: Look = {
  order: { by: 'name', isDescending: false },
  toggled: {},
  isMap: false,
  folder: '',
};
