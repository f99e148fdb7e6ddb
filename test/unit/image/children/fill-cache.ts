// Keeps the same blobs in a cache as others do at the same time, and reads each back:  <folder> <limit> <number of blobs>
import { BlobCache } from '../../../../src/core/image/blob-cache';
import { digestOf } from '../../../../src/core/image/digest';
import { silentJob } from '../../../../src/core/job';

async function main([folder = '', limit, blobs]: readonly string[]): Promise<void> {
  const cache = new BlobCache(folder, Number(limit));
  for (let number = 0; number < Number(blobs); number += 1) {
    const content = Buffer.alloc(300_000, `blob ${number} `);
    const expected = { digest: digestOf(content), size: content.length };
    const blob = await cache.fetch(expected, () => pieces(content), silentJob());
    const read: Uint8Array[] = [];
    for await (const chunk of cache.read(blob)) read.push(chunk);
    if (!Buffer.concat(read).equals(content)) throw new Error(`blob ${number} is another`);
  }
}

async function* pieces(content: Buffer) {
  for (let at = 0; at < content.length; at += 50_000) {
    await new Promise(setImmediate);
    yield content.subarray(at, at + 50_000);
  }
}

void main(process.argv.slice(2));
