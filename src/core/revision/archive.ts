import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ByteReader } from '../bytes/byte-reader';
import { byteStringToText, shown } from '../bytes/byte-string';
import { isObjectId, specKey } from '../checkout/state';
import { requireSafeKeys } from '../checkout/state-key';
import { fileProblem } from '../files/file-problem';
import { parseJson } from '../json/parse';
import { describeKind, isJsonObject, type JsonObject } from '../json/value';
import type { ObjectStore } from '../objects/object-store';
import { formatSize } from '../presentation/size';
import { Problem } from '../problem';
import { remedy, way } from '../remedy';
import { readTar, type TarEntry } from '../tar/read-tar';
import { DamagedTar } from '../tar/tar-input';

/** Far above any state, far below what hurts. */
const maxStateSize = 64 * 1024 * 1024;

/** What `pvr export` wrote: a state, and the objects that it names. */
export interface Archive {
  /** With `#spec`. */
  readonly members: JsonObject;
  readonly objects: ReadonlySet<string>;
}

/**
 * Looks through an export, gzipped or not: nothing is taken from it yet.
 *
 * @throws Problem when it is none, or holds anything but `json` and `objects/<sha256>`.
 */
export async function readArchive(file: string, signal: AbortSignal): Promise<Archive> {
  const objects = new Set<string>();
  let members: JsonObject | undefined;
  await eachMember(file, signal, async (name, { size }, input) => {
    if (name !== 'json') objects.add(name);
    else if (members !== undefined) throw refusal(file, 'it holds two states');
    else if (size > maxStateSize) throw refusal(file, `its state has ${formatSize(size)}`);
    else members = parseMembers((await input.read(size)).toString('utf8'), file);
  });
  if (members === undefined) throw refusal(file, 'it holds no state, the file json');
  return { members, objects };
}

/** Takes objects out of an export into a store. @throws Problem when one isn't what its name says. */
export async function takeObjects(
  file: string,
  wanted: ReadonlySet<string>,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<number> {
  const taken = new Set<string>();
  await eachMember(file, signal, async (name, { size }, input) => {
    if (name === 'json' || !wanted.has(name) || taken.has(name)) return;
    await store.receive(name, input.take(size), { source: file, signal });
    taken.add(name);
  });
  return taken.size;
}

/** A state that came from elsewhere, with `#spec`. @throws Problem when it is none, or names files outside. */
export function parseMembers(text: string, source: string): JsonObject {
  const remedy = 'Make the source anew, or get it from elsewhere';
  const members = parseJson(text, `the state of ${source}`, remedy);
  if (!isJsonObject(members))
    throw refusal(source, `its state is ${describeKind(members)} instead of an object`);
  const spec = members.get(specKey);
  if (spec !== undefined && typeof spec !== 'string')
    throw refusal(source, `its ${specKey} is ${describeKind(spec)} instead of a string`);
  const files = [...members].filter(([key]) => key !== specKey);
  requireSafeKeys(
    files.map(([key]) => key),
    `the state of ${source}`,
  );
  for (const [key, value] of files) {
    if (!key.endsWith('.json') && !isObjectId(value))
      throw refusal(source, `its state has something else for ${shown(key)} than the sha256 of a file`);
  }
  return members;
}

type OnMember = (name: string, entry: TarEntry, input: ByteReader) => Promise<void>;

/** @param onMember takes `json`, or the sha256 of an object. */
async function eachMember(file: string, signal: AbortSignal, onMember: OnMember): Promise<void> {
  const input = new ByteReader(await bytesOf(file));
  try {
    for await (const entry of readTar(input)) {
      signal.throwIfAborted();
      const name = byteStringToText(entry.name).replace(/^(?:\.\/)+/, '');
      if (entry.kind === 'directory' && /^(?:\.|objects)?\/?$/.test(name)) continue;
      const [, id] = /^objects\/([0-9a-f]{64})$/.exec(name) ?? [];
      const isExpected =
        entry.kind === 'file' && entry.segments === undefined && (name === 'json' || id !== undefined);
      if (!isExpected)
        throw refusal(file, `it holds ${shown(entry.name)}, and an export has its state and objects alone`);
      await onMember(id ?? name, entry, input);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DamagedTar) throw refusal(file, `its tar archive ${error.message}`, error);
    throw fileProblem(`reading ${file}`, file, error);
  } finally {
    await input.close();
  }
}

async function bytesOf(file: string): Promise<AsyncIterable<Uint8Array>> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw fileProblem(`reading ${file}`, file, error);
  });
  try {
    const start = Buffer.alloc(2);
    await handle.read(start, 0, 2, 0);
    const isGzipped = start[0] === 0x1f && start[1] === 0x8b;
    const content = createReadStream(file);
    // What goes wrong is told by the last one.
    return isGzipped ? pipeline(content, createGunzip(), () => undefined) : content;
  } finally {
    await handle.close();
  }
}

function refusal(source: string, found: string, cause?: unknown): Problem {
  return new Problem({
    doing: `reading ${source}`,
    found,
    remedy: remedy`Make it anew with ${way.revision('export')}, or get it from elsewhere`,
    cause,
  });
}
