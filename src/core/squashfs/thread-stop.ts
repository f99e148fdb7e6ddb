import { setMaxListeners } from 'node:events';

/** Tells threads that nobody waits for their answer any more: a number in memory that all of them share, 0 until then. */
export type ThreadStop = Int32Array;

export function stopThreads(stop: ThreadStop): void {
  Atomics.store(stop, 0, 1);
}

/** @throws Error once the threads were to stop; whoever told them has a better reason to give. */
export function throwIfStopped(stop: ThreadStop): void {
  if (Atomics.load(stop, 0) !== 0) throw new Error('the work was stopped');
}

/**
 * Lets threads do something until the signal says otherwise.
 * @throws the signal's reason then, whatever became of the work.
 */
export async function stoppedBy<T>(signal: AbortSignal, work: (stop: ThreadStop) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => stopThreads(stop);
  // As many listen as files wait for a thread; Node takes more than ten for a leak, and says so to the user.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', onAbort);
  try {
    return await work(stop);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
