import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { PeerError } from './peer-error';
import type { Timeouts } from './timeouts';

/**
 * The pieces of a body as they come. Only the time that is spent waiting for them counts: a reader may take its own.
 *
 * @throws PeerError when the host falls silent or is too slow; else what Node says when the connection breaks.
 */
export async function* readBody(
  body: Readable,
  { body: silence, slowest }: Timeouts,
): AsyncGenerator<Buffer, void, undefined> {
  let isWaiting = true;
  const patience = setTimeout(() => {
    if (isWaiting) body.destroy(new PeerError('SILENT', `no byte in ${seconds(silence)}`));
  }, silence);
  let since = performance.now();
  let waited = 0;
  let received = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      isWaiting = false;
      waited += performance.now() - since;
      received += chunk.length;
      if (waited >= slowest.during) {
        const bytesPerSecond = (received * 1000) / waited;
        if (bytesPerSecond < slowest.bytesPerSecond) {
          throw new PeerError('SLOW', `${Math.round(bytesPerSecond)} bytes/s over ${seconds(waited)}`);
        }
        waited = 0;
        received = 0;
      }
      yield chunk;
      isWaiting = true;
      since = performance.now();
      patience.refresh();
    }
  } finally {
    clearTimeout(patience);
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
