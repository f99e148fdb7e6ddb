import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeOciLayout } from '../../image-maker/oci-layout';
import type { Image } from '../../image-maker/image';
import { serve } from '../image/http-server';
/** A registry that has `app` with the tags that it was given. */
export interface HaltingRegistry {
  readonly host: string;
  /** From now on large blobs come to a halt half-way; ends when the first one has. */
  haltInLargeBlob(): Promise<void>;
  resume(): void;
  close(): Promise<void>;
}

/** @param layout a folder that is made for its images. */
export async function startRegistry(
  layout: string,
  images: Readonly<Record<string, Image>>,
): Promise<HaltingRegistry> {
  const digests = await writeOciLayout(layout, images);
  const half = 2 ** 19;
  let onHalt: (() => void) | undefined;
  const server = await serve(({ url = '' }, response) => {
    const name = path.basename(url);
    const blob = path.join(layout, 'blobs', ...(digests.get(name) ?? name).split(':'));
    void readFile(blob).then(
      (content) => {
        if (url.includes('/manifests/')) {
          const { mediaType } = JSON.parse(content.toString()) as { mediaType: string };
          response.setHeader('Content-Type', mediaType);
        }
        response.setHeader('Content-Length', content.length);
        if (onHalt === undefined || content.length < half) response.end(content);
        else response.write(content.subarray(0, half), onHalt);
      },
      () => response.writeHead(url === '/v2/' ? 200 : 404).end(),
    );
  });
  return {
    host: server.host,
    haltInLargeBlob: () => new Promise((resolve) => (onHalt = resolve)),
    resume: () => (onHalt = undefined),
    close: () => server.close(),
  };
}
