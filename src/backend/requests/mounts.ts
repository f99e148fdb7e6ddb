import { type ByteString, shownPath } from '../../core/bytes/byte-string';
import type { Job } from '../../core/job';
import { binaryComparison, type BinaryComparison } from '../../core/mount/binary-facts';
import { compareMounts } from '../../core/mount/compare-mounts';
import {
  type Absence,
  type EntryFacts,
  type FolderEntry,
  readFacts,
  readFolder,
  requireFile,
} from '../../core/mount/entries';
import type { Mount, MountFiles } from '../../core/mount/mounts';
import { saveCopy } from '../../core/mount/save-copy';
import { searchFiles, type SearchResult } from '../../core/mount/search-files';
import { squashfsFacts, type SquashfsFacts } from '../../core/mount/squashfs-facts';
import { textChanges, type TextChanges } from '../../core/mount/text-changes';
import type { OverlayChange } from '../../core/rootfs/overlay-changes';
import { listedEntries, type TreeEntry } from '../../core/rootfs/tree-entries';
import type { ByteRange } from '../../core/squashfs/reader';
import { inTurns } from '../../core/turns';
import { type AtPath, type InMount, largestRead, type TwoMounts } from './params';
import { request } from './request';

/** What looks into SquashFS files as if they were mounted. */
export const ofMounts = {
  /** What lies at a path of a mount, behind links; they never lead out of it. */
  readFacts: request<AtPath, EntryFacts | Absence>({
    doing: (params) => `looking at ${at(params)}`,
    answer: ({ files, path }, { mounts }) => mounts.use(files, (mount) => readFacts(mount, path)),
    isFrequent: true,
  }),

  readFolder: request<AtPath, readonly FolderEntry[] | Absence>({
    doing: (params) => `listing ${at(params)}`,
    answer: ({ files, path }, { mounts }) => mounts.use(files, (mount) => readFolder(mount, path)),
    isFrequent: true,
  }),

  /** Bytes `start` to before `end` of a file, in base64; at most {@link largestRead} of them. */
  readBytes: request<AtPath & { readonly start: number; readonly end: number }, string>({
    doing: (params) => `reading ${at(params)}`,
    answer: ({ files, path, start, end }, { mounts, job }) =>
      mounts.use(files, (mount) => readBase64(mount, path, { start, end }, job)),
    isFrequent: true,
  }),

  /** What a file is that can't be read as text, and where it begins to differ; null of texts. */
  compareBinary: request<
    { readonly before?: AtPath | undefined; readonly after?: AtPath | undefined },
    BinaryComparison | null
  >({
    doing: ({ before, after }) =>
      `comparing ${[before, after].flatMap((one) => one && at(one)).join(' with ')}`,
    async answer({ before, after }, { mounts, job }) {
      const use = (
        place: AtPath | undefined,
        then: (mount: Mount | undefined) => Promise<BinaryComparison | null>,
      ) => (place === undefined ? then(undefined) : mounts.use(place.files, then));
      return use(before, (was) =>
        use(after, async (is) => {
          const comparison = await binaryComparison(placeIn(was, before), placeIn(is, after), job);
          return comparison ?? null;
        }),
      );
    },
  }),

  /** Writes a file of a mount to `target`, an absolute path; its size doesn't matter. */
  saveCopy: request<AtPath & { readonly target: string }, null>({
    doing: (params) => `saving ${at(params)} as ${params.target}`,
    answer: ({ files, path, target }, { mounts, job }) =>
      mounts.use(files, (mount) => saveCopy(mount, path, target, job)).then(() => null),
  }),

  /** Every path of a mount. */
  listEntries: request<InMount, readonly TreeEntry[]>({
    doing: ({ files }) => `listing ${together(files)}`,
    answer: ({ files }, { mounts, job }) =>
      mounts.use(files, async ({ root }) =>
        (await inTurns(listedEntries(root), job)).map(([entry]) => entry),
      ),
  }),

  /** A text in the names and lines of a mount's files. */
  searchFiles: request<InMount & { readonly text: string }, SearchResult>({
    doing: ({ files }) => `searching ${together(files)}`,
    answer: ({ files, text }, { mounts, job }) => mounts.use(files, (mount) => searchFiles(mount, text, job)),
  }),

  /** What a SquashFS file says of itself. */
  readSquashfsFacts: request<{ readonly file: string }, SquashfsFacts>({
    doing: ({ file }) => `reading ${file}`,
    answer: ({ file }, { mounts }) => mounts.useFile(file, (reader) => squashfsFacts(reader)),
  }),

  /** What has changed from one mount to another, by content. */
  compareMounts: request<TwoMounts, readonly OverlayChange[]>({
    doing: ({ before, after }) => `comparing ${together(before)} with ${together(after)}`,
    answer: ({ before, after }, { mounts, environment, job }) =>
      mounts.use(before, (was) => mounts.use(after, (is) => compareMounts(was, is, environment.pool, job))),
  }),

  /** The same, but only files that can be read side by side. */
  listTextChanges: request<TwoMounts, TextChanges>({
    doing: ({ before, after }) => `comparing the texts of ${together(before)} with ${together(after)}`,
    answer: ({ before, after }, { mounts, environment, job }) =>
      mounts.use(before, (was) =>
        mounts.use(after, async (is) =>
          textChanges(await compareMounts(was, is, environment.pool, job), was, is, job),
        ),
      ),
  }),
};

function placeIn(mount: Mount | undefined, place: AtPath | undefined) {
  return mount && place && { mount, path: place.path };
}

async function readBase64(
  mount: Mount,
  path: ByteString,
  { start, end }: ByteRange,
  job: Job,
): Promise<string> {
  const range = { start, end: Math.min(end, start + largestRead) };
  const chunks: Uint8Array[] = [];
  for await (const chunk of mount.read(requireFile(mount, path), job, range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('base64');
}

function at({ files, path }: AtPath): string {
  return `${shownPath(path)} in ${together(files)}`;
}

function together(files: MountFiles): string {
  return files.join(' + ');
}
