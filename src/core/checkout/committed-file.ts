import path from 'node:path';
import { pathExists } from '../files/file-problem';
import { readConfig } from './config';
import { OpenedCheckout } from './opened-checkout';
import { isObjectId } from './state';

/**
 * Where the last commit's version of a file lies, as an absolute path; undefined where it was not committed, or its object
 * is not on this machine.
 *
 * @param file path below the checkout.
 * @throws Problem when the checkout's state or configuration can't be read.
 */
export async function committedFile(checkoutDirectory: string, file: string): Promise<string | undefined> {
  const checkout = new OpenedCheckout(checkoutDirectory);
  const id = (await checkout.state()).entries.get(file);
  if (id === undefined || !isObjectId(id)) return undefined;
  const object = path.join((await readConfig(checkout)).objectsDirectory, id);
  return (await pathExists(object)) ? object : undefined;
}
