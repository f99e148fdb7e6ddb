import { Readable } from 'node:stream';
import type { Job } from '../../job';
import type { CompiledPython } from '../../rootfs/compiled-python';
import { stackTrees, withoutWhiteouts } from '../../rootfs/stack';
import {
  type Directory,
  type FileContent,
  type Hashed,
  type Node,
  type RegularFile,
  regularFiles,
} from '../../rootfs/tree';
import type { BlockContent } from '../../squashfs/reader';
import type { Workshop } from '../environment';
import type { AppTree } from './app-tree';
import { type Base, hashFiles } from './base-contents';
import { readCompiled } from './compiled-contents';

/** A file's bytes in one of two SquashFS files. */
interface StackedContent extends Hashed {
  readonly holder: Base;
  readonly file: RegularFile<BlockContent>;
}

/** What a device shows of a SquashFS file that lies over nothing. It stays open as long as the tree is used. */
export async function storedTree(base: Base, workshop: Workshop): Promise<AppTree<StackedContent>> {
  const view = withoutWhiteouts(base.root);
  await hashFiles(base, regularFiles(view), workshop);
  return treeIn(view, () => base, [base], workshop.job);
}

/**
 * What a device shows of an overlay over its base, as if it were an image: an app whose image can't be had any more is
 * still known by its own files. Both stay open as long as the tree is used.
 */
export async function stackedTree(
  base: Base,
  overlay: Base,
  workshop: Workshop,
): Promise<AppTree<StackedContent>> {
  const view: Directory<BlockContent> = stackTrees(base.root, overlay.root);
  const ofOverlay = new Set(regularFiles(overlay.root));
  const shown = regularFiles(view);
  const isOverlays = (file: RegularFile<BlockContent>) => ofOverlay.has(file);
  const ofBase = shown.filter((file) => !isOverlays(file));
  await hashFiles(overlay, shown.filter(isOverlays), workshop);
  await hashFiles(base, ofBase, workshop);

  return treeIn(view, (file) => (isOverlays(file) ? overlay : base), [overlay, base], workshop.job);
}

/** @param holders of which the first says when all of it was made. */
function treeIn(
  view: Directory<BlockContent>,
  holderOf: (file: RegularFile<BlockContent>) => Base,
  holders: readonly [Base, ...Base[]],
  job: Job,
): AppTree<StackedContent> {
  const root = withContents(view, (file): StackedContent => {
    const holder = holderOf(file);
    const sha256 = holder.hashes.get(file);
    if (sha256 === undefined) throw new Error('stackedTree: a file without a hash');
    return { sha256, holder, file };
  });
  return {
    root,
    time: holders[0].reader.superblock.mkfsTime,
    inReadingOrder: (files) => files,
    contents: (wanted) => readStacked(wanted, job),
    compiled: (files) => readStackedCompiled(files, holders, job),
  };
}

function readStacked(
  wanted: readonly RegularFile<StackedContent>[],
  job: Job,
): AsyncIterable<FileContent<StackedContent>> {
  const contents = wanted.map((file) => {
    const { holder, file: stored } = file.content;
    return { file, chunks: holder.reader.read(stored, job) };
  });
  return Readable.from(contents);
}

async function readStackedCompiled(
  files: readonly RegularFile<StackedContent>[],
  holders: readonly Base[],
  job: Job,
): Promise<ReadonlyMap<RegularFile<StackedContent>, CompiledPython>> {
  const compiled = new Map<RegularFile<StackedContent>, CompiledPython>();
  for (const holder of holders) {
    const own = files.filter(({ content }) => content.holder === holder);
    const found = await readCompiled(
      holder.reader,
      own.map(({ content }) => content.file),
      job,
    );
    for (const file of own) {
      const one = found.get(file.content.file);
      if (one !== undefined) compiled.set(file, one);
    }
  }
  return compiled;
}

/** The same tree with other contents; what were hard links of each other still are. */
function withContents<A, B>(root: Directory<A>, contentOf: (file: RegularFile<A>) => B): Directory<B> {
  const files = new Map<RegularFile<A>, RegularFile<B>>();
  const convert = (node: Node<A>): Node<B> => {
    if (node.kind === 'directory') return convertFolder(node);
    if (node.kind !== 'file') return node;
    const converted = files.get(node) ?? { ...node, content: contentOf(node) };
    files.set(node, converted);
    return converted;
  };
  const convertFolder = (folder: Directory<A>): Directory<B> => ({
    ...folder,
    children: new Map([...folder.children].map(([name, node]) => [name, convert(node)])),
  });
  return convertFolder(root);
}
