import type { Job } from '../../job';
import { discard, headerOf, type Answer } from '../../net/message';
import { NetworkFailure, networkProblem } from '../../net/network-failure';
import { pauseAfter, waitForRetry, type RetryPolicy } from '../../net/retry';
import { Problem } from '../../problem';
import { createVerifier, type ExpectedContent } from '../digest';
import { hostRemedies } from './registry-transport';

/** Sends the request for a blob's bytes from `start` on; anything but 200 and 206 it throws as a Problem. */
export type AskForBytes = (start: number) => Promise<Answer>;

/** A connection that brings less than this before it breaks counts as one that brought nothing. */
const worthwhileBytes = 1024 * 1024;

/**
 * The bytes of a blob, checked against its digest and size; when the connection breaks or ends too early, a new one goes on
 * where it broke (Range, RFC 9110, 14.2).
 *
 * @throws Problem when the bytes are wrong or the connection breaks too often.
 */
export async function* readBlob(
  ask: AskForBytes,
  blob: ExpectedContent,
  doing: string,
  retry: RetryPolicy,
  job: Job,
): AsyncGenerator<Buffer, void, undefined> {
  const verifier = createVerifier(blob, doing);
  for (let failures = 0; ;) {
    const start = verifier.received;
    const answer = await ask(start);
    const { host } = answer.url;
    let failure: NetworkFailure | undefined;
    try {
      for await (const chunk of bytesFrom(start, answer, doing)) {
        job.signal.throwIfAborted();
        verifier.update(chunk);
        yield chunk;
      }
    } catch (error) {
      job.signal.throwIfAborted();
      if (error instanceof Problem) throw error;
      failure = new NetworkFailure(answer.url, undefined, error);
    }
    if (failure === undefined && verifier.received >= (blob.size ?? 0)) {
      verifier.finish();
      return;
    }
    failures = verifier.received - start >= worthwhileBytes ? 1 : failures + 1;
    const mayPass = failure === undefined || failure.isTransient || failure.isSilent;
    const wait = mayPass ? pauseAfter(failures, retry, undefined) : undefined;
    if (wait === undefined) {
      if (failure !== undefined) throw networkProblem(failure, doing, hostRemedies);
      // An answer without a length ends as if it were whole (RFC 9112, 8); that it isn't, the verifier says.
      verifier.finish();
      return;
    }
    const wasLong = failure?.isSilent ?? false;
    const why = wasLong ? `${host} has fallen silent` : `The connection to ${host} broke`;
    await waitForRetry({ why, wait, wasLong }, job);
  }
}

/** The body from byte `start` of the blob on; a server that does not know ranges sends it whole, and its start is skipped. */
async function* bytesFrom(start: number, answer: Answer, doing: string): AsyncGenerator<Buffer> {
  let skip = answer.status === 206 ? 0 : start;
  if (answer.status === 206 && rangeStart(answer) !== start) {
    await discard(answer);
    throw new Problem({
      doing,
      found: `${answer.url.host} was asked for the bytes from ${start} on and sent others`,
      remedy: 'Try again; if it happens again, tell who runs the registry',
    });
  }
  for await (const chunk of answer.body) {
    if (skip < chunk.length) yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

function rangeStart(answer: Answer): number | undefined {
  const start = /^bytes (\d+)-/.exec(headerOf(answer, 'content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}
