import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileProblem } from '../../files/file-problem';
import type { Job } from '../../job';
import { discard, headerOf } from '../../net/message';
import { type HostRemedies, NetworkFailure, networkProblem } from '../../net/network-failure';
import type { Transport } from '../../net/transport';
import { Problem } from '../../problem';

/** Whatever a server says, more than any device could store is no root file system. */
const largestDownload = 64 * 1024 ** 3;

/** Brings a file of the web here. @throws Problem when it doesn't come whole; the signal's reason. */
export async function download(url: URL, file: string, downloads: Transport, job: Job): Promise<void> {
  const doing = `downloading ${url.href}`;
  const answer = await downloads.send({ method: 'GET', url, headers: {}, doing }, job);
  if (answer.status !== 200) {
    await discard(answer);
    throw new Problem({
      doing,
      found: `${answer.url.host} answered ${answer.status}`,
      remedy: 'Check the address, or download the file by other means and name its path',
    });
  }
  const announced = Number(headerOf(answer, 'content-length') ?? Number.NaN);
  const total = Number.isSafeInteger(announced) ? announced : undefined;
  let done = 0;
  async function* body(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of answer.body) {
        job.signal.throwIfAborted();
        done += chunk.length;
        if (done > largestDownload) break;
        job.progress('download', done, total);
        yield chunk;
      }
    } catch (error) {
      job.signal.throwIfAborted();
      throw networkProblem(new NetworkFailure(answer.url, undefined, error), doing, downloadRemedies);
    }
  }
  try {
    await pipeline(body(), createWriteStream(file, { flags: 'wx' }));
  } catch (error) {
    job.signal.throwIfAborted();
    throw fileProblem(doing, file, error);
  }
  if (total === undefined || done === total) return;
  throw new Problem({
    doing,
    found: `${done} of ${total} bytes came`,
    remedy: 'Try again: the connection has ended too early',
  });
}

const check = 'Check the address and the network connection';

export const downloadRemedies: HostRemedies = {
  ...{ noTls: check, noSuchName: check, refused: check, noHttp: check, badRedirect: check, tooLong: check },
  wantsCertificate: () => check,
  notTrusted: () => 'Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS',
};
