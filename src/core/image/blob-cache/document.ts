import { buffer } from 'node:stream/consumers';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import type { BlobCache } from '../blob-cache';
import type { ExpectedContent } from '../digest';

/** Manifests and configs; registries need not take larger ones (OCI distribution spec 1.1, "Pushing Manifests"). */
export const maxDocumentBytes = 4 * 1024 * 1024;

/** A manifest or config, from the cache if it is there. */
export async function fetchDocument(
  cache: BlobCache,
  content: ExpectedContent,
  download: (job: Job) => Promise<Buffer>,
  job: Job,
): Promise<Buffer> {
  const blob = await cache.fetch(content, (shared) => onePiece(() => download(shared)), job);
  if (blob.size <= maxDocumentBytes) return buffer(cache.read(blob));
  throw new Problem({
    doing: `reading ${content.digest}`,
    found: `it has ${blob.size} bytes, and ${maxDocumentBytes} is the limit for a manifest or config`,
    remedy: 'Choose the reference of a container image',
  });
}

/** Asks only when the bytes are wanted: a promise that fails before anybody listens ends the process. */
async function* onePiece(download: () => Promise<Buffer>): AsyncGenerator<Buffer> {
  yield await download();
}
