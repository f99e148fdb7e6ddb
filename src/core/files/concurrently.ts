/** Enough to keep a disk and Node's four file system threads busy, few enough for any limit on open files. */
const limit = 16;

/**
 * Calls `work` for each item, a bounded number of them at a time, and returns the results in the order of the items.
 * After a failure, or when the signal says so, nothing new is begun; the failure is thrown once all that was begun has come to its end.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      for (const [index, item] of queue) {
        signal?.throwIfAborted();
        if (failure !== undefined) return;
        results[index] = await work(item);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failure !== undefined) throw failure.error;
  return results;
}

/** Lets at most `limit` pieces of work run at once; the others wait for their turn. */
export function createConcurrencyLimit(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes straight to who waits longest, so nobody can slip in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
