import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describeError, Problem } from '../problem';
import type { CodecReply, CodecTasks, SentError, TaskName } from './codec-messages';
import type { Compression } from './compression';
import type { HashBatch } from './hash-batch';

export interface CodecPoolOptions {
  /** The folder that holds `codec-worker.js` and `liblzma.wasm`. */
  readonly directory: string;
  /** How many threads at most; as many as the machine can run at once when not given. */
  readonly workers?: number;
}

/** A worker has this many tasks at hand, so that it needn't wait for the next while its answer travels. */
const tasksPerWorker = 2;

/**
 * Worker threads that compress and hash. They start when there is work for them, and an idle pool doesn't keep the
 * process alive. Work is begun in the order asked. Nothing here bounds how much may wait: whoever asks does.
 */
export class CodecPool {
  readonly workers: number;
  readonly #directory: string;
  readonly #crew: CodecWorker[] = [];
  readonly #waiting: Task[] = [];
  #lastId = 0;
  #closed = false;

  constructor(options: CodecPoolOptions) {
    this.#directory = options.directory;
    this.workers = Math.max(1, options.workers ?? availableParallelism());
  }

  /**
   * Compresses a data, fragment or metadata block as a SquashFS file of `blockSize` holds it; the caller's `block`
   * stays as it is. Answers `undefined` when the block doesn't get smaller and is to be stored.
   */
  async compress(block: Uint8Array, compression: Compression, blockSize: number): Promise<Uint8Array | undefined> {
    // A copy, because what is sent is given away and the caller needs the block if it is to be stored. Costs
    // microseconds where compressing costs milliseconds; a view into a larger buffer would be sent with all of that.
    const own = block.slice();
    return this.#run('compress', { block: own, compression, blockSize }, [own.buffer]);
  }

  /** The sha256 (hex) of each file of a batch, in order; `onProgress` hears how many more bytes are done. */
  async hash(batch: HashBatch, onProgress: (bytes: number) => void): Promise<readonly string[]> {
    return this.#run('hash', batch, [], onProgress);
  }

  /** Ends the threads. Work that is not done fails with a `Problem`. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = new Problem({
      doing: 'compressing and reading in the background',
      found: 'the work was stopped before its end',
      remedy: 'Start it again',
    });
    for (const task of this.#waiting.splice(0)) task.fail(stopped);
    await Promise.all(this.#crew.splice(0).map((worker) => worker.end(stopped)));
  }

  #run<Name extends TaskName>(
    task: Name,
    request: CodecTasks[Name]['request'],
    transfer: readonly ArrayBuffer[],
    onProgress: (bytes: number) => void = () => undefined,
  ): Promise<CodecTasks[Name]['answer']> {
    if (this.#closed) throw new Error('CodecPool: used after close()');
    return new Promise<CodecTasks[Name]['answer']>((succeed, fail) => {
      const id = ++this.#lastId;
      // The worker answers a task with that task's answer; the types of messages can't say so per id.
      const done = succeed as (answer: CodecTasks[TaskName]['answer']) => void;
      this.#waiting.push({ id, message: { id, task, request }, transfer, onProgress, succeed: done, fail });
      this.#dispatch();
    });
  }

  /** Gives what waits to the workers that have the least to do, starting another while there may be more. */
  #dispatch(): void {
    for (;;) {
      const task = this.#waiting[0];
      if (task === undefined) return;
      const worker = this.#leastBusy();
      if (worker === undefined) return;
      this.#waiting.shift();
      worker.give(task);
    }
  }

  #leastBusy(): CodecWorker | undefined {
    const best = this.#crew.reduce<CodecWorker | undefined>(
      (a, b) => (a === undefined || b.load < a.load ? b : a),
      undefined,
    );
    if (best?.load === 0) return best;
    if (this.#crew.length < this.workers) {
      const worker = new CodecWorker(this.#directory, {
        onIdle: () => this.#dispatch(),
        onEnd: () => {
          const index = this.#crew.indexOf(worker);
          if (index >= 0) this.#crew.splice(index, 1);
          this.#dispatch();
        },
      });
      this.#crew.push(worker);
      return worker;
    }
    return best !== undefined && best.load < tasksPerWorker ? best : undefined;
  }
}

interface Task {
  readonly id: number;
  readonly message: unknown;
  readonly transfer: readonly ArrayBuffer[];
  readonly onProgress: (bytes: number) => void;
  readonly succeed: (answer: CodecTasks[TaskName]['answer']) => void;
  readonly fail: (error: Error) => void;
}

/** One thread and the tasks it has been given. */
class CodecWorker {
  readonly #thread: Worker;
  readonly #tasks = new Map<number, Task>();
  readonly #onIdle: () => void;

  constructor(directory: string, { onIdle, onEnd }: { onIdle: () => void; onEnd: () => void }) {
    this.#onIdle = onIdle;
    this.#thread = new Worker(path.join(directory, 'codec-worker.js'), { workerData: { directory }, execArgv: [] });
    this.#thread.unref();
    this.#thread.on('message', (reply: CodecReply) => this.#receive(reply));
    this.#thread.on('error', (error) => this.#failAll(crashed(describeError(error), error)));
    this.#thread.on('messageerror', (error) => this.#failAll(crashed(describeError(error), error)));
    this.#thread.on('exit', (code) => {
      this.#failAll(crashed(`it ended with code ${code}`));
      onEnd();
    });
  }

  /** Tasks given and not yet answered. */
  get load(): number {
    return this.#tasks.size;
  }

  give(task: Task): void {
    this.#tasks.set(task.id, task);
    this.#thread.ref();
    this.#thread.postMessage(task.message, task.transfer);
  }

  async end(reason: Error): Promise<void> {
    this.#failAll(reason);
    await this.#thread.terminate();
  }

  #receive(reply: CodecReply): void {
    const task = this.#tasks.get(reply.id);
    if (task === undefined) return;
    if (reply.outcome === 'progress') {
      task.onProgress(reply.bytes);
      return;
    }
    this.#tasks.delete(reply.id);
    if (this.#tasks.size === 0) this.#thread.unref();
    if (reply.outcome === 'done') task.succeed(reply.answer);
    else task.fail(receivedError(reply.error));
    this.#onIdle();
  }

  #failAll(error: Error): void {
    for (const task of this.#tasks.values()) task.fail(error);
    this.#tasks.clear();
    this.#thread.unref();
  }
}

function crashed(found: string, cause?: unknown): Problem {
  return new Problem({
    doing: 'compressing and reading in a background thread',
    found: `the thread stopped: ${found}`,
    remedy: 'Try again; if it happens again, check that there is enough free memory and that the installation is whole',
    cause,
  });
}

function receivedError({ message, problem }: SentError): Error {
  return problem === undefined ? new Error(message) : new Problem(problem);
}
