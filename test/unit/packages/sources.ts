import { type Job, silentJob } from '../../../src/core/job';
import { PackageOwners } from '../../../src/core/packages/package-owners';
import { type InstalledPackages, readPackages } from '../../../src/core/packages/read-packages';
import { Problem } from '../../../src/core/problem';
import { file, tree, type TextTree } from '../rootfs/trees';

/** Packages as `manager name version`, whose each path is, and what is unread, of a tree. */
export interface Read extends InstalledPackages {
  readonly listed: readonly string[];
  /** `manager name`, or undefined. */
  readonly ownerOf: (path: string) => string | undefined;
}

export async function readTree(root: TextTree, job: Job = silentJob()): Promise<Read> {
  const installed = await readPackages(
    {
      root,
      read: ({ content }) =>
        content === damaged
          ? Promise.reject(new Problem({ doing: 'reading', found: 'it is damaged', remedy: 'Mend it' }))
          : Promise.resolve(Buffer.from(content, 'latin1')),
    },
    job,
  );
  const owners = await PackageOwners.of(root, installed.packages, job);
  return {
    ...installed,
    listed: installed.packages.map(({ manager, name, version }) => `${manager} ${name} ${version}`),
    ownerOf: (path) => {
      const owner = owners.of(path);
      return owner && `${owner.manager} ${owner.name}`;
    },
  };
}

/** A file with this content can't be read. */
export const damaged = '\0damaged';

/** The same of files with text, and whatever else is in the tree. */
export function readFiles(
  files: Readonly<Record<string, string>>,
  others: Parameters<typeof tree>[0] = {},
): Promise<Read> {
  const texts = Object.entries(files).map(([path, text]) => [path, file(text)] as const);
  return readTree(tree({ ...others, ...Object.fromEntries(texts) }));
}
