import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { Image } from '../image-maker/image';
import { writeOciLayout } from '../image-maker/oci-layout';
import type { Listing } from './listing';
import { asOnDevice } from './pvr-additions';
import { pushImage } from './registry-images';
import { listImage } from './umoci';

/**
 * Pushes an image of gzip-compressed layers to a registry.
 *
 * @param folder for the OCI layouts on the way.
 * @returns what a device must show of it, by umoci.
 */
export async function publish(image: Image, folder: string, reference: string): Promise<Listing> {
  const layout = await mkdtemp(path.join(folder, 'layout-'));
  await writeOciLayout(layout, { image });
  await pushImage(layout, 'image', reference);
  return asOnDevice(await listImage(layout, 'image'));
}
