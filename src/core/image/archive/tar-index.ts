import path from 'node:path';
import { ByteReader } from '../../bytes/byte-reader';
import { byteStringToText } from '../../bytes/byte-string';
import { DamagedStream } from '../../damaged-stream';
import { readTar, type TarEntry } from '../../tar/read-tar';
import { DamagedTar, type TarInput } from '../../tar/tar-input';
import type { BlobCache, CachedBlob } from '../blob-cache';

type Member<F> =
  { readonly kind: 'file'; readonly stored: F } | { readonly kind: 'link'; readonly target: string };

/** No writer makes links to links; a ring of them must have an end. */
const mostHops = 8;
/** Image archives hold three members for a layer; this bounds what a hostile one can make of memory. */
const mostMembers = 100_000;

/**
 * The files of a tar archive by name, as `docker save`, podman, skopeo and buildx write them; `F` is how one is kept. Names
 * are normalised, without a leading slash, and never lead out of the archive.
 */
export class TarIndex<F> {
  private constructor(private readonly members: ReadonlyMap<string, Member<F>>) {}

  /**
   * @param keep called for each file, with `input` at its content, before the next one is looked for.
   * @throws DamagedStream when `input` is no tar archive.
   */
  static async read<F>(input: TarInput, keep: (file: TarEntry) => F | Promise<F>): Promise<TarIndex<F>> {
    const members = new Map<string, Member<F>>();
    let count = 0;
    try {
      for await (const entry of readTar(input)) {
        if (count === mostMembers) throw new DamagedStream(`it has more than ${mostMembers} files`);
        count += 1;
        const name = nameOf(entry);
        const target = targetOf(entry, name);
        if (target !== undefined) members.set(name, { kind: 'link', target });
        // No writer makes sparse files; one without end costs its reader years.
        else if (entry.kind === 'file' && entry.segments === undefined)
          members.set(name, { kind: 'file', stored: await keep(entry) });
      }
    } catch (error) {
      throw error instanceof DamagedTar ? new DamagedStream(wordsFor(error), { cause: error }) : error;
    }
    return new TarIndex(members);
  }

  /** undefined when there is no file of this name, however it is written (`./a`). Links are followed. */
  find(name: string): F | undefined {
    let member = this.members.get(normalize(name) ?? '');
    for (let hops = 0; member?.kind === 'link' && hops < mostHops; hops += 1) {
      member = this.members.get(member.target);
    }
    return member?.kind === 'file' ? member.stored : undefined;
  }

  files(): readonly F[] {
    return [...this.members.values()].flatMap((member) => (member.kind === 'file' ? [member.stored] : []));
  }
}

function wordsFor({ kind, message }: DamagedTar): string {
  switch (kind) {
    case 'no tar':
      return 'it is not a tar archive, or a damaged one';
    case 'cut':
      return 'it ends early';
    case 'damaged':
      return `it ${message}`;
  }
}

function nameOf({ name }: TarEntry): string {
  const normal = normalize(byteStringToText(name));
  if (normal !== undefined) return normal;
  throw new DamagedStream('it has a file whose name leads out of it');
}

/** Of a link: a hard one's target is a name in the archive, a symbolic one's starts from where the link lies. */
function targetOf({ kind, linkName }: TarEntry, name: string): string | undefined {
  if (kind !== 'hardlink' && kind !== 'symlink') return undefined;
  const text = byteStringToText(linkName);
  const target = normalize(kind === 'hardlink' ? text : path.posix.join(path.posix.dirname(name), text));
  if (target !== undefined) return target;
  throw new DamagedStream('it has a link that leads out of it');
}

/** undefined for a name that leads out of the archive. */
function normalize(name: string): string | undefined {
  const normal = path.posix.normalize(name).replace(/^\/+/, '');
  return normal === '..' || normal.startsWith('../') ? undefined : normal;
}

/**
 * Puts every file of a tar archive into the cache, each under its own digest, as the stream brings them.
 *
 * @throws DamagedStream when it is no tar archive or ends early; the files before that are in the cache all the same, and
 * none of them is wrong.
 */
export async function unpackTar(
  tar: AsyncIterable<Uint8Array>,
  cache: BlobCache,
  signal: AbortSignal,
): Promise<TarIndex<CachedBlob>> {
  const input = new ByteReader(tar);
  try {
    return await TarIndex.read(input, ({ size }) => {
      // Between files, since those without bytes may come without end.
      signal.throwIfAborted();
      return cache.store(exactly(input, size), signal);
    });
  } finally {
    await input.close();
  }
}

async function* exactly(input: ByteReader, size: number): AsyncGenerator<Buffer> {
  const end = input.position + size;
  yield* input.take(size);
  if (input.position < end) throw new DamagedStream('it ends early');
}
