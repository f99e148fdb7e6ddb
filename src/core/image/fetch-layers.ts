import { createConcurrencyLimit } from '../files/concurrently';
import type { Job } from '../job';
import type { Layer } from './image';

/** As docker does (dockerd --max-concurrent-downloads). */
const parallelDownloads = 3;

/**
 * Brings layers to this machine, several at once. `job` sees one `download` progress in bytes over all of them, and
 * nothing when none has to be transferred. When one fails the others stop.
 *
 * @param use is called with each layer as soon as it is here, while others may still be on their way. What it reports is shown
 * once all of them are here, and its failure is that of a layer.
 */
export async function fetchLayers(
  layers: readonly Layer[],
  job: Job,
  use: (layer: Layer, job: Job) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  const done = new Map<Layer, number>();
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  const warn = (message: string) => job.warn(message);
  let isTransferring = false;
  const report = (layer: Layer, bytes: number) => {
    done.set(layer, bytes);
    const sum = [...done.values()].reduce((sofar, part) => sofar + part, 0);
    if (isTransferring) job.progress('download', sum, total);
  };

  const inTurn = createConcurrencyLimit(parallelDownloads);
  let left = layers.length;
  const fetchOne = async (layer: Layer) => {
    signal.throwIfAborted();
    await layer.fetch({
      signal,
      progress: (_, bytes) => {
        isTransferring = true;
        report(layer, Math.min(bytes, layer.size));
      },
      warn,
    });
    report(layer, layer.size);
    left -= 1;
  };
  const useOne = async (layer: Layer) => {
    signal.throwIfAborted();
    await use(layer, { signal, warn, progress: (...news) => left === 0 && job.progress(...news) });
  };
  const fail = (error: unknown) => failed.abort(error);
  // A failed one doesn't give its place to the next before that knows.
  await Promise.allSettled(
    layers.map((layer) =>
      inTurn(() => fetchOne(layer).catch(fail))
        .then(() => useOne(layer))
        .catch(fail),
    ),
  );
  signal.throwIfAborted();
}
