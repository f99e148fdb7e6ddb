import type { Job, Phase } from '../core/job';
import { formatSize } from '../core/presentation/size';
import { noteChange } from './broken-output';

const phaseNames: Record<Phase, string> = {
  resolve: 'Looking up the image',
  download: 'Downloading',
  index: 'Reading layers',
  compare: 'Comparing with the base',
  compress: 'Compressing',
  check: 'Checking the result',
  install: 'Installing',
};

/** Redrawn at most this often, in milliseconds: enough for the eye, too little to slow a build. */
const redrawInterval = 100;

export interface TerminalOptions {
  /** The document on stdout is for a program: people's text goes nowhere. */
  readonly json: boolean;
}

/** Where a command writes: results to stdout, progress and warnings to stderr, so that a pipe gets only results. */
export class Terminal {
  readonly #json: boolean;
  readonly #out = process.stdout;
  readonly #err = process.stderr;
  #line = '';
  #drawnAt = 0;

  constructor({ json }: TerminalOptions) {
    this.#json = json;
  }

  /**
   * The result: `document` with `--json`, `text` for people otherwise.
   *
   * @param hasChanged whether the checkout is another one now, which counts when the result can't be written.
   */
  result(text: string, document: unknown, { hasChanged = false } = {}): void {
    this.clearLine();
    if (hasChanged) noteChange();
    this.#out.write(`${this.#json ? JSON.stringify(document, undefined, 2) : text}\n`);
  }

  error(message: string): void {
    this.clearLine();
    this.#err.write(`${message}\n`);
  }

  /** A job that draws its progress here and is stopped by `signal`. */
  job(signal: AbortSignal): Job {
    return {
      signal,
      progress: (phase, done, total) => this.#drawProgress(phase, done, total),
      warn: (message) => this.error(`warning: ${message}`),
    };
  }

  /** Ends the progress line, so that whatever comes next starts on a line of its own. */
  clearLine(): void {
    if (this.#line !== '') this.#err.write('\r\x1b[K');
    this.#line = '';
  }

  #drawProgress(phase: Phase, done: number, total: number | undefined): void {
    if (!this.#err.isTTY || process.env['TERM'] === 'dumb') return;
    const now = Date.now();
    if (now - this.#drawnAt < redrawInterval) return;
    this.#drawnAt = now;
    // A line that wraps could not be cleared again.
    const width = (this.#err.columns || 80) - 1;
    this.#line = `${phaseNames[phase]}${amount(done, total)}`.slice(0, width);
    this.#err.write(`\r\x1b[K${this.#line}`);
  }
}

function amount(done: number, total: number | undefined): string {
  if (done === 0 && total === undefined) return ' …';
  if (total === undefined) return ` ${formatSize(done)}`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return ` ${formatSize(done)} of ${formatSize(total)} (${percent} %)`;
}
