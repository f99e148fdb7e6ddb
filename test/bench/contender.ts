/** A checkout, and pvx's cache folder (the others have none). Absolute paths. */
export interface Place {
  readonly checkout: string;
  readonly cache: string;
}

/** One way to do a piece of work. */
export interface Contender {
  readonly name: string;
  /** Lays out what the work starts from in a new folder; not measured. */
  prepare(folder: string): Promise<Trial>;
}

/** The work, ready to be done once: a process of its own from its start to its end. */
export interface Trial {
  readonly place: Place;
  /** To be run in the checkout. */
  readonly command: readonly [string, ...string[]];
  /** What it gets beside this process's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders for what it needs for the time being; it may make them itself. */
  readonly temporary: readonly string[];
  /**
   * What it wrote, once it has ended.
   * @throws Error when that is not what it should have written: who does less does not contend.
   */
  check(): Promise<Outcome>;
}

export interface Outcome {
  /** Bytes of the file that a device gets; 0 where the work writes none. */
  readonly written: number;
  /** Bytes of this that lay among the temporary files until all was done. */
  readonly staged: number;
}
