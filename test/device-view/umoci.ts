import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { listFolder } from './folder-listing';
import type { Listing } from './listing';

/** Runs umoci, a maker and unpacker of images that knows nothing of this project. Unpacking needs root. */
export async function umoci(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('umoci', [...args]);
}

/** What umoci makes of an image in an OCI layout. */
export async function listImage(layout: string, tag: string): Promise<Listing> {
  const folder = path.join(layout, `unpacked-${tag}`);
  try {
    await umoci('raw', 'unpack', '--image', `${layout}:${tag}`, folder);
    return await listFolder(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
