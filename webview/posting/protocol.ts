import type { CopyReport, FailureStrings } from '../protocol';

/*
 * What the review of a post and the extension host say to each other. The page speaks first, when it can listen; whatever it is sent then
 * is a whole that takes the place of what it was sent before. All texts come as people read them.
 */

/** A button; whoever made it knows by its id what it does. */
export interface Action {
  readonly id: string;
  readonly label: string;
}

/** What is about to be posted, and what that means. */
export interface Review {
  readonly title: string;
  /** Sentences about the whole, one a line. */
  readonly facts: readonly string[];
  readonly objections: readonly Objection[];
  /** The first one is what is meant to be pressed. */
  readonly actions: readonly Action[];
  /** What a button that isn't the first one means. */
  readonly warning: string | undefined;
  readonly weights: readonly Weight[];
  readonly changes: Changes;
}

/** Something that stands in the way, or that one should know. */
export interface Objection {
  readonly level: 'note' | 'refusal';
  /** Says the level to who can't see it. */
  readonly label: string;
  readonly text: string;
  readonly actions: readonly Action[];
}

export interface Weight {
  readonly label: string;
  readonly size: string;
  readonly details: readonly string[];
  /** Percent of a whole, from the left; undefined where there is no whole. */
  readonly bar: readonly { readonly share: number; readonly kind: 'own' | 'other' }[] | undefined;
}

export interface Changes {
  readonly title: string;
  /** What a device does at once; a sentence. */
  readonly restart: string;
  readonly parts: readonly ChangedPart[];
}

export interface ChangedPart {
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly change: string;
  readonly files: string;
  readonly download: string;
  readonly effect: string;
}

export interface PostingProtocol {
  readonly toPage:
    | { readonly type: 'review'; readonly review: Review }
    /** Something is looked at, or done; what was shown stays where it is. */
    | { readonly type: 'busy'; readonly text: string }
    | { readonly type: 'trouble'; readonly text: string; readonly actions: readonly Action[] };
  readonly toHost:
    /** The page listens now. */
    | { readonly type: 'ready' }
    | { readonly type: 'act'; readonly id: string }
    /** Somebody wants to see what changed in a part. */
    | { readonly type: 'compare'; readonly part: string }
    | CopyReport;
  readonly state: {
    /** What the host makes the page anew from after a restart; the page only keeps it. */
    readonly subject: unknown;
  };
  readonly strings: PostingStrings;
}

export interface PostingStrings extends FailureStrings {
  readonly columns: Readonly<Record<'part' | 'change' | 'files' | 'download' | 'effect', string>>;
  readonly weights: string;
  readonly nothing: string;
  /** Of the button with a part's name, `{0}`. */
  readonly compare: string;
}
