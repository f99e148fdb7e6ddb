import { unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileProblem } from '../../files/file-problem';
import { Problem } from '../../problem';
import { LockFile, type LockRecord } from './lock-file';
import { lifeOf } from './process-identity';

export interface LockOptions {
  /** What the lock is taken for, for whoever has to wait: `updating web`. */
  readonly what: string;
  /** When another process has it: give up with a {@link Problem}, or wait until it is free. */
  readonly wait: 'fail' | 'wait';
  readonly signal?: AbortSignal;
  /** Called once, when somebody else turns out to have it. */
  readonly onWaiting?: (holder: LockHolder) => void;
}

/** Who has a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly what: string;
}

/** Disposed of, it is released. */
export interface CheckoutLock extends AsyncDisposable {
  release(): Promise<void>;
}

const pollInterval = 200;

/**
 * Takes the checkout's lock, the file `.pvr/lock`: one writer at a time, among all processes. The lock of a process of this
 * machine that has ended is taken over; one from another machine (a shared drive) never is, since nobody here can know.
 *
 * A process that is killed leaves its lock behind, to be taken over; one that exits removes it.
 *
 * @throws Problem naming who has it, when told not to wait or when waiting makes no sense; the signal's reason.
 */
export async function acquireLock(checkoutDirectory: string, options: LockOptions): Promise<CheckoutLock> {
  const file = path.join(checkoutDirectory, '.pvr', 'lock');
  let hasToldWho = false;
  for (let polls = 0; ; polls++) {
    options.signal?.throwIfAborted();
    const attempt = await tryToAcquire(file, options.what);
    if (attempt.outcome === 'acquired') {
      // Tidying up is no reason to go without the lock, and still less to keep it.
      await attempt.lock.removeLeftovers().catch(() => undefined);
      return lockOf(attempt.lock);
    }
    const refusal = refusalOf(attempt, file, { isPatient: options.wait === 'wait', polls });
    if (refusal !== undefined) throw refusal;
    if (attempt.outcome === 'held' && !hasToldWho) {
      hasToldWho = true;
      options.onWaiting?.(holderOf(attempt.record));
    }
    // An abort ends the pause; the next round throws its reason.
    await delay(pollInterval, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

type Attempt =
  | { readonly outcome: 'acquired'; readonly lock: LockFile }
  | { readonly outcome: 'held'; readonly record: LockRecord; readonly life: 'alive' | 'unknown' }
  /** Another process is taking it or letting go of it right now. */
  | { readonly outcome: 'changing' }
  /** Its content is not (yet) what we write. */
  | { readonly outcome: 'unreadable' };

async function tryToAcquire(file: string, what: string): Promise<Attempt> {
  try {
    const created = await LockFile.create(file, what);
    if (created !== undefined) return { outcome: 'acquired', lock: created };
    const record = await LockFile.read(file);
    if (record === 'missing') return { outcome: 'changing' };
    if (record === 'unreadable') return { outcome: 'unreadable' };
    const life = await lifeOf(record.process);
    return life === 'dead' ? await takeOver(file, record, what) : { outcome: 'held', record, life };
  } catch (error) {
    throw fileProblem('locking the checkout', file, error);
  }
}

/**
 * Makes a dead process's lock our own. The right to do so is a lock itself, named after the dead one: whoever holds it is
 * the only one who may replace that file, so between its check and the replacement nothing can change, and the file is
 * never missing. An heir that dies in between is inherited from in the same way.
 */
async function takeOver(file: string, dead: LockRecord, what: string): Promise<Attempt> {
  const right = await tryToAcquire(`${file}.${dead.token}`, what);
  if (right.outcome === 'held') return { outcome: 'changing' };
  if (right.outcome !== 'acquired') return right;
  try {
    const current = await LockFile.read(file);
    const isStillDead = typeof current === 'object' && current.token === dead.token;
    if (!isStillDead) return { outcome: 'changing' };
    const lock = await LockFile.replace(file, what);
    return lock === undefined ? { outcome: 'changing' } : { outcome: 'acquired', lock };
  } finally {
    await right.lock.remove();
  }
}

function lockOf(lock: LockFile): CheckoutLock {
  const removeAtExit = () => {
    try {
      unlinkSync(lock.path);
    } catch {
      // Whoever comes next finds that this process has ended.
    }
  };
  process.once('exit', removeAtExit);
  const release = async () => {
    process.off('exit', removeAtExit);
    await lock.remove();
  };
  return { release, [Symbol.asyncDispose]: release };
}

function holderOf({ process: { pid, host }, startedAt, what }: LockRecord): LockHolder {
  return { pid, host, startedAt, what };
}

/** What changes by itself, or is being written, has settled after this many polls. */
const settled = 5;

/** Why there is no point in trying on; undefined when there is. */
function refusalOf(
  attempt: Exclude<Attempt, { outcome: 'acquired' }>,
  file: string,
  { isPatient, polls }: { isPatient: boolean; polls: number },
): Problem | undefined {
  const doing = 'locking the checkout';
  switch (attempt.outcome) {
    case 'held': {
      const { pid, host, startedAt, what } = holderOf(attempt.record);
      if (attempt.life === 'unknown') {
        return new Problem({
          doing,
          found: `process ${pid} on ${host}, another machine or container, has had it since ${startedAt}, for ${what}`,
          remedy: `Wait until it is done; when you know that it has ended, delete ${file}`,
        });
      }
      if (isPatient) return undefined;
      return new Problem({
        doing,
        found: `process ${pid} has had it since ${startedAt}, for ${what}`,
        remedy: 'Wait until it is done, or end that process',
      });
    }
    case 'changing':
      if (isPatient || polls < settled) return undefined;
      return new Problem({
        doing,
        found: 'other processes keep taking and leaving it',
        remedy: 'Try again when they are done',
      });
    case 'unreadable':
      if (polls < settled) return undefined;
      return new Problem({
        doing,
        found: `${file} does not say who has it`,
        remedy: `Make sure that nothing is writing to the checkout, then delete ${file}`,
      });
  }
}
