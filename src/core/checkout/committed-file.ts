import path from 'node:path';
import { pathExists } from '../files/path-exists';
import { parseJson } from '../json/parse';
import { isJsonObject } from '../json/value';
import { OpenedCheckout } from './opened-checkout';
import { isObjectId } from './state';

const configFile = '.pvr/config';
const remedy = 'Correct the file: its "ObjectsDir" says where pvr keeps what was committed';

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
  const object = path.join(await objectsDirectory(checkout), id);
  return (await pathExists(object)) ? object : undefined;
}

/** pvr libpvr/repolib.go:213-218: `ObjectsDir` of the configuration, below the checkout if it is relative. */
async function objectsDirectory(checkout: OpenedCheckout): Promise<string> {
  const text = await checkout.text(configFile);
  const config = text === undefined ? undefined : parseJson(text, configFile, remedy);
  const configured = config !== undefined && isJsonObject(config) ? config.get('ObjectsDir') : undefined;
  const isGiven = typeof configured === 'string' && configured !== '';
  return path.resolve(checkout.directory, isGiven ? configured : path.join('.pvr', 'objects'));
}
