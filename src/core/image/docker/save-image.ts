import { buffer } from 'node:stream/consumers';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { dockerManifest, parseSavedImages } from '../archive/docker-archive';
import { unpackTar } from '../archive/unpack-tar';
import type { BlobCache, CachedBlob } from '../blob-cache';
import { maxDocumentBytes } from '../blob-cache/document';
import type { Digest } from '../digest';
import { DamagedStream } from '../layer/damaged-stream';
import type { DockerClient } from './docker-client';
import { EndOfAnswer } from './end-of-answer';
import { platformQuery, type InspectedImage } from './inspect-image';

/**
 * Transfers all layers of an image from docker into the cache (`docker save`), and tells which blob should be which layer.
 * Old daemons keep layers uncompressed; those with containerd as their registry had them.
 *
 * @param name for messages.
 * @throws Problem when the transfer breaks, or docker reports an error in its middle; nothing of that gets into the cache
 * under a digest that is not its own.
 */
export async function saveImage(
  docker: DockerClient,
  image: InspectedImage,
  name: string,
  cache: BlobCache,
  job: Job,
): Promise<ReadonlyMap<Digest, CachedBlob>> {
  const doing = `transferring ${name} from docker`;
  const question = { path: `/images/${image.id}/get`, query: platformQuery(image.wish), doing, what: name };
  const end = new EndOfAnswer();
  const failed = (found: string, cause?: unknown) =>
    new Problem({ doing, found, remedy: "Look into docker's log, then try again", cause });
  try {
    const answer = await docker.stream(question, job.signal);
    const files = await unpackTar(watched(answer, image.size, end, job), cache, job.signal);
    const manifest = files.find(dockerManifest);
    if (manifest === undefined || manifest.size > maxDocumentBytes) {
      throw failed(`docker's answer has no ${dockerManifest}`);
    }
    const [saved] = parseSavedImages(await buffer(cache.read(manifest)), "docker's answer");
    return pair(image.diffIds, saved?.layers.map((layer) => files.find(layer)) ?? [], failed);
  } catch (error) {
    if (!(error instanceof DamagedStream)) throw error;
    const reported = end.reportedError();
    throw failed(
      reported === undefined ? `docker's answer is no image: ${error.message}` : `docker failed: ${reported}`,
      error,
    );
  }
}

function pair(
  diffIds: readonly Digest[],
  blobs: readonly (CachedBlob | undefined)[],
  failed: (found: string) => Problem,
): ReadonlyMap<Digest, CachedBlob> {
  if (blobs.length !== diffIds.length) {
    throw failed(`docker's answer has ${blobs.length} layers, and the image ${diffIds.length}`);
  }
  return new Map(
    diffIds.map((diffId, at) => {
      const blob = blobs[at];
      if (blob === undefined) throw failed(`docker's answer lacks the layer ${diffId}`);
      return [diffId, blob];
    }),
  );
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  end: EndOfAnswer,
  job: Job,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    end.push(chunk);
    // An archive is a little larger than what docker calls the image's size.
    job.progress('download', Math.min(done, total), total);
    yield chunk;
  }
}
