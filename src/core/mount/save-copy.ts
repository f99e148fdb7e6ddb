import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteString } from '../bytes/byte-string';
import { systemErrorWords } from '../files/system-error';
import type { Job } from '../job';
import { describeError, Problem } from '../problem';
import { requireFile } from './entries';
import type { Mount } from './mounts';

/**
 * Writes a file of a mount to `target`, an absolute path of this machine, in bounded memory; what was there before stays
 * until all is written. Progress counts bytes.
 *
 * @throws Problem; the signal's reason.
 */
export async function saveCopy(mount: Mount, path: ByteString, target: string, job: Job): Promise<void> {
  const file = requireFile(mount, path);
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const chunks = counted(mount.read(file, job), file.size, job);
    await pipeline(Readable.from(chunks), createWriteStream(temporary, { flags: 'wx' }), {
      signal: job.signal,
    });
    await rename(temporary, target);
  } catch (error) {
    // What is in the way of the file is in the way of its removal, too.
    await rm(temporary, { force: true }).catch(() => undefined);
    job.signal.throwIfAborted();
    if (error instanceof Problem) throw error;
    const words = systemErrorWords(error, target) ?? {
      found: describeError(error),
      remedy: 'Check that there is space and that you may write there, or choose another place',
    };
    throw new Problem({ doing: `writing ${target}`, ...words, cause: error });
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  job: Job,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    job.progress('compare', done, total);
  }
}
