import { createHash } from 'node:crypto';
import { ByteReader } from '../bytes/byte-reader';
import { type ByteString, shown } from '../bytes/byte-string';
import type { Job } from '../job';
import { readTar, type TarEntry, type TarKind } from '../tar/read-tar';
import { DamagedTar } from '../tar/tar-input';
import { CompiledPythonHash, isCompiledName } from './compiled-python';
import { entryPath, longestPath, splitPath, whiteoutPrefix } from './entry-path';
import { Findings } from './image-findings';
import { LayerBudget } from './layer-budget';
import { type LayerEntry, type LayerIndex, layerProblem } from './layer-index';
import { expandedContent, type StoredContent } from './stored-content';
import type { Attributes } from './tree';

/** Whether names that begin with `.wh.` hide something in the layers below, or are names like all others. */
export type Marks = 'whiteouts' | 'plain';

/**
 * Reads a layer's uncompressed tar archive once, to its end, and tells what it holds.
 *
 * @param marks `plain` for an archive that no layer is, but a whole file system.
 * Throws a `Problem` where the archive is damaged or says what no file system could hold.
 */
export async function indexLayer(
  tar: AsyncIterable<Uint8Array>,
  job: Job,
  marks: Marks = 'whiteouts',
): Promise<LayerIndex> {
  const reader = new ByteReader(tar, () => job.signal.throwIfAborted());
  const findings = new Findings();
  const entries: LayerEntry[] = [];
  const budget = new LayerBudget();
  try {
    for await (const tarEntry of readLayerTar(reader)) {
      budget.charge(tarEntry);
      const entry = await layerEntry(tarEntry, findings, marks, job);
      if (entry !== undefined) entries.push(entry);
    }
    await reader.skipTo(Infinity);
  } finally {
    await reader.close();
  }
  return { entries, warnings: findings.messages() };
}

/** An entry that a file system can hold. */
export interface LayerTarEntry extends TarEntry {
  readonly kind: Exclude<TarKind, 'unknown'>;
  /** The content with its holes filled. Can be read once, before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * What {@link readTar} reads, held to what Linux can have: owners, times and kinds.
 *
 * @throws Problem where it is damaged, or asks for more.
 */
export async function* readLayerTar(reader: ByteReader): AsyncGenerator<LayerTarEntry, void, undefined> {
  try {
    for await (const entry of readTar(reader)) {
      const { kind, name, type } = entry;
      if (kind === 'unknown') {
        throw new DamagedTar(`has ${shown(name)} as an entry of an unknown type, "${shown(type)}"`);
      }
      yield { ...entry, kind, attributes: linuxAttributes(entry), content: expandedContent(reader, entry) };
    }
  } catch (error) {
    throw error instanceof DamagedTar ? layerProblem(`its tar archive ${error.message}`) : error;
  }
}

const latest = 0xffffffff;
/** -1 stands for "no user" (chown(2)). */
const largestId = 0xfffffffe;

function linuxAttributes({ name, attributes }: TarEntry): Attributes {
  const impossible = [attributes.uid, attributes.gid].find((id) => id < 0 || id > largestId);
  if (impossible !== undefined) {
    throw layerProblem(`${shown(name)} belongs to a user or group ${impossible}, which Linux cannot have`);
  }
  return { ...attributes, mtime: Math.min(Math.max(attributes.mtime, 0), latest) };
}

const opaqueMark = '.wh..wh..opq';
/** AUFS' own bookkeeping, which no runtime unpacks (OCI image-spec, layer.md, "Whiteouts"; docker, pkg/archive). */
const aufsMetadata = /(?:^|\/)\.wh\.\.wh\./;

async function layerEntry(
  entry: LayerTarEntry,
  findings: Findings,
  marks: Marks,
  job: Job,
): Promise<LayerEntry | undefined> {
  const path = pathInRoot(entry.name, findings);
  const [parent, name] = splitPath(path);
  if (marks === 'whiteouts') {
    if (name === opaqueMark) return { kind: 'opaque', path: parent };
    if (aufsMetadata.test(path)) return undefined;
    if (name.startsWith(whiteoutPrefix)) return whiteout(parent, name.slice(whiteoutPrefix.length), findings);
  }
  if (path === '' && entry.kind !== 'directory') {
    // As containerd does, and with it docker 29: what would have to replace the root is left out.
    findings.note('left out an entry that is to be the root and is no folder', entry.name);
    return undefined;
  }

  const { kind, attributes } = entry;
  switch (kind) {
    case 'file':
      return { kind, path, attributes, size: entry.size, content: await storedContent(entry, name, job) };
    case 'directory':
    case 'fifo':
      return { kind, path, attributes };
    case 'symlink':
      return { kind, path, attributes: { ...attributes, mode: 0o777 }, target: linkTarget(entry) };
    case 'hardlink':
      return { kind, path, target: pathInRoot(entry.linkName, findings) };
    case 'char':
    case 'block':
      return { kind, path, attributes, ...deviceNumbers(entry) };
  }
}

function pathInRoot(name: ByteString, findings: Findings): ByteString {
  const { path, clamped } = entryPath(name);
  if (clamped) findings.note('kept inside the image a name that leads out of it', name);
  return path;
}

/** A whiteout whose name is nothing, `.` or `..` would hide its own folder or the one above; containerd refuses it. */
function whiteout(parent: ByteString, hidden: ByteString, findings: Findings): LayerEntry | undefined {
  if (hidden === '' || hidden === '.' || hidden === '..') {
    findings.note('ignored a whiteout without a name, in the folder', `/${parent}`);
    return undefined;
  }
  return { kind: 'whiteout', path: parent === '' ? hidden : `${parent}/${hidden}` };
}

async function storedContent(entry: LayerTarEntry, name: ByteString, job: Job): Promise<StoredContent> {
  const hash = createHash('sha256');
  const compiledHash = isCompiledName(name) ? new CompiledPythonHash() : undefined;
  for await (const chunk of entry.content) {
    job.signal.throwIfAborted();
    hash.update(chunk);
    compiledHash?.update(chunk);
  }
  const { offset, segments } = entry;
  const compiled = compiledHash?.finish();
  return { offset, sha256: hash.digest('hex'), ...(segments && { segments }), ...(compiled && { compiled }) };
}

function linkTarget({ name, linkName }: TarEntry): ByteString {
  if (linkName !== '' && linkName.length < longestPath && !linkName.includes('\0')) return linkName;
  throw layerProblem(
    `the symbolic link ${shown(name)} has a target that no link can have: "${shown(linkName)}"`,
  );
}

/** As many bits as Linux gives them (kernel, include/linux/kdev_t.h). */
const largestMajor = 2 ** 12 - 1;
const largestMinor = 2 ** 20 - 1;

function deviceNumbers({ name, major, minor }: TarEntry): { major: number; minor: number } {
  if (major >= 0 && major <= largestMajor && minor >= 0 && minor <= largestMinor) return { major, minor };
  throw layerProblem(`the device ${shown(name)} has the numbers ${major}:${minor}, which Linux cannot have`);
}
