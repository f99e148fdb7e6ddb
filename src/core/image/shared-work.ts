import type { Job } from '../job';

interface Running<T> {
  readonly result: Promise<T>;
  readonly jobs: Set<Job>;
  readonly abandoned: AbortController;
}

/**
 * Does a piece of work once for all that want it at the same time. It goes on until the last of them has been stopped;
 * all of them see its progress and its warnings.
 */
export class SharedWork<T> {
  readonly #running = new Map<string, Running<T>>();

  /** @param start is called unless the work named `key` is already being done. */
  async join(key: string, job: Job, start: (job: Job) => Promise<T>): Promise<T> {
    job.signal.throwIfAborted();
    const running = this.#running.get(key) ?? this.#begin(key, start);
    running.jobs.add(job);
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        const reason = abortReason(job.signal);
        running.jobs.delete(job);
        if (running.jobs.size > 0) {
          reject(reason);
          return;
        }
        this.#forget(key, running);
        running.abandoned.abort(reason);
        // Only then has it tidied up after itself.
        const stopped = () => reject(reason);
        running.result.then(stopped, stopped);
      };
      job.signal.addEventListener('abort', leave, { once: true });
      running.result
        .finally(() => {
          job.signal.removeEventListener('abort', leave);
        })
        .then(resolve, reject);
    });
  }

  #begin(key: string, start: (job: Job) => Promise<T>): Running<T> {
    const jobs = new Set<Job>();
    const abandoned = new AbortController();
    const shared: Job = {
      signal: abandoned.signal,
      progress: (...progress) => jobs.forEach((job) => job.progress(...progress)),
      warn: (message, about) => jobs.forEach((job) => job.warn(message, about)),
    };
    const running = { result: start(shared), jobs, abandoned };
    this.#running.set(key, running);
    const forget = () => this.#forget(key, running);
    running.result.then(forget, forget);
    return running;
  }

  #forget(key: string, running: Running<T>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}

function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
