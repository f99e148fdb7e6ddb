import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { requireCheckout } from '../find';
import { trackApps } from '../new-files';
import { OpenedCheckout } from '../opened-checkout';
import { kindOf as partKindOf } from '../parts';
import { topFolder } from '../paths';
import type { Waiting } from '../working-state';
import { ChangingCheckout } from './changing-checkout';
import { acquireLock } from './lock';
import { describeRecovered, type Recovered } from './recover';
import { type Done, rememberBuilt } from './remember-built';
import { shipmentOf } from './shipment';
import { type Change, Transaction } from './transaction';
import { interruptedTransactions } from './transaction-folders';

export interface ChangeOptions {
  /** What is being done, for whoever has to wait for it: `updating web`. */
  readonly what: string;
  /** Throw everything away at the end. */
  readonly isPreview?: boolean;
}

export interface ChangedCheckout<Result> {
  readonly result: Result;
  /** Files and folders that are new, changed or gone; paths below the checkout. */
  readonly changedFiles: readonly string[];
  readonly changes: readonly Change[];
  /** What of it a device that has the last commit has otherwise. */
  readonly shipment: Waiting;
  /** As it lies there now. */
  readonly checkout: OpenedCheckout;
}

/**
 * Changes a checkout as its only writer, all at once or not at all; who comes second waits, and is told so. All files that
 * the changed apps are made of are tracked afterwards, as by `pvr add`.
 *
 * A preview needs nothing but to read, where this user may do no more.
 *
 * @param work says what is to change.
 */
export async function changeCheckout<Result>(
  checkoutDirectory: string,
  { what, isPreview = false }: ChangeOptions,
  job: Job,
  work: (change: ChangingCheckout) => Promise<Result>,
): Promise<ChangedCheckout<Result>> {
  const opened = isPreview && !(await mayWrite(checkoutDirectory)) ? asReader : asOnlyWriter;
  return opened(checkoutDirectory, what, job, async (change) => {
    const { before, transaction } = change;
    const result = await work(change);
    const { changes } = transaction;
    const changedFiles = changes.map(({ target }) => target);
    await before.noticeChangedState();
    const shipment = await shipmentOf(changes, await before.state(), job.signal);
    if (isPreview) return { result, changedFiles, changes, shipment, checkout: before };
    const committedAt = Date.now();
    if (changedFiles.length > 0) {
      job.progress('install', 0, undefined);
      await trackApps(change, [...new Set(changedFiles.map(topFolder).filter(mayBeApp))]);
      await transaction.commit(job.signal);
    }
    await rememberBuilt(change, doneBy(transaction, committedAt));
    return { result, changedFiles, changes, shipment, checkout: change };
  });
}

/**
 * Lets `work` have a checkout as its only writer, whatever it does; who comes second waits, and is told so. What it plans happens
 * when it commits the transaction.
 *
 * @param what is being done, for whoever has to wait for it: `updating web`.
 * @throws Problem when there is no checkout, or its state is broken; the signal's reason; what `work` throws.
 */
export async function asOnlyWriter<Result>(
  checkoutDirectory: string,
  what: string,
  job: Job,
  work: (change: ChangingCheckout) => Promise<Result>,
): Promise<Result> {
  await requireCheckout(checkoutDirectory);
  const onWaiting = (holder: { readonly pid: number; readonly what: string }) => {
    const who = holder.pid === process.pid ? 'another job' : `process ${holder.pid}`;
    job.warn(`Waiting for ${who}, which has the checkout for ${holder.what}`);
  };
  const onRecovered = (recovered: Recovered) => job.warn(describeRecovered(recovered), 'checkout');
  const lockOptions = { what, wait: 'wait', signal: job.signal, onWaiting } as const;
  await using _lock = await acquireLock(checkoutDirectory, lockOptions);
  await using transaction = await Transaction.begin(checkoutDirectory, { what, onRecovered });
  return await work(await changing(checkoutDirectory, transaction));
}

/** The same for whoever can't write, nor commit what it plans. Others may change the checkout in the meantime. */
async function asReader<Result>(
  checkoutDirectory: string,
  what: string,
  _job: Job,
  work: (change: ChangingCheckout) => Promise<Result>,
): Promise<Result> {
  await requireCheckout(checkoutDirectory);
  if ((await interruptedTransactions(checkoutDirectory)).length > 0)
    throw new Problem({
      doing: what,
      found:
        'a change of the checkout was interrupted, which only somebody who may write to it can bring to its end',
      remedy: 'Try it again as its owner, or when it is done',
    });
  await using transaction = await Transaction.rehearse(checkoutDirectory, what);
  return await work(await changing(checkoutDirectory, transaction));
}

/** @throws Problem when the state is broken. */
async function changing(checkoutDirectory: string, transaction: Transaction): Promise<ChangingCheckout> {
  const before = new OpenedCheckout(checkoutDirectory);
  await before.state();
  return new ChangingCheckout(before, transaction);
}

async function mayWrite(checkoutDirectory: string): Promise<boolean> {
  return access(path.join(checkoutDirectory, '.pvr'), constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** @param committedAt milliseconds since 1970, when nobody but the build could write to its files. */
function doneBy({ changes, confirmed }: Transaction, committedAt: number): Done {
  const removed = changes.flatMap(({ kind, target }) => (kind === 'remove' ? [target] : []));
  const replaced = changes.flatMap((change) =>
    change.kind === 'replace' && change.sha256 !== undefined
      ? [[change.target, { sha256: change.sha256, hashedAt: committedAt }] as const]
      : [],
  );
  return { removed, present: new Map([...confirmed, ...replaced]) };
}

/** What lies below _config and _sigs belongs to several apps, and is added by hand. */
function mayBeApp(folder: string): boolean {
  return partKindOf(folder) === 'other';
}
