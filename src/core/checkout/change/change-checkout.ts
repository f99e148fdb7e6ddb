import type { Job } from '../../job';
import { trackApps } from '../new-files';
import { kindOf as partKindOf } from '../parts';
import { topFolder } from '../paths';
import { readState } from '../state';
import { withLock } from './lock';
import { describeRecovered, type Recovered } from './recover';
import { rememberBuilt, type Done } from './remember-built';
import { shipmentOf, type Shipment } from './shipment';
import { Transaction } from './transaction';

export interface ChangeOptions {
  /** What is being done, for whoever has to wait for it: `updating web`. */
  readonly what: string;
  /** Throw everything away at the end. */
  readonly isPreview?: boolean;
}

export interface CheckoutChange<Result> {
  readonly result: Result;
  /** Files and folders that are new, changed or gone; paths below the checkout. */
  readonly changedFiles: readonly string[];
  readonly shipment: Shipment;
}

/**
 * Changes a checkout as its only writer, all at once or not at all; who comes second waits, and is told so. All files that
 * the changed apps are made of are tracked afterwards, as by `pvr add`.
 *
 * @param work puts the changes into the transaction.
 */
export async function changeCheckout<Result>(
  checkoutDirectory: string,
  { what, isPreview = false }: ChangeOptions,
  job: Job,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<CheckoutChange<Result>> {
  // First, because it says so when this is no checkout.
  await readState(checkoutDirectory);
  const onWaiting = (holder: { readonly pid: number; readonly what: string }) => {
    const who = holder.pid === process.pid ? 'another job' : `process ${holder.pid}`;
    job.warn(`Waiting for ${who}, which has the checkout for ${holder.what}`);
  };
  const onRecovered = (recovered: Recovered) => job.warn(describeRecovered(recovered), 'checkout');
  return withLock(checkoutDirectory, { what, wait: 'wait', signal: job.signal, onWaiting }, async () => {
    const transaction = await Transaction.begin(checkoutDirectory, { what, onRecovered });
    try {
      const result = await work(transaction);
      const changedFiles = transaction.changes.map(({ target }) => target);
      // pvr, which knows no lock, may have changed it meanwhile.
      const state = await readState(checkoutDirectory);
      const shipment = await shipmentOf(transaction.changes, state, job.signal);
      const committedAt = Date.now();
      if (!isPreview && changedFiles.length > 0) {
        job.progress('install', 0, undefined);
        await trackApps(transaction, state, [...new Set(changedFiles.map(topFolder).filter(mayBeApp))]);
        await transaction.commit(job.signal);
      }
      if (!isPreview) await rememberBuilt(checkoutDirectory, doneBy(transaction, committedAt));
      return { result, changedFiles, shipment };
    } finally {
      await transaction.rollback();
    }
  });
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
