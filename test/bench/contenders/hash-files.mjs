// hash-files.mjs FOLDER: the sha256 of every file below a folder, by one thread of Node, one file after the other.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';

const chunk = Buffer.allocUnsafe(1 << 20);
let count = 0;
for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.parentPath.endsWith('.pvr')) continue;
  const file = openSync(path.join(entry.parentPath, entry.name), 'r');
  const hash = createHash('sha256');
  for (let read; (read = readSync(file, chunk)) > 0;) hash.update(chunk.subarray(0, read));
  closeSync(file);
  hash.digest('hex');
  count++;
}
console.log(count);
