import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Random } from '../device-view/random';
import { writeOciLayout, type OciLayoutOptions, type Tagged } from '../image-maker/oci-layout';
import { varyBytes } from './vary-bytes';
import { varyJson } from './vary-json';

/** The files of images, by path. */
export type ImageFiles = ReadonlyMap<string, Buffer>;

/** An OCI image layout, without a folder. */
export async function layoutFiles(
  tags: Readonly<Record<string, Tagged>>,
  options?: OciLayoutOptions,
): Promise<ImageFiles> {
  const folder = await mkdtemp(path.join(tmpdir(), 'layout-'));
  try {
    await writeOciLayout(folder, tags, options);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const contents = await Promise.all(files.sort().map(async (file) => readFile(file)));
    return new Map(files.map((file, at) => [path.relative(folder, file), contents[at] ?? Buffer.alloc(0)]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Changes one of the files; mostly with all digests that follow from it, so that only what it says can be wrong. */
export function varyImage(files: ImageFiles, random: Random): ImageFiles {
  const documents = [...files.keys()].filter((name) => isDocument(files.get(name)));
  const name = random.chance(0.9) ? random.pickFrom(documents) : random.pickFrom([...files.keys()]);
  const content = name === undefined ? undefined : files.get(name);
  if (name === undefined || content === undefined) return files;
  const changed = isDocument(content)
    ? Buffer.from(varyJson(content.toString('utf8'), random), 'utf8')
    : varyBytes(content, [], random);
  return random.chance(0.85) ? withContent(files, name, changed) : new Map([...files, [name, changed]]);
}

function isDocument(content: Buffer | undefined): boolean {
  return content !== undefined && content.length < 16_384 && /^[[{]/.test(content.toString('latin1', 0, 1));
}

/** Where a name holds the digest of the old content, it and those that refer to it get the new one. */
export function withContent(files: ImageFiles, name: string, content: Buffer): ImageFiles {
  const [before, after] = [files.get(name) ?? Buffer.alloc(0), content].map(sha256Hex);
  if (before === undefined || after === undefined || !name.includes(before))
    return new Map([...files, [name, content]]);
  let mended: ImageFiles = new Map(
    [...files, [name.replace(before, after), content]].filter(([key]) => key !== name) as [string, Buffer][],
  );
  for (const referrer of files.keys()) {
    const text = mended.get(referrer)?.toString('latin1');
    if (text === undefined || !isDocument(mended.get(referrer)) || !text.includes(before)) continue;
    const size = new RegExp(`(${after}","size":)\\d+`, 'g');
    const repaired = text.replaceAll(before, after).replace(size, `$1${content.length}`);
    mended = withContent(mended, referrer, Buffer.from(repaired, 'latin1'));
  }
  return mended;
}

function sha256Hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
