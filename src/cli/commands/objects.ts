import path from 'node:path';
import { OpenedCheckout } from '../../core/checkout/opened-checkout';
import { pathExists } from '../../core/files/file-problem';
import type { FileHasher } from '../../core/files/hash-file';
import { ObjectStore } from '../../core/objects/object-store';
import { formatSize } from '../../core/presentation/size';
import { Problem } from '../../core/problem';
import { objectStoreOf } from '../../core/revision/object-store-of';
import { CodecPool } from '../../core/squashfs/codec-pool';
import { type CheckedObjects, checkObjects, type ObjectFault } from '../../core/use-cases/check-objects';
import { type ClearedObjects, clearObjects, type Figures } from '../../core/use-cases/clear-objects';
import { codecs } from '../codecs-folder';
import { counted } from '../counted';
import { shownFile, withRevisionSession } from '../revision-session';
import { type CommonOptions, currentFolder, openSession, type Session } from '../session';

export interface StoreOptions extends CommonOptions {
  readonly objects?: string;
}

export interface CheckObjectsOptions extends StoreOptions {
  readonly repair?: true;
}

export interface ClearObjectsOptions extends StoreOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Reads all objects, and tells which aren't what their names say. */
export async function check({ repair, ...options }: CheckObjectsOptions): Promise<void> {
  await withStore(options, async ({ store, hasher, terminal, job }) => {
    const report = await checkObjects(store, { isRepair: repair ?? false }, hasher, job);
    terminal.result(describeCheck(report, store), { directory: store.directory, ...report });
    const left = report.faults.filter(({ mendedFrom }) => mendedFrom === undefined);
    if (left.length > 0) throw faulty(left, repair ?? false);
  });
}

/** Removes what nobody needs of what pvx itself has added. */
export async function clear({
  dryRun: isPreview = false,
  force: isForced = false,
  ...options
}: ClearObjectsOptions): Promise<void> {
  await withStore(options, async ({ store, terminal, job }) => {
    const report = await clearObjects(store, { isPreview, isForced }, job);
    terminal.result(describeClearing(report, isPreview), {
      directory: store.directory,
      isPreview,
      ...report,
    });
  });
}

interface StoreSession extends Session {
  readonly store: ObjectStore;
  readonly hasher: FileHasher;
}

/** The store of the checkout that the current folder lies in, or one that is named. */
async function withStore(
  { objects, ...options }: StoreOptions,
  work: (session: StoreSession) => Promise<void>,
): Promise<void> {
  if (objects === undefined || objects === '') {
    await withRevisionSession(options, async ({ checkoutDirectory, hasher, terminal, job }) =>
      work({ store: await objectStoreOf(new OpenedCheckout(checkoutDirectory)), hasher, terminal, job }),
    );
    return;
  }
  const directory = path.resolve(currentFolder(), objects);
  if (!(await pathExists(directory))) {
    throw new Problem({
      doing: 'looking for the objects',
      found: `${directory} does not exist`,
      remedy: 'Name the folder that "ObjectsDir" in .pvr/config names',
    });
  }
  const pool = new CodecPool({ directory: codecs });
  try {
    await work({ ...openSession(options), store: new ObjectStore(directory), hasher: pool });
  } finally {
    await pool.close();
  }
}

function describeCheck({ count, size, faults }: CheckedObjects, { directory }: ObjectStore): string {
  const summary = `${counted(count, 'object')} of ${formatSize(size)} in ${directory}`;
  if (faults.length === 0) return `${summary}: all are what their names say.`;
  return [
    ...faults.map(
      ({ id, kind, files, mendedFrom }) =>
        `${kind} ${id}${files[0] === undefined ? '' : ` (${shownFile(files[0])})`}${mendedFrom === undefined ? '' : `: mended from ${shownFile(mendedFrom)}`}`,
    ),
    `${summary}: ${counted(faults.length, 'fault')}.`,
  ].join('\n');
}

function faulty(faults: readonly ObjectFault[], hasTried: boolean): Problem {
  const again = 'Get it again from where it came from: a device, an export or another checkout';
  return new Problem({
    doing: 'checking the objects',
    found: `${counted(faults.length, 'object')} ${faults.length === 1 ? 'is' : 'are'} damaged or missing`,
    remedy: hasTried ? again : `Mend what checkouts still have with --repair. ${again}`,
  });
}

function describeClearing(report: ClearedObjects, isPreview: boolean): string {
  const { removed, removedSize, drafts, named, recent, foreign, checkouts, gone } = report;
  const figures = ({ count, size }: Figures, what = 'object') =>
    `${counted(count, what)} of ${formatSize(size)}`;
  const line = (of: Figures, why: string) => (of.count === 0 ? [] : [`Kept: ${figures(of)}, ${why}`]);
  const verb = isPreview ? 'Would remove' : 'Removed';
  const leftovers =
    drafts.count === 0 ? '' : `, and ${figures(drafts, 'leftover')} of commands that were killed`;
  return [
    ...gone.map((directory) => `Not there any more: ${shownFile(directory)}`),
    ...line(named, `named by ${counted(checkouts.length, 'checkout')}`),
    ...line(recent, 'needed in the last 30 days'),
    ...line(foreign, 'added or written by others'),
    `${verb} ${figures({ count: removed.length, size: removedSize })}${leftovers}.`,
  ].join('\n');
}
