import path from 'node:path';
import { pathExists } from '../../files/file-problem';
import type { HashIndex } from '../hashes/hash-index';
import { OpenedCheckout } from '../opened-checkout';
import type { State } from '../state';
import type { Transaction } from './transaction';

/** A checkout that is about to change: its small files say what they are going to say. */
export class ChangingCheckout extends OpenedCheckout {
  /** As it lies there. */
  readonly before: OpenedCheckout;
  /** What is going to happen to it. */
  readonly transaction: Transaction;
  readonly #staged = new Map<string, Buffer | undefined>();
  /** Files that say already what they were to say. */
  readonly #asTheyWere = new Set<string>();

  constructor(before: OpenedCheckout, transaction: Transaction) {
    super(before.directory);
    this.before = before;
    this.transaction = transaction;
  }

  override async content(file: string): Promise<Buffer | undefined> {
    return this.#staged.has(file) ? this.#staged.get(file) : this.before.content(file);
  }

  override state(): Promise<State> {
    return this.before.state();
  }

  override hashes(): Promise<HashIndex> {
    return this.before.hashes();
  }

  /** Whether somebody has written to a file, though it may have said the same already. */
  isWritten(target: string): boolean {
    return this.transaction.isChanged(target) || this.#asTheyWere.has(target);
  }

  /** A file that says the same already is left alone; undefined removes it. */
  async write(target: string, text: string | undefined): Promise<void> {
    if (text === undefined) return this.remove(target);
    if ((await this.text(target)) === text) {
      this.#asTheyWere.add(target);
      return;
    }
    await this.transaction.writeText(target, text);
    this.#staged.set(target, Buffer.from(text));
  }

  /** A file that isn't there is left alone, too. */
  async remove(target: string): Promise<void> {
    if (await pathExists(path.join(this.directory, target))) this.transaction.remove(target);
    this.#staged.set(target, undefined);
  }
}
