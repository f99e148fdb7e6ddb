import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { listFolder } from './folder-listing';
import type { Listing } from './listing';

/** What umoci, an unpacker that knows nothing of this project, makes of an image in an OCI layout. Needs root. */
export async function listImage(layout: string, tag: string): Promise<Listing> {
  const folder = path.join(layout, `unpacked-${tag}`);
  try {
    await promisify(execFile)('umoci', ['raw', 'unpack', '--image', `${layout}:${tag}`, folder]);
    return await listFolder(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
