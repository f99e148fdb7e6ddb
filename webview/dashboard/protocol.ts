import type { AdviceLevel } from '../../src/core/use-cases/advice';
import type { CopyReport, FailureStrings } from '../protocol';

/*
 * What the size dashboard and the extension host say to each other. The page speaks first, when it can listen; whatever it is
 * sent then is a whole that takes the place of what it was sent before. Sizes are bytes.
 */

/** What there is to see of a checkout. */
export interface CheckoutSizes {
  /** Absolute path. */
  readonly directory: string;
  readonly name: string;
  /** Why it can't be read: then there is nothing else. */
  readonly trouble: string | undefined;
  /** What a device stores of it: files that are the same count once. */
  readonly total: number;
  /** Percent of its base that an overlay may weigh before a new base is recommended. */
  readonly threshold: number;
  /** Apps that stand by themselves and the bsp, the heaviest first. */
  readonly bars: readonly Bar[];
  /** Of what is neither an app's nor the bsp's: configuration, signatures. */
  readonly rest: number;
  readonly repeated: readonly Repeated[];
}

export type Bar = AppBar | BspBar;

export interface AppBar {
  readonly kind: 'app';
  readonly name: string;
  /** All that it ships. */
  readonly size: number;
  /** Undefined of an extension app. */
  readonly base: number | undefined;
  readonly overlay: OverlayBar | undefined;
  /** Those that extend its base, the heaviest first. */
  readonly extensions: readonly AppBar[];
}

export interface OverlayBar {
  readonly size: number;
  /** Of the base that it lies on, if that is there: its app's own, or another one's. */
  readonly of: number | undefined;
  /** Undefined where there is no base to compare it with. */
  readonly level: AdviceLevel | undefined;
  /** What the last builds over this base made, oldest first; the last one is the present one. */
  readonly history: readonly number[];
}

export interface BspBar {
  readonly kind: 'bsp';
  /** Of its folder. */
  readonly name: string;
  readonly size: number;
  /** The heaviest first. */
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

/** What lies in a checkout more than once. */
export type Repeated =
  /** Files with the same bytes: a device stores them once. */
  | { readonly kind: 'sameFile'; readonly files: readonly string[]; readonly size: number }
  /** Bases of the same image in files that differ; `size` is what all but the largest weigh. */
  | { readonly kind: 'sameImage'; readonly apps: readonly string[]; readonly size: number };

/** All of it. */
export interface DashboardProtocol {
  readonly toPage: { readonly type: 'sizes'; readonly checkouts: readonly CheckoutSizes[] };
  readonly toHost:
    /** The page listens now. */
    | { readonly type: 'ready' }
    | { readonly type: 'goToApp'; readonly checkout: string; readonly app: string }
    | { readonly type: 'showOverlay'; readonly checkout: string; readonly app: string }
    /** A folder of the checkout that is no app. */
    | { readonly type: 'revealFolder'; readonly checkout: string; readonly name: string }
    | CopyReport;
  readonly state: {
    /** Folders of the checkouts that are folded. */
    readonly folded: readonly string[];
  };
  readonly strings: DashboardStrings;
}

/** `{0}` and so on stand for values. */
export interface DashboardStrings extends FailureStrings {
  readonly reading: string;
  readonly noCheckout: string;
  readonly noApps: string;
  /** `{0}` is a size, here and in most that follow. */
  readonly total: string;
  readonly base: string;
  readonly overlay: string;
  /** What the colours and the line mean; `{0}` percent. */
  readonly legend: Readonly<Record<'base' | 'overlay' | 'threshold', string>>;
  /** `{0}` the app. */
  readonly overlayOf: string;
  /** `{0}` a share. */
  readonly ofItsBase: string;
  /** `{0}` percent. */
  readonly threshold: string;
  readonly levels: Readonly<Record<AdviceLevel, string>>;
  /** `{0}` builds, `{1}` their sizes. */
  readonly history: string;
  /** `{0}` the app whose base it extends. */
  readonly extensionOf: string;
  readonly rest: string;
  readonly repeated: string;
  /** `{0}` files, `{1}` their size. */
  readonly sameFile: string;
  /** `{0}` apps, `{1}` what could be less. */
  readonly sameImage: string;
}
