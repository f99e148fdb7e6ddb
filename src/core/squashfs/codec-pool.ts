import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemErrorWords } from '../files/system-error';
import { isOutOfMemory } from '../out-of-memory';
import { describeError, Problem } from '../problem';
import type { CodecReply, CodecTasks, SentError, TaskName, WorkerSettings } from './codec-messages';
import type { Compression } from './compression';
import { UnusableSquashfs } from './damaged';
import type { HashBatch } from './hash-batch';
import { stoppedBy } from './thread-stop';

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
  /** As given; a `SquashfsReader` needs it, too. */
  readonly directory: string;
  readonly #crew: CodecWorker[] = [];
  readonly #waiting: Task[] = [];
  #lastId = 0;
  #closed = false;

  constructor(options: CodecPoolOptions) {
    this.directory = options.directory;
    this.workers = Math.max(1, options.workers ?? availableParallelism());
  }

  /**
   * Compresses a data, fragment or metadata block as a SquashFS file of `blockSize` holds it; the caller's `block`
   * stays as it is. Answers `undefined` when the block doesn't get smaller and is to be stored.
   */
  async compress(
    block: Uint8Array,
    compression: Compression,
    blockSize: number,
  ): Promise<Uint8Array | undefined> {
    // A copy, because what is sent is given away and the caller needs the block if it is to be stored. Costs
    // microseconds where compressing costs milliseconds; a view into a larger buffer would be sent with all of that.
    const own = new Uint8Array(block);
    return this.#run('compress', { block: own, compression, blockSize }, [own.buffer]);
  }

  /** The sha256 (hex) of each file of a batch, in order; `onProgress` hears how many more bytes are done. */
  async hash(batch: HashBatch, onProgress: (bytes: number) => void): Promise<readonly string[]> {
    return this.#run('hash', batch, [], onProgress);
  }

  /**
   * The sha256 (hex) of a file as it lies there.
   * @param onProgress hears how many more bytes are done.
   * @throws Problem when it can't be read; the signal's reason.
   */
  async hashFile(file: string, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<string> {
    return stoppedBy(signal, (stop) => this.#run('hash-file', { file, stop }, [], onProgress));
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
    await Promise.all(this.#crew.splice(0).map((worker) => worker.stop(stopped)));
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

  /** Gives what waits to workers, as long as one has room. */
  #dispatch(): void {
    for (;;) {
      const task = this.#waiting[0];
      if (task === undefined) return;
      const worker = this.#workerWithRoom();
      if (worker === undefined) return;
      this.#waiting.shift();
      worker.give(task);
    }
  }

  /** The one that has the least to do, or a new one while there may be more; none when all have enough at hand. */
  #workerWithRoom(): CodecWorker | undefined {
    const best = this.#crew.reduce<CodecWorker | undefined>(
      (a, b) => (a === undefined || b.load < a.load ? b : a),
      undefined,
    );
    if (best?.load === 0) return best;
    if (this.#crew.length < this.workers) {
      const worker = new CodecWorker(this.directory, {
        onAnswer: () => this.#dispatch(),
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
  readonly #events: WorkerEvents;

  constructor(directory: string, events: WorkerEvents) {
    const workerData: WorkerSettings = { directory };
    this.#events = events;
    // Without the flags of this process, which may be meant for its entry alone (`--import`, `--inspect-brk`).
    this.#thread = new Worker(path.resolve(directory, 'codec-worker.js'), { workerData, execArgv: [] });
    this.#thread.unref();
    this.#thread.on('message', (reply: CodecReply) => this.#receive(reply));
    this.#thread.on('error', (error) =>
      this.#end(isOutOfMemory(error) ? error : crashed(describeError(error), error)),
    );
    this.#thread.on('messageerror', (error) => void this.stop(crashed(describeError(error), error)));
    this.#thread.on('exit', (code) => this.#end(crashed(`it ended with code ${code}`)));
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

  async stop(reason: Error): Promise<void> {
    this.#end(reason);
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
    this.#events.onAnswer();
  }

  /** Nothing more comes from this thread. Not left to its `exit`: no one waits for that once it has no tasks. */
  #end(reason: Error): void {
    for (const task of this.#tasks.values()) task.fail(reason);
    this.#tasks.clear();
    this.#thread.unref();
    this.#events.onEnd();
  }
}

interface WorkerEvents {
  /** A task is done, and there is room for another. */
  readonly onAnswer: () => void;
  /** It can't be given anything any more; may be said twice. */
  readonly onEnd: () => void;
}

function crashed(found: string, cause?: unknown): Problem {
  const words = systemErrorWords(cause, 'its program') ?? {
    found,
    remedy:
      'Try again; if it happens again, check that there is enough free memory and that the installation is whole',
  };
  return new Problem({
    doing: 'compressing and reading in a background thread',
    found: `the thread stopped: ${words.found}`,
    remedy: words.remedy,
    cause,
  });
}

function receivedError({ message, problem, unusable }: SentError): Error {
  if (problem === undefined) return new Error(message);
  return unusable === undefined ? new Problem(problem) : new UnusableSquashfs(unusable, problem);
}
