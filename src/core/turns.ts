import { setImmediate } from 'node:timers/promises';
import type { Job } from './job';

/** So often others get their turn, and a signal its chance: every few milliseconds. */
export const itemsPerTurn = 2000;

/** Lets everybody else who waits for this thread go first. @throws the signal's reason. */
export async function nextTurn({ signal }: Pick<Job, 'signal'>): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** All of many items, which take their time to be made. @throws the signal's reason. */
export async function inTurns<T>(items: Iterable<T>, job: Job): Promise<T[]> {
  const all: T[] = [];
  for (const item of items) {
    all.push(item);
    if (all.length % itemsPerTurn === 0) await nextTurn(job);
  }
  return all;
}

/** Does something with each of many items. @throws the signal's reason. */
export async function eachInTurn<T>(items: Iterable<T>, job: Job, use: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    use(item);
    if (++count % itemsPerTurn === 0) await nextTurn(job);
  }
}
