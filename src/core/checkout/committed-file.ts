import path from 'node:path';
import { pathExists } from '../files/path-exists';
import { readTextFile } from '../files/text-file';
import { parseJson } from '../json/parse';
import { isJsonObject } from '../json/value';
import { isObjectId, readState } from './state';

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
  const id = (await readState(checkoutDirectory)).entries.get(file);
  if (id === undefined || !isObjectId(id)) return undefined;
  const object = path.join(await objectsDirectory(checkoutDirectory), id);
  return (await pathExists(object)) ? object : undefined;
}

/** pvr libpvr/repolib.go:213-218: `ObjectsDir` of the configuration, below the checkout if it is relative. */
async function objectsDirectory(checkoutDirectory: string): Promise<string> {
  const text = await readTextFile(checkoutDirectory, configFile);
  const config = text === undefined ? undefined : parseJson(text, configFile, remedy);
  const configured = config !== undefined && isJsonObject(config) ? config.get('ObjectsDir') : undefined;
  const isGiven = typeof configured === 'string' && configured !== '';
  return path.resolve(checkoutDirectory, isGiven ? configured : path.join('.pvr', 'objects'));
}
