/**
 * The result of `work`, or the signal's reason as soon as it is aborted, even if `work` never ends.
 *
 * Each call has a promise of its own for the signal: racing against one that lives as long as the job would keep every
 * result alive until then.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
  });
  signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  return work;
}
