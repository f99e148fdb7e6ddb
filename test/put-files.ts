import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * How a file comes to its place when somebody else writes it: pvr writes another one and renames it, or links it to the object
 * store (`pvr checkout --hardlink`); an editor writes into the one that is there.
 */
export type Manner = 'renamed' | 'linked' | 'in place';

/** Puts files into a checkout as other programs do, without asking for its lock; undefined removes one. */
export function putFiles(
  checkout: string,
  files: ReadonlyMap<string, string | Uint8Array | undefined>,
  manner: Manner,
): void {
  for (const [name, content] of files) {
    const file = path.join(checkout, name);
    if (content === undefined) {
      rmSync(file, { force: true });
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    if (manner === 'in place') {
      writeFileSync(file, content);
      continue;
    }
    const other = `${file}.new`;
    writeFileSync(other, content);
    if (manner === 'renamed') {
      renameSync(other, file);
    } else {
      rmSync(file, { force: true });
      linkSync(other, file);
      rmSync(other);
    }
  }
}
