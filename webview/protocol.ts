import type { ByteString } from '../src/core/bytes/byte-string';
import type { OverlayChange } from '../src/core/rootfs/overlay-changes';
import type { Kind } from '../src/core/rootfs/tree';
import type { TreeEntry } from '../src/core/rootfs/tree-entries';
import type { AdviceLevel } from '../src/core/use-cases/advice';
import type { DeviceEntry } from '../src/core/use-cases/app-files';
import type { FileKind } from './overlay/file-kind';
import type { Look, Scheme } from './overlay/look';

/*
 * What the page of an overlay and the extension host say to each other. The page speaks first, when it can listen; whatever it is sent then
 * is a whole that takes the place of what it was sent before under the same `type`. What the host has ready before that lies in the
 * page's document.
 *
 * Paths cross as they lie in the file system (`ByteString`); the page makes text of those that it shows.
 */

/** What an app's file systems hold, one view at a time. */
export type View = 'overlay' | 'base' | 'device';

export type Listing =
  /** What the overlay does, or would do, to its base. */
  | { readonly view: 'overlay'; readonly entries: readonly OverlayChange[] }
  | { readonly view: 'base'; readonly entries: readonly TreeEntry[] }
  /** Overlay and base together, as the device sees them. */
  | { readonly view: 'device'; readonly entries: readonly DeviceEntry[] };

/** A row whose file somebody wants to see. */
export interface PageEntry {
  readonly view: View;
  readonly path: ByteString;
  readonly kind: Kind;
  readonly change: OverlayChange['change'] | undefined;
}

/** Something that failed, or why there is nothing to see. */
export interface Trouble {
  readonly text: string;
}

/** What stands above the contents. */
export interface Heading {
  readonly title: string;
  /** Sentences about the whole, one a line. */
  readonly facts: readonly string[];
  /** Those that there are, in their order. */
  readonly views: readonly View[];
  /** Of the button beside the title; undefined where there is nothing to be done. */
  readonly action?: string | undefined;
}

/** Whether a new base is worth its while, in sentences. */
export interface Advice {
  /** `recommended`: the overlay weighs more than the setting allows. `soon`: more than half of that. */
  readonly level: AdviceLevel;
  readonly title: string;
  readonly facts: readonly Property[];
  /** Of the button; undefined where a new base can't be built. */
  readonly action: string | undefined;
  /** Of the button that builds it to see what it would weigh, and changes nothing. */
  readonly preview: string | undefined;
}

export interface Property {
  readonly label: string;
  readonly text: string;
}

/** Something that ships for nothing, with what avoids it. */
export interface Bloat {
  readonly title: string;
  readonly paths: readonly ByteString[];
  /** `Dockerfile` or `.dockerignore`, and the line for it. */
  readonly file: string;
  readonly line: string;
}

/** A package with paths of the overlay. */
export interface PackageGroup {
  /** Of no other group, and without a slash. */
  readonly id: string;
  readonly name: ByteString;
  /** Who installs it, and its versions. */
  readonly details: string;
  readonly paths: readonly ByteString[];
}

export interface PackageGroups {
  readonly groups: readonly PackageGroup[];
  /** What the groups lack something for, a sentence each. */
  readonly notes: readonly string[];
}

/** One form that a file could be packed in. */
export interface FormatRow {
  /** To be put into src.json. */
  readonly formatOptions: string;
  readonly bytes: string;
  readonly size: string;
  /** Of what it weighs in its present form. */
  readonly share: string;
  /** What it asks of a device. */
  readonly needs: string;
}

/** What is known of the forms that a previewed file could be packed in. */
export type Formats =
  /** Nobody has asked yet, or no longer wants to know. */
  | { readonly state: 'offered' }
  | { readonly state: 'comparing'; readonly text: string }
  /** The smallest first. */
  | { readonly state: 'compared'; readonly rows: readonly FormatRow[] }
  | ({ readonly state: 'failed' } & Trouble);

