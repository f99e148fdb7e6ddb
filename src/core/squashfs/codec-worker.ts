import { parentPort, workerData } from 'node:worker_threads';
import { sha256OfFile } from '../files/hash-file';
import { LoadedOnce } from '../loaded-once';
import { describeError, Problem } from '../problem';
import type {
  CodecReply,
  CodecRequest,
  CodecTasks,
  SentError,
  TaskName,
  WorkerSettings,
} from './codec-messages';
import { type Compression, loadDecoder, loadEncoder } from './compression';
import type { Encode } from './compressors/compressor';
import { UnusableSquashfs } from './damaged';
import { hashBatch } from './hash-batch';
import { unreadable } from './source-file';
import { throwIfStopped } from './thread-stop';

/** The entry of a codec pool's threads: does one task after the other, and answers each. */
const { directory } = workerData as WorkerSettings;
const encoders = new LoadedOnce<Encode>();

parentPort?.on('message', (message: CodecRequest) => void answer(message));

async function answer(message: CodecRequest): Promise<void> {
  try {
    const result = await perform(message);
    const transfer =
      result instanceof Uint8Array && result.buffer instanceof ArrayBuffer ? [result.buffer] : [];
    reply({ id: message.id, outcome: 'done', answer: result }, transfer);
  } catch (error) {
    reply({ id: message.id, outcome: 'failed', error: sentError(error) });
  }
}

async function perform(message: CodecRequest): Promise<CodecTasks[TaskName]['answer']> {
  const onBytes = (bytes: number) => reply({ id: message.id, outcome: 'progress', bytes });
  switch (message.task) {
    case 'compress': {
      const { block, compression, blockSize } = message.request;
      const encode = await encoderFor(compression);
      return encode(block, blockSize);
    }
    case 'hash-file': {
      const { file, stop } = message.request;
      const signal = { throwIfAborted: () => throwIfStopped(stop) };
      return sha256OfFile(file, signal, onBytes).catch((error: unknown) => {
        throw unreadable(file, error);
      });
    }
    case 'hash': {
      const { source, compressor } = message.request;
      const decode = await loadDecoder(compressor, directory, `reading ${source.path}`, 'passing');
      return hashBatch(message.request, decode, onBytes);
    }
  }
}

function encoderFor(compression: Compression): Promise<Encode> {
  return encoders.get(JSON.stringify(compression), () => loadEncoder(compression, directory));
}

function reply(message: CodecReply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function sentError(error: unknown): SentError {
  const problem =
    error instanceof Problem ? { doing: error.doing, found: error.found, remedy: error.remedy } : undefined;
  const unusable = error instanceof UnusableSquashfs ? error.file : undefined;
  return { message: describeError(error), problem, unusable };
}
