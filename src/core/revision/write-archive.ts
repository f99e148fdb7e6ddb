import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Deflate } from 'pako';
import { isObjectId } from '../checkout/state';
import { syncFile, syncFolder } from '../files/durable';
import { fileProblem } from '../files/file-problem';
import { stringifyCanonical } from '../json/canonical';
import type { JsonObject } from '../json/value';
import type { ObjectStore } from '../objects/object-store';

const blockSize = 512;

/** What goes into an export, in its order: each object once. */
interface Member {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly content: () => AsyncIterable<Uint8Array>;
}

/**
 * Writes a state and its objects as `pvr export` does (libpvr/repolib.go:2537-2639), gzipped where the name says so. The same state
 * gives the same bytes. The file is there when all of it is.
 *
 * @throws Problem when an object is missing or damaged, or the file can't be written; the signal's reason.
 */
export async function writeArchive(
  file: string,
  members: JsonObject,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<number> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const target = await open(draft, 'wx', 0o644);
    try {
      const bytes = archiveOf(await membersOf(members, store, signal));
      const written = /\.(?:gz|tgz)$/i.test(file) ? gzipped(bytes) : bytes;
      for await (const chunk of written) {
        signal.throwIfAborted();
        await target.writeFile(chunk);
      }
    } finally {
      await target.close();
    }
    await syncFile(draft);
    await rename(draft, file);
    await syncFolder(path.dirname(file));
    return (await stat(file)).size;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    signal.throwIfAborted();
    throw fileProblem(`writing ${file}`, file, error);
  }
}

/** The same as an uncompressed stream. @throws Problem, before the first byte, when an object is missing or damaged. */
export async function archiveStream(
  members: JsonObject,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  return archiveOf(await membersOf(members, store, signal));
}

/** All objects are looked at before: an archive that is begun is going to be whole. */
async function membersOf(
  members: JsonObject,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  const state = Buffer.from(stringifyCanonical(members));
  const objects: Member[] = [];
  for (const id of [...new Set([...members.values()].filter(isObjectId))].sort()) {
    const file = await store.requireWhole(id, signal);
    const { size } = await stat(file);
    objects.push({ name: `objects/${id}`, mode: 0o644, size, content: () => createReadStream(file) });
  }
  const one = async function* () {
    await Promise.resolve();
    yield state;
  };
  return [{ name: 'json', mode: 0o600, size: state.length, content: one }, ...objects];
}

async function* archiveOf(members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    yield header(member);
    let written = 0;
    for await (const chunk of member.content()) {
      written += chunk.length;
      if (written > member.size) break;
      yield chunk;
    }
    if (written !== member.size) throw new Error(`${member.name} has changed while it was read`);
    yield Buffer.alloc((blockSize - (member.size % blockSize)) % blockSize);
  }
  yield Buffer.alloc(2 * blockSize);
}

/** POSIX ustar, with no time and no owner. */
function header({ name, mode, size }: Member): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, digits: number) =>
    block.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  block.write(name, 0, 'latin1');
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size < 8 ** 11) octal(size, 124, 11);
  else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(0, 136, 11);
  block.write('        0', 148, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** By pako, whose bytes are the same everywhere. */
async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflate = new Deflate({ gzip: true });
  let ready: Uint8Array[] = [];
  deflate.onData = (chunk) => ready.push(chunk as Uint8Array);
  const taken = () => {
    const all = ready;
    ready = [];
    return all;
  };
  for await (const chunk of bytes) {
    deflate.push(chunk, false);
    yield* taken();
  }
  deflate.push(new Uint8Array(0), true);
  yield* taken();
}
