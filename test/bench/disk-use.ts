import { execFile } from 'node:child_process';

/** Milliseconds between two looks. */
const pause = 50;

/**
 * The most bytes of disk that these folders took together while `work` went on. They are looked at again and again, so
 * what comes and goes within a few dozen milliseconds may be missed, and what is being measured is slowed down.
 */
export async function peakDiskUse(folders: readonly string[], work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const isDone = new AbortController();
  const watch = async (): Promise<void> => {
    while (!isDone.signal.aborted) {
      peak = Math.max(peak, await diskUse(folders));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  const watching = watch();
  try {
    await work();
  } finally {
    isDone.abort();
    await watching;
  }
  return peak;
}

/** Folders themselves don't count, nor do those that aren't there. */
function diskUse(folders: readonly string[]): Promise<number> {
  if (folders.length === 0) return Promise.resolve(0);
  return new Promise((resolve) => {
    // It fails whenever something goes away under its eyes, and still tells the sum of the rest.
    execFile(
      'find',
      [...folders, '!', '-type', 'd', '-printf', '%b\n'],
      { maxBuffer: Infinity },
      (_, out) => {
        resolve(out.split('\n').reduce((sum, blocks) => sum + Number(blocks) * 512, 0));
      },
    );
  });
}
