import type { Advice, Formats, Heading, PackageGroups, PageStrings, ToPage, View } from '../protocol';
import type { BloatBoxProps, PropertiesBoxProps } from './boxes';
import { type Item, itemsOf } from './contents';
import { entriesOf } from './entry';

/** All that a page has been told. */
export interface Known {
  readonly heading?: Heading;
  readonly advice?: Advice | undefined;
  readonly bloat?: BloatBoxProps;
  readonly properties?: PropertiesBoxProps;
  /** The overlay can be told by packages. */
  readonly knowsPackages?: boolean;
  readonly packages?: PackageGroups;
  readonly formats?: Formats | undefined;
  readonly contents: Partial<Record<View, Contents>>;
}

/** What is known of a view. */
export type Contents =
  | {
      readonly kind: 'items';
      readonly root: Item;
      /** The changes, or kinds, that there are. */
      readonly choices: readonly string[];
      /** More of it is on its way. */
      readonly isPartial: boolean;
    }
  | { readonly kind: 'trouble'; readonly text: string };

export const nothingYet: Known = { contents: {} };

/** What is known after one message more. */
export function told(known: Known, message: ToPage, strings: PageStrings): Known {
  switch (message.type) {
    case 'heading':
      return { ...known, heading: message };
    case 'advice':
      return { ...known, advice: message.advice };
    case 'bloat':
      return { ...known, bloat: message };
    case 'properties':
      return { ...known, properties: message };
    case 'grouping':
      return { ...known, knowsPackages: message.isByPackage };
    case 'packages':
      return { ...known, packages: message };
    case 'formats':
      return { ...known, formats: message.formats };
    case 'listing':
      return withContents(known, message.view, contentsOf(message, strings));
    case 'trouble':
      return withContents(known, message.view, { kind: 'trouble', text: message.text });
  }
}

function withContents(known: Known, view: View, contents: Contents): Known {
  return { ...known, contents: { ...known.contents, [view]: contents } };
}

function contentsOf(listing: Extract<ToPage, { readonly type: 'listing' }>, strings: PageStrings): Contents {
  const entries = entriesOf(listing, strings);
  const choices = [...new Set(entries.map(({ change, kind }) => change ?? kind))].sort();
  return { kind: 'items', root: itemsOf(entries), choices, isPartial: listing.isPartial ?? false };
}
