import path from 'node:path';
import { pathExists } from '../../core/checkout/path-exists';
import type { WatchListener } from './checkout-model';
import type { Disposable } from './event';

/** Below `.pvr`, what says something about the state; builds work in the rest, and pvr keeps gigabytes there. */
const watchedBelowPvr = new Set(['json', 'new']);
const neverWatched = new Set(['.git', '.pv', 'node_modules']);

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
  if (!(await pathExists(directory))) {
    listener.onGone();
    return { dispose: () => undefined };
  }
  const watcher = watch(directory, {
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
    ignored: (file) => !isWatched(path.relative(directory, file)),
  });
  watcher.on('all', (event, file) => {
    if (event === 'unlinkDir' && file === directory) {
      void watcher.close();
      listener.onGone();
    } else {
      listener.onChange();
    }
  });
  // What changed while the watch was set up has caused no event.
  watcher.on('ready', () => listener.onChange());
  watcher.on('error', (error) => {
    listener.onIncomplete();
    onProblem(error);
  });
  return { dispose: () => void watcher.close() };
}

/** @param file relative to the checkout. */
export function isWatched(file: string): boolean {
  const [first, second, ...rest] = file.split(path.sep);
  if (first === '.pvr') return second === undefined || (rest.length === 0 && watchedBelowPvr.has(second));
  return first === undefined || !neverWatched.has(first);
}
