import type { Job } from '../../job';
import { type CompiledPython, CompiledPythonHash } from '../../rootfs/compiled-python';
import type { RegularFile } from '../../rootfs/tree';
import type { BlockContent, SquashfsReader } from '../../squashfs/reader';

/** What the compiled Python files among `files`, which are the reader's, say of their sources. */
export async function readCompiled(
  reader: SquashfsReader,
  files: Iterable<RegularFile<BlockContent>>,
  job: Job,
): Promise<ReadonlyMap<RegularFile<BlockContent>, CompiledPython>> {
  const compiled = new Map<RegularFile<BlockContent>, CompiledPython>();
  for (const file of byPlace(files)) {
    const hash = new CompiledPythonHash();
    for await (const bytes of reader.read(file, job)) hash.update(bytes);
    const found = hash.finish();
    if (found !== undefined) compiled.set(file, found);
  }
  return compiled;
}

/** Small files that share a fragment block one after the other: the reader keeps the last. */
function byPlace(files: Iterable<RegularFile<BlockContent>>): readonly RegularFile<BlockContent>[] {
  const place = ({ content }: RegularFile<BlockContent>) => content.fragment?.index ?? 0;
  return [...new Set(files)].sort((a, b) => place(a) - place(b) || a.content.start - b.content.start);
}
