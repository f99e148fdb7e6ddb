import { performance } from 'node:perf_hooks';
import type { Job } from '../core/job';
import { inTerminalWords, type Remedy } from '../core/remedy';
import { noteChange } from './broken-output';
import { noProgress, type ProgressDisplay, ProgressDocuments, ProgressLines, RedrawnLine } from './progress';

export interface TerminalOptions {
  /** The document on stdout is for a program: people's text goes nowhere. */
  readonly json: boolean;
  /** How progress is told: as it suits people, as JSON lines, or not at all. */
  readonly progress?: 'people' | 'json' | 'none';
}

/** Where a command writes: results to stdout, progress and warnings to stderr, so that a pipe gets only results. */
export class Terminal {
  readonly #json: boolean;
  readonly #out = process.stdout;
  readonly #err = process.stderr;
  readonly #progress: ProgressDisplay;
  readonly #saysDocuments: boolean;

  constructor({ json, progress = 'people' }: TerminalOptions) {
    this.#json = json;
    this.#saysDocuments = progress === 'json';
    this.#progress = this.#displayOf(progress);
  }

  #displayOf(progress: 'people' | 'json' | 'none'): ProgressDisplay {
    if (progress === 'none') return noProgress;
    const write = (text: string) => this.#err.write(text);
    const now = () => performance.now();
    if (progress === 'json') return new ProgressDocuments(write, now);
    const canRedraw = this.#err.isTTY && process.env['TERM'] !== 'dumb';
    return canRedraw ? new RedrawnLine(this.#err) : new ProgressLines(write, now);
  }

  /**
   * The result: `document` with `--json`, `text` for people otherwise.
   *
   * @param hasChanged whether the checkout is another one now, which counts when the result can't be written.
   */
  result(text: string, document: unknown, { hasChanged = false } = {}): void {
    this.clearLine();
    if (hasChanged) noteChange();
    this.#out.write(`${this.#json ? JSON.stringify(document, withWords, 2) : text}\n`);
  }

  /** A result that is a JSON document in any case. */
  document(text: string): void {
    this.clearLine();
    this.#out.write(`${text}\n`);
  }

  /** A result of lines, which may be none. */
  lines(lines: readonly string[], document: unknown): void {
    if (this.#json || lines.length > 0) this.result(lines.join('\n'), document);
    else this.clearLine();
  }

  /** Something to know beside the result. */
  note(message: string): void {
    this.clearLine();
    this.#err.write(`${this.#saysDocuments ? JSON.stringify({ note: message }) : message}\n`);
  }

  /** A job that draws its progress here and is stopped by `signal`. */
  job(signal: AbortSignal): Job {
    return {
      signal,
      progress: (phase, done, total) => this.#progress.show(phase, done, total),
      warn: (message) => this.note(`warning: ${message}`),
    };
  }

  /** Ends the progress line, so that whatever comes next starts on a line of its own. */
  clearLine(): void {
    this.#progress.clear();
  }
}

/** What to do is data; whoever reads `--json` has a terminal. */
function withWords(key: string, value: unknown): unknown {
  return key === 'remedy' ? inTerminalWords(value as Remedy) : value;
}
