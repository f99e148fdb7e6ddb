import { Session, type Profiler } from 'node:inspector';

/** Which blocks of the product's code have run in this thread, by V8's own counters. */
export class Coverage {
  readonly #session = new Session();
  /** By function: where each of its blocks begins, and whether that has run. */
  readonly #functions = new Map<string, Map<number, boolean>>();
  #undo: (() => void)[] = [];

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    this.#take();
  }

  /** How many blocks have run. */
  get blocks(): number {
    return [...this.#functions.values()].flatMap((blocks) => [...blocks.values()]).filter(Boolean).length;
  }

  /** Whether something has run since the last time that never had before. Takes milliseconds. */
  hasGrown(): boolean {
    this.#undo = [];
    for (const { scriptId, functions } of this.#take()) {
      for (const { ranges } of functions) this.#note(scriptId, ranges);
    }
    return this.#undo.length > 0;
  }

  /** Forgets what the last {@link hasGrown} has learned. */
  takeBack(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = [];
    // Answers at once: the session is with this very thread.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      taken = result.filter(({ url }) => url.includes('/src/core/'));
    });
    return taken;
  }

  /**
   * A function is told of as a whole, with the blocks in it that did not run. So a block is known from the first time that
   * it did not, and has run once the function does and the block is not among them.
   */
  #note(script: string, [whole, ...parts]: readonly Profiler.CoverageRange[]): void {
    if (whole === undefined || whole.count === 0) return;
    const key = `${script}:${whole.startOffset}:${whole.endOffset}`;
    let blocks = this.#functions.get(key);
    if (blocks === undefined) {
      blocks = new Map([[whole.startOffset, true]]);
      this.#functions.set(key, blocks);
      this.#undo.push(() => this.#functions.delete(key));
    }
    const idle = parts.filter(({ count }) => count === 0);
    for (const { startOffset } of idle) if (!blocks.has(startOffset)) blocks.set(startOffset, false);
    for (const [start, hasRun] of blocks) {
      if (hasRun || idle.some(({ startOffset, endOffset }) => startOffset <= start && start < endOffset))
        continue;
      blocks.set(start, true);
      this.#undo.push(() => blocks.set(start, false));
    }
  }
}
