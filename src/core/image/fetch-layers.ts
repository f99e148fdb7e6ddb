import type { Job } from '../job';
import { createConcurrencyLimit } from './concurrency-limit';
import type { Layer } from './image';

/** As docker does (dockerd --max-concurrent-downloads). */
const parallelDownloads = 3;

/**
 * Brings layers to this machine, several at once. `job` sees one `download` progress in bytes over all of them, and
 * nothing when none has to be transferred. When one fails the others stop.
 */
export async function fetchLayers(layers: readonly Layer[], job: Job): Promise<void> {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  const done = new Map<Layer, number>();
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  let isTransferring = false;
  const report = (layer: Layer, bytes: number) => {
    done.set(layer, bytes);
    const sum = [...done.values()].reduce((sofar, part) => sofar + part, 0);
    if (isTransferring) job.progress('download', sum, total);
  };

  const inTurn = createConcurrencyLimit(parallelDownloads);
  const fetchOne = async (layer: Layer) => {
    signal.throwIfAborted();
    await layer.fetch({
      signal,
      progress: (_, bytes) => {
        isTransferring = true;
        report(layer, Math.min(bytes, layer.size));
      },
      warn: (message) => job.warn(message),
    });
    report(layer, layer.size);
  };
  await Promise.allSettled(
    layers.map((layer) => inTurn(() => fetchOne(layer).catch((error: unknown) => failed.abort(error)))),
  );
  signal.throwIfAborted();
}
