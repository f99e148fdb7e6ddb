/** What a campaign is to do; its process gets this as JSON. */
export interface CampaignSettings {
  /** The same seed gives the same inputs, as far as a campaign comes. */
  readonly seed: number;
  /** How many varied inputs to read, or how long to go on; the known ones come first, and are all read. */
  readonly inputs?: number;
  readonly seconds?: number;
  /** A folder with inputs that are known to be worth a look, besides the target's own seeds. */
  readonly corpus?: string;
  /** A file with the one input to read. */
  readonly input?: string;
  /** Where inputs are kept that reach what no other has; nowhere when not given. */
  readonly keepIn?: string;
  /** So many of the known inputs have been read by the campaigns that this one takes the place of. */
  readonly knownToSkip: number;
  /** The file that holds the input being read, for whoever finds this process dead. */
  readonly current: string;
  /** A folder for the target, made anew for each input. */
  readonly folder: string;
}

/** What a campaign tells. */
export type News =
  | { readonly kind: 'progress'; readonly inputs: number; readonly blocks: number }
  | { readonly kind: 'finding'; readonly what: string; readonly input: string };

/** After so many milliseconds the job of reading an input is stopped: some say truly that they hold a tebibyte of zeros. */
export const longestPatience = 3000;

/** And in so many it has to be over. */
export const longestRead = 30_000;

/** What a process may take in all, in bytes: its own code and wasm, and as much as the readers' budgets allow. */
export const mostMemory = 1000 * 2 ** 20;

/** The code of a process that has told what took so much memory, and ends for that. */
export const exitForMemory = 75;
