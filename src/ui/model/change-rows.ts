import type { Checkout } from '../../core/checkout/checkout';
import { isAtOrBelow, topFolder } from '../../core/checkout/paths';
import type { PartWeight } from '../../core/checkout/revision-weight';
import type { UncommittedFile } from '../../core/checkout/uncommitted';

/** What Source Control shows as one change. Paths are below the checkout. */
export interface ChangeRow {
  /**
   * `build`: an app's, whose file systems changed. A squashfs, its digest, run.json and the rest belong together, so they are read,
   * committed and discarded as one; the path is the app's folder then.
   */
  readonly kind: 'build' | 'file';
  readonly path: string;
  readonly standing: UncommittedFile['standing'];
  /** In the order of their paths; of a single file, it alone. */
  readonly files: readonly UncommittedFile[];
  /** What it means to a device, with what else changes of the same app or part; undefined where it means nothing. */
  readonly weight: PartWeight | undefined;
}

/** All that isn't as in the last commit, as people think of it. */
export interface ChangeRows {
  readonly changes: readonly ChangeRow[];
  readonly untracked: readonly ChangeRow[];
  /** Large files that nobody has read since they were written to. */
  readonly notCompared: readonly ChangeRow[];
}

/** Each row of the Apps view asks, and all that shows changes; what was read doesn't change any more. */
const known = new WeakMap<Checkout, ChangeRows>();

export function changeRows(checkout: Checkout): ChangeRows {
  const rows = known.get(checkout) ?? rowsIn(checkout);
  known.set(checkout, rows);
  return rows;
}

function rowsIn({ apps, state, uncommitted, weight }: Checkout): ChangeRows {
  const names = new Set([...apps.map(({ name }) => name), ...(state?.removedApps ?? [])]);
  const builds = new Set(
    uncommitted
      .filter(isOfBuild)
      .map(({ path }) => topFolder(path))
      .filter((name) => names.has(name)),
  );
  const isInBuild = (file: UncommittedFile) => isCommittable(file) && builds.has(topFolder(file.path));
  const weights = new Map(
    weight.parts.flatMap((part) => [part.name, ...part.files].map((path) => [path, part] as const)),
  );
  const buildRow = (name: string): ChangeRow => {
    const files = uncommitted.filter((file) => isInBuild(file) && topFolder(file.path) === name);
    return { kind: 'build', path: name, standing: standingOfAll(files), files, weight: weights.get(name) };
  };
  const fileRow = (file: UncommittedFile): ChangeRow => ({
    kind: 'file',
    path: file.path,
    standing: file.standing,
    files: [file],
    weight: weights.get(file.path),
  });
  const rest = uncommitted.filter((file) => !isInBuild(file));
  const rowsOf = (isWanted: (file: UncommittedFile) => boolean) => rest.filter(isWanted).map(fileRow);
  const isBroken = ({ standing }: UncommittedFile) => standing === 'broken';
  return {
    changes: [...rowsOf(isBroken), ...[...builds].map(buildRow), ...rowsOf(isCommittable)].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    ),
    untracked: rowsOf(({ standing }) => standing === 'untracked'),
    notCompared: rowsOf(({ standing }) => standing === 'not-compared'),
  };
}

/** The rows that belong to an app, or to what else lies at the checkout's top. */
export function rowsOfPart({ changes }: ChangeRows, name: string): readonly ChangeRow[] {
  return changes.filter(({ path }) => topFolder(path) === name || isAtOrBelow(path, `_config/${name}`));
}

/** Whether the next commit takes it in. */
function isCommittable({ standing }: UncommittedFile): boolean {
  return standing === 'added' || standing === 'changed' || standing === 'removed';
}

function isOfBuild(file: UncommittedFile): boolean {
  return isCommittable(file) && /^[^/]+\/[^/]+\.squashfs$/.test(file.path);
}

function standingOfAll(files: readonly UncommittedFile[]): UncommittedFile['standing'] {
  const standings = new Set(files.map(({ standing }) => standing));
  const [only] = standings;
  return standings.size === 1 && only !== undefined ? only : 'changed';
}
