import { setTimeout } from 'node:timers/promises';
import { EventEmitter, type Pseudoterminal } from 'vscode';
import type { ExitCode } from '../../core/exit-codes';

/** A terminal that ends with an error before this has, for VS Code, "failed to launch", which it writes below what was wrong. */
const launchMilliseconds = 600;

/** Resolves when a terminal that is opened now may end with an error. */
export function launched(): Promise<void> {
  return setTimeout(launchMilliseconds);
}

/** A terminal that says one thing, and ends. */
export class LastWords implements Pseudoterminal {
  readonly #written = new EventEmitter<string>();
  readonly #closed = new EventEmitter<number>();

  constructor(
    private readonly text: string,
    private readonly code: ExitCode,
  ) {}

  get onDidWrite() {
    return this.#written.event;
  }

  get onDidClose() {
    return this.#closed.event;
  }

  open(): void {
    this.#written.fire(`${this.text}\r\n`);
    void launched().then(() => this.#closed.fire(this.code));
  }

  close(): void {
    this.#written.dispose();
    this.#closed.dispose();
  }
}