export type ToPage =
  | ({ readonly type: 'heading' } & Heading)
  /** Undefined where there is none to be given any more. */
  | { readonly type: 'advice'; readonly advice: Advice | undefined }
  /** Undefined where there are none to be compared. */
  | { readonly type: 'formats'; readonly formats: Formats | undefined }
  /** What a file says of itself as a whole. */
  | { readonly type: 'properties'; readonly title: string; readonly properties: readonly Property[] }
  | { readonly type: 'bloat'; readonly title: string; readonly findings: readonly Bloat[] }
  /** Whether the overlay can be told by packages. */
  | { readonly type: 'grouping'; readonly isByPackage: boolean }
  | ({ readonly type: 'packages' } & PackageGroups)
  /** `isPartial`: these are the first entries, and all of them are on their way. */
  | ({ readonly type: 'listing'; readonly isPartial?: boolean } & Listing)
  | ({ readonly type: 'trouble'; readonly view: View } & Trouble);

export type ToHost =
  /** The page listens now, and wants this view. `isShown`: it found something of it in its document. */
  | { readonly type: 'ready'; readonly view: View; readonly isShown: boolean }
  | { readonly type: 'show'; readonly view: View }
  /** From now on, the packages of the overlay are wanted, too. */
  | { readonly type: 'showPackages' }
  /** The button of the heading. */
  | { readonly type: 'act' }
  /** The button of the advice. */
  | { readonly type: 'buildNewBase' }
  | { readonly type: 'previewNewBase' }
  | { readonly type: 'compareFormats' }
  | { readonly type: 'stopComparingFormats' }
  | { readonly type: 'open'; readonly entry: PageEntry }
  | CopyReport;

/** What VS Code keeps of a page while it is hidden, and over a restart. */
export interface PageState {
  /** What the host makes the page anew from after a restart; the page only keeps it. */
  readonly subject?: unknown;
  readonly view: View;
  readonly filter: string;
  /** Two file systems are compared: what changed is asked for, and not only what weighs. */
  readonly isComparison?: boolean;
  /** The overlay is shown by packages, where it can be. */
  readonly isByPackage?: boolean;
  readonly looks?: Partial<Record<View | 'packages', Look>>;
}

/** All of it. */
export interface OverlayProtocol {
  readonly toPage: ToPage;
  readonly toHost: ToHost;
  readonly state: PageState;
  readonly strings: PageStrings;
}

/** What an error report holds goes to the clipboard: any page may ask for that. */
export interface CopyReport {
  readonly type: 'copy';
  readonly text: string;
}

/** What any page says that failed. */
export interface FailureStrings {
  readonly failed: string;
  readonly copyReport: string;
}

/** What the page says, in the user's language; `{0}` and so on stand for values. */
export interface PageStrings extends FailureStrings {
  readonly views: Readonly<Record<View, string>>;
  readonly contents: string;
  readonly filter: string;
  readonly filterByChange: string;
  readonly filterByKind: string;
  readonly all: string;
  readonly changes: Readonly<Record<OverlayChange['change'], string>>;
  readonly kinds: Readonly<Record<OverlayChange['kind'], string>>;
  readonly columns: Readonly<Record<'name' | 'change' | 'size' | 'baseSize' | 'share' | 'details', string>>;
  readonly formats: Readonly<
    Record<
      'compare' | 'stop' | 'title' | 'hint' | 'bytes' | 'size' | 'share' | 'needs' | 'options' | 'copy',
      string
    >
  > & {
    /** Of a button: copies `{0}`. */
    readonly copyOf: string;
  };
  readonly loading: string;
  readonly nothing: string;
  readonly nothingMatches: string;
  /** `{0}` entries, `{1}` before compression. */
  readonly totals: string;
  /** `{0}` of `{1}` entries, `{2}` before compression. */
  readonly totalsOfFiltered: string;
  readonly table: string;
  /** Of the button that groups by packages, and the one that does so by folders again. */
  readonly byPackage: string;
  readonly byFolder: string;
  readonly packages: string;
  readonly noPackage: string;
  readonly nothingWeighs: string;
  readonly treemap: string;
  /** What keys do there. */
  readonly treemapKeys: string;
  readonly legend: string;
  readonly colourBy: string;
  readonly schemes: Readonly<Record<Scheme, string>>;
  readonly fileKinds: Readonly<Record<FileKind, string>>;
  /** `{0}` objects of a folder that are too small to be shown. */
  readonly others: string;
  readonly device: string;
  readonly hardLinkOf: string;
  readonly withEntry: string;
  readonly withEntries: string;
}
