import type { Remedy } from '../remedy';
import type { Compression } from './compression';
import type { HashBatch } from './hash-batch';
import type { ThreadStop } from './thread-stop';

/** What a codec worker can be asked to do, and what each task answers. */
export interface CodecTasks {
  'hash-file': {
    request: { readonly file: string; readonly stop: ThreadStop };
    /** The sha256 of all bytes of the file, whatever it is. */
    answer: string;
  };
  compress: {
    request: { readonly block: Uint8Array; readonly compression: Compression; readonly blockSize: number };
    /** `undefined` when the block doesn't get smaller. */
    answer: Uint8Array | undefined;
  };
  hash: {
    request: HashBatch;
    /** The sha256 of each file, in the order asked. */
    answer: readonly string[];
  };
}

/** A worker's `workerData`: the folder that holds `liblzma.wasm`. */
export interface WorkerSettings {
  readonly directory: string;
}

export type TaskName = keyof CodecTasks;

/** From the pool to a worker; `id` is the pool's own number for the answer. */
export type CodecRequest = {
  [Name in TaskName]: {
    readonly id: number;
    readonly task: Name;
    readonly request: CodecTasks[Name]['request'];
  };
}[TaskName];

/** From a worker to the pool: bytes done so far, then one last message that ends the task. */
export type CodecReply =
  | { readonly id: number; readonly outcome: 'progress'; readonly bytes: number }
  | { readonly id: number; readonly outcome: 'done'; readonly answer: CodecTasks[TaskName]['answer'] }
  | { readonly id: number; readonly outcome: 'failed'; readonly error: SentError };

/** An error as it crosses threads: structured clone would strip a `Problem` of its class and parts. */
export interface SentError {
  readonly message: string;
  readonly problem: { readonly doing: string; readonly found: string; readonly remedy: Remedy } | undefined;
  /** The file that it is about, of an `UnusableSquashfs`. */
  readonly unusable: string | undefined;
}
