import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem, ignoreMissing, pathExists } from '../files/file-problem';
import { makeFolder } from '../files/make-folder';
import { stringifyCanonical } from '../json/canonical';
import { Problem } from '../problem';
import { newConfigText } from './config';
import { findCheckoutFrom, holdsApp, isPvrFolderOfUser, requireCheckout } from './find';
import { defaultSpec, specKey } from './state';

export interface InitOptions {
  /** Where pvr keeps the content of committed files; see {@link defaultObjectsDirectory}. */
  readonly objectsDirectory: string;
  /** `#spec`: which kind of state it is going to have; pvr's own when not given. */
  readonly spec?: string | undefined;
}

/**
 * Makes a folder a checkout, with the same files as `pvr init`; what lies in the folder stays. It happens in one step.
 *
 * @throws Problem, also when the folder is a checkout already, or lies in an app of one.
 */
export async function initCheckout(
  folder: string,
  { objectsDirectory, spec = defaultSpec }: InitOptions,
): Promise<void> {
  const doing = `making ${folder} a checkout`;
  const pvrFolder = path.join(folder, '.pvr');
  // pvr never adds anything whose name begins with .pvr.
  const draft = path.join(folder, `.pvr-init-${randomUUID()}`);
  try {
    if (await pathExists(pvrFolder)) throw await somethingIsThere(doing, folder);
    await requireOutsideApps(doing, folder);
    await makeFolder(path.resolve(folder));
    await mkdir(draft);
    // One within `.pvr` comes with it.
    const within = path.relative(pvrFolder, path.resolve(objectsDirectory));
    const isWithin = within !== '' && !within.startsWith('..') && !path.isAbsolute(within);
    await makeObjectsFolder(doing, isWithin ? path.join(draft, within) : path.resolve(objectsDirectory));
    await writeFile(path.join(draft, 'config'), newConfigText(path.resolve(objectsDirectory)));
    await writeFile(path.join(draft, 'json'), emptyState(spec));
    await rename(draft, pvrFolder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    const isTakenNow = await pathExists(pvrFolder).catch(() => false);
    throw isTakenNow ? await somethingIsThere(doing, folder) : fileProblem(doing, folder, error);
  }
}

/** pvr's default: `objects` in its configuration folder, which all checkouts of a user share. */
export function defaultObjectsDirectory(env: Environment, homeDirectory: string): string {
  return setIn(env, 'PVR_OBJECTS_DIR') ?? path.join(pvrFolderOfUser(env, homeDirectory), 'objects');
}

/** What pvr keeps of a user: objects, logins and, below `pvs`, keys. */
export function pvrFolderOfUser(env: Environment, homeDirectory: string): string {
  return setIn(env, 'PVR_CONFIG_DIR') ?? path.join(homeDirectory, '.pvr');
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; an empty one is as good as none. */
export function setIn(env: Environment, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

/** Byte for byte what `pvr init` writes (pvr cmdinit.go:58-59). */
function emptyState(spec: string): string {
  return `{ "${specKey}": ${stringifyCanonical(spec)} }`;
}

/** Elsewhere in a checkout another one may lie; in an app's folder nobody would look for it. */
async function requireOutsideApps(doing: string, folder: string): Promise<void> {
  const target = path.resolve(folder);
  const around = await findCheckoutFrom(path.dirname(target));
  if (around === undefined) return;
  const [app = ''] = path.relative(around, target).split(path.sep);
  const names = await readdir(path.join(around, app)).catch(ignoreMissing);
  if (names === undefined || !holdsApp(new Set(names))) return;
  throw new Problem({
    doing,
    found: `it lies in ${app}, an app of the checkout ${around}, whose files its own would be`,
    remedy: 'Choose a folder that lies in no app',
  });
}

async function makeObjectsFolder(doing: string, objectsDirectory: string): Promise<void> {
  try {
    await makeFolder(objectsDirectory);
  } catch (error) {
    const { found, cause } = fileProblem(doing, objectsDirectory, error);
    throw new Problem({
      doing,
      found: `the folder for pvr's objects can't be made: ${found}`,
      remedy: 'Name another one in PVR_OBJECTS_DIR, or make this one',
      cause,
    });
  }
}

async function somethingIsThere(doing: string, folder: string): Promise<Problem> {
  const pvrFolder = path.join(folder, '.pvr');
  if (await isPvrFolderOfUser(pvrFolder)) {
    const found = `${pvrFolder} is where pvr keeps the objects and logins of all checkouts`;
    return new Problem({ doing, found, remedy: 'Choose another folder' });
  }
  try {
    await requireCheckout(folder);
  } catch (broken) {
    if (!(broken instanceof Problem)) throw broken;
    const remedy = 'Move .pvr away if nothing needs it, or choose another folder';
    return new Problem({ doing, found: `there is one, but ${broken.found}`, remedy, cause: broken });
  }
  const remedy = 'Use the checkout that is there, or choose another folder';
  return new Problem({ doing, found: `${pvrFolder} exists`, remedy });
}
