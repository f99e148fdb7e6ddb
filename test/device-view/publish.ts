import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { Image } from '../image-maker/image';
import { writeOciLayout } from '../image-maker/oci-layout';
import type { Listing } from './listing';
import { asOnDevice } from './pvr-additions';
import { pushImage } from './registry-images';
import { listImage } from './umoci';

/**
 * Pushes an image to a registry, its layers compressed with gzip.
 *
 * @param folder for the OCI layouts on the way.
 * @returns what a device must show of it, by umoci.
 */
export async function publish(image: Image, folder: string, reference: string): Promise<Listing> {
  const layout = await mkdtemp(path.join(folder, 'layout-'));
  // umoci reads no other compression.
  await writeOciLayout(layout, { image }, { compression: 'gzip' });
  await pushImage(layout, 'image', reference);
  return asOnDevice(await listImage(layout, 'image'));
}
