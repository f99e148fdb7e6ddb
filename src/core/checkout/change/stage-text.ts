import path from 'node:path';
import { pathExists } from '../../files/path-exists';
import { readTextFile } from '../../files/text-file';
import type { Transaction } from './transaction';

/** A file that says the same already is left alone; undefined removes it. */
export async function stageText(
  transaction: Transaction,
  target: string,
  text: string | undefined,
): Promise<void> {
  if (text === undefined) {
    await stageRemoval(transaction, target);
  } else if ((await readTextFile(transaction.checkoutDirectory, target)) !== text) {
    await transaction.writeText(target, text);
  }
}

/** A file that isn't there is left alone, too. */
export async function stageRemoval(transaction: Transaction, target: string): Promise<void> {
  if (await pathExists(path.join(transaction.checkoutDirectory, target))) transaction.remove(target);
}
