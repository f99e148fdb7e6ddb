import type { Phase } from '../core/job';
import { formatSize } from '../core/presentation/size';

/** Where the progress of a command is told. */
export interface ProgressDisplay {
  /** `done` and `total` count bytes. */
  show(phase: Phase, done: number, total: number | undefined): void;
  /** Whatever comes next starts on a line of its own. */
  clear(): void;
}

const phaseNames: Record<Phase, string> = {
  hash: 'Reading large files',
  fetch: 'Fetching objects',
  send: 'Sending objects',
  resolve: 'Looking up the image',
  download: 'Downloading',
  index: 'Reading files',
  compare: 'Comparing with the base',
  compress: 'Compressing',
  check: 'Checking the result',
  install: 'Changing the checkout',
};

/** Redrawn at most this often, in milliseconds: enough for the eye, too little to slow a build. */
const redrawInterval = 100;
/** Between two lines about what has been told of before, in milliseconds. */
const lineInterval = 15_000;

/** Between two documents about one phase, in milliseconds. */
const documentInterval = 500;

/** One line of a terminal, drawn again and again. */
export class RedrawnLine implements ProgressDisplay {
  readonly #out: NodeJS.WriteStream;
  #isDrawn = false;
  #drawnAt = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(phase: Phase, done: number, total: number | undefined): void {
    const now = Date.now();
    if (now - this.#drawnAt < redrawInterval) return;
    this.#drawnAt = now;
    // A line that wraps could not be cleared again.
    const width = (this.#out.columns || 80) - 1;
    this.#isDrawn = true;
    this.#out.write(`\r\x1b[K${`${phaseNames[phase]}${amount(done, total)}`.slice(0, width)}`);
  }

  clear(): void {
    if (this.#isDrawn) this.#out.write('\r\x1b[K');
    this.#isDrawn = false;
  }
}

/** For logs and pipes: a line when a phase begins, and a few more when it takes long. */
export class ProgressLines implements ProgressDisplay {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #told = new Set<Phase>();
  #writtenAt = 0;

  /** @param now milliseconds of any clock. */
  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  show(phase: Phase, done: number, total: number | undefined): void {
    const now = this.#now();
    const isNew = !this.#told.has(phase);
    if (!isNew && now - this.#writtenAt < lineInterval) return;
    this.#told.add(phase);
    this.#writtenAt = now;
    const size = total === undefined || total === 0 ? '' : ` ${formatSize(total)}`;
    this.#write(`${phaseNames[phase]}${isNew ? size : amount(done, total)}\n`);
  }

  clear(): void {
    // Lines stand for themselves.
  }
}

/** For programs: a JSON document on each line, `{"phase":"compress","done":0,"total":4096}`, of bytes; the total where it is known. */
export class ProgressDocuments implements ProgressDisplay {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #last: { readonly phase: Phase; readonly at: number } | undefined;

  /** @param now milliseconds of any clock. */
  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  show(phase: Phase, done: number, total: number | undefined): void {
    const now = this.#now();
    const isSoon = this.#last?.phase === phase && now - this.#last.at < documentInterval && done !== total;
    if (isSoon) return;
    this.#last = { phase, at: now };
    this.#write(`${JSON.stringify({ phase, done, total })}\n`);
  }

  clear(): void {
    // Lines stand for themselves.
  }
}

/** Says nothing. */
export const noProgress: ProgressDisplay = { show: () => undefined, clear: () => undefined };

function amount(done: number, total: number | undefined): string {
  if (done === 0 && total === undefined) return ' …';
  if (total === undefined) return ` ${formatSize(done)}`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return ` ${formatSize(done)} of ${formatSize(total)} (${percent} %)`;
}
