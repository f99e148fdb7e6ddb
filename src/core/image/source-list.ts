import { Problem } from '../problem';
import type { Source } from './image';

const archivePrefix = 'archive:';

/**
 * Reads pvr's `--source` and `docker_source`: `remote,local`. `archive:PATH` is this program's own, and takes all that
 * follows, so that a path may contain commas; nothing can come after it.
 *
 * @throws Problem for anything else.
 */
export function parseSources(text: string): Source[] {
  const sources: Source[] = [];
  let rest = text.trim();
  for (;;) {
    if (rest.startsWith(archivePrefix) && rest.length > archivePrefix.length) {
      return [...sources, { kind: 'archive', path: rest.slice(archivePrefix.length) }];
    }
    const comma = rest.indexOf(',');
    const kind = (comma === -1 ? rest : rest.slice(0, comma)).trim();
    if (kind !== 'remote' && kind !== 'local') {
      throw new Problem({
        doing: `reading the image sources "${text.slice(0, 200)}"`,
        found: kind === '' ? 'one of them is empty' : `"${kind.slice(0, 100)}" is not a source`,
        remedy:
          'Write remote (the registry), local (docker), both with a comma between them, or archive:PATH (a file or folder)',
      });
    }
    sources.push({ kind });
    if (comma === -1) return sources;
    rest = rest.slice(comma + 1).trim();
  }
}

/** For people: `the registry`. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'remote':
      return 'the registry';
    case 'local':
      return 'docker';
    case 'archive':
      return source.path;
  }
}
