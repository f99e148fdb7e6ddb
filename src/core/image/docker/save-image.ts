import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { DamagedStream } from '../../damaged-stream';
import type { Job } from '../../job';
import { Problem } from '../../problem';
import { dockerManifest, parseSavedImages } from '../archive/docker-archive';
import { type TarIndex, unpackTar } from '../archive/tar-index';
import type { BlobCache, CachedBlob } from '../blob-cache';
import { maxDocumentBytes } from '../blob-cache/document';
import type { Digest } from '../digest';
import { parseImageConfig } from '../image-config';
import { tryParseJson } from '../json-document';
import type { DockerClient } from './docker-client';
import { type InspectedImage, platformQuery } from './inspect-image';

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
    // Docker gathers all of a large image before it sends the first byte.
    job.progress('download', 0, image.size);
    const answer = await docker.stream(question, job.signal);
    const files = await unpackTar(watched(answer, image.size, end, job), cache, job.signal);
    return await findLayers(files, image.diffIds, cache, failed);
  } catch (error) {
    if (!(error instanceof DamagedStream)) throw error;
    const reported = end.reportedError();
    throw failed(
      reported === undefined ? `docker's answer is no image: ${error.message}` : `docker failed: ${reported}`,
      error,
    );
  }
}

type Failed = (found: string) => Problem;

/** The answer can hold an image for several platforms, of which only one has these layers. */
async function findLayers(
  files: TarIndex<CachedBlob>,
  diffIds: readonly Digest[],
  cache: BlobCache,
  failed: Failed,
): Promise<ReadonlyMap<Digest, CachedBlob>> {
  const read = async (name: string) => {
    const blob = files.find(name);
    if (blob !== undefined && blob.size <= maxDocumentBytes) return buffer(cache.read(blob));
    throw failed(`docker's answer has no ${name.slice(0, 200)}`);
  };
  for (const saved of parseSavedImages(await read(dockerManifest), "docker's answer")) {
    const config = parseImageConfig(await read(saved.config), "docker's answer");
    if (config.diffIds.join() !== diffIds.join()) continue;
    return new Map(
      diffIds.map((diffId, at) => {
        const blob = files.find(saved.layers[at] ?? '');
        if (blob === undefined) throw failed(`docker's answer lacks the layer ${diffId}`);
        return [diffId, blob];
      }),
    );
  }
  throw failed("docker's answer holds another image than it was asked for");
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

const keptBytes = 4096;

/** moby, pkg/streamformatter, FormatError. */
const errorSchema = z.object({ errorDetail: z.object({ message: z.string() }) });

/** The last bytes of a long answer: when docker fails in its middle, it writes the error where the rest should be. */
class EndOfAnswer {
  #bytes = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-keptBytes)]).subarray(-keptBytes);
  }

  /** What docker says went wrong, if it does. */
  reportedError(): string | undefined {
    const text = this.#bytes.toString('utf8');
    const start = text.lastIndexOf('{"errorDetail"');
    const report = errorSchema.safeParse(start === -1 ? undefined : tryParseJson(text.slice(start)));
    return report.data?.errorDetail.message;
  }
}
