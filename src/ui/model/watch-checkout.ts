import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { WatchListener } from './checkout-model';
import { debounce } from './debounce';
import type { Disposable } from './event';

/** Below `.pvr`, what says something about the state or files; builds work in the rest, and pvr keeps gigabytes there. */
const watchedBelowPvr = new Set(['json', 'new', 'pvx-index']);
const neverWatched = new Set(['.git', '.pv', 'node_modules']);

/** To remove a folder takes longer than to tell of the first file in it. */
const removalMilliseconds = 300;

/**
 * Watches the files of a checkout, all of them but pvr's own and ours.
 *
 * @param onProblem when the system refuses (say, for too many watched files); changes may go unnoticed from then on.
 */
export async function watchCheckout(
  directory: string,
  listener: WatchListener,
  onProblem: (error: unknown) => void,
): Promise<Disposable> {
  const { watch } = await import('chokidar');
  const watched = await inodeOf(directory);
  if (watched === undefined) {
    listener.onGone();
    return { dispose: () => undefined };
  }
  const watcher = watch(directory, {
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    ignored: (file) => !isWatched(path.relative(directory, file)),
  });
  // When the folder itself goes, that is told of what was in it, and not always of the folder; another one may have its place.
  const lookForFolder = debounce(() => {
    void inodeOf(directory).then((present) => {
      if (present === watched || watcher.closed) return;
      void watcher.close();
      listener.onGone();
    });
  }, removalMilliseconds);
  watcher.on('all', () => {
    listener.onChange();
    lookForFolder();
  });
  // What changed while the watch was set up has caused no event.
  watcher.on('ready', () => listener.onChange());
  watcher.on('error', (error) => {
    listener.onIncomplete();
    onProblem(error);
  });
  return {
    dispose: () => {
      lookForFolder.dispose();
      void watcher.close();
    },
  };
}

/** @param file relative to the checkout. */
export function isWatched(file: string): boolean {
  const [first, second, ...rest] = file.split(path.sep);
  if (first === '.pvr') return second === undefined || (rest.length === 0 && watchedBelowPvr.has(second));
  return first === undefined || !neverWatched.has(first);
}

/** Undefined where there is nothing. */
async function inodeOf(directory: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(directory, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
