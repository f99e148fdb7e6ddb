import { findSameFiles } from '../core/checkout/same-files';
import { listLocalImages } from '../core/image/docker/list-images';
import type { Job } from '../core/job';
import { compareMounts } from '../core/mount/compare-mounts';
import { readFacts, readFolder, requireFile } from '../core/mount/entries';
import type { Mount, Mounts } from '../core/mount/mounts';
import { saveCopy } from '../core/mount/save-copy';
import { searchFiles } from '../core/mount/search-files';
import { squashfsFacts } from '../core/mount/squashfs-facts';
import { textChanges } from '../core/mount/text-changes';
import type { ProcessEnvironment } from '../core/net/process-environment';
import type { ByteString } from '../core/rootfs/byte-string';
import { listedEntries } from '../core/rootfs/tree-entries';
import type { ByteRange } from '../core/squashfs/reader';
import { inTurns } from '../core/turns';
import { addApp } from '../core/use-cases/add-app';
import { readBaseEntries, readDeviceEntries, readOverlayChanges } from '../core/use-cases/app-files';
import { checkImages } from '../core/use-cases/check-images';
import type { BuildEnvironment } from '../core/use-cases/environment';
import { hashFiles } from '../core/use-cases/hash-files';
import { installApp } from '../core/use-cases/install-app';
import { readNewBaseFigures } from '../core/use-cases/new-base-figures';
import { readOverlayBloat } from '../core/use-cases/overlay-bloat';
import { planRemoval } from '../core/use-cases/plan-removal';
import { removeApp } from '../core/use-cases/remove-app';
import { updateApp } from '../core/use-cases/update-app';
import { inspectImage, listPlatforms } from './inspect-image';
import { largestRead, type ParamsOf, type RequestName, type ResultOf } from './protocol';

/** What a request works with. */
export interface Workplace {
  readonly environment: BuildEnvironment;
  readonly outside: ProcessEnvironment;
  readonly mounts: Mounts;
  readonly job: Job;
}

type UseCases = {
  readonly [Name in RequestName]: (params: ParamsOf<Name>, at: Workplace) => Promise<ResultOf<Name>>;
};

/** What answers each request of the protocol. */
export const useCases: UseCases = {
  addApp: ({ checkoutDirectory, request }, { environment, job }) =>
    addApp(checkoutDirectory, request, environment, job),
  updateApp: ({ checkoutDirectory, request }, { environment, job }) =>
    updateApp(checkoutDirectory, request, environment, job),
  installApp: ({ checkoutDirectory, app }, { environment, job }) =>
    installApp(checkoutDirectory, { app }, environment, job),
  planRemoval: ({ checkoutDirectory, request }, { job }) => planRemoval(checkoutDirectory, request, job),
  removeApp: ({ checkoutDirectory, request, agreed }, { job }) =>
    removeApp(checkoutDirectory, request, job, agreed),
  listOverlayChanges: ({ checkoutDirectory, app, limit }, { environment, job }) =>
    readOverlayChanges(checkoutDirectory, app, environment.pool.directory, job, limit),
  listBaseEntries: ({ checkoutDirectory, app, limit }, { environment, job }) =>
    readBaseEntries(checkoutDirectory, app, environment.pool.directory, job, limit),
  listDeviceEntries: ({ checkoutDirectory, app }, { environment, job }) =>
    readDeviceEntries(checkoutDirectory, app, environment.pool.directory, job),
  readNewBaseFigures: ({ checkoutDirectory, app }, { environment, job }) =>
    readNewBaseFigures(checkoutDirectory, app, environment, job),
  findOverlayBloat: ({ checkoutDirectory, app }, { environment, job }) =>
    readOverlayBloat(checkoutDirectory, app, environment, job),
  hashFiles: ({ checkoutDirectory, apps }, { environment, job }) =>
    hashFiles(checkoutDirectory, { apps }, environment.pool, job).then(() => null),
  findSameFiles: ({ checkoutDirectory, candidates }, { environment, job }) =>
    findSameFiles(checkoutDirectory, candidates, {
      hash: (file) => environment.pool.hashFile(file, job.signal),
      signal: job.signal,
    }),
  checkImages: ({ checkoutDirectory, apps }, { environment, job }) =>
    checkImages(checkoutDirectory, apps, environment, job),
  inspectImage: ({ checkoutDirectory, request }, { environment, job }) =>
    inspectImage(checkoutDirectory, request, environment, job),
  listPlatforms: ({ request }, { environment, job }) => listPlatforms(request, environment, job),
  listDockerImages: (_, { outside, job }) => listLocalImages(outside, job.signal),
  readFacts: ({ files, path }, { mounts }) => mounts.use(files, (mount) => readFacts(mount, path)),
  readFolder: ({ files, path }, { mounts }) => mounts.use(files, (mount) => readFolder(mount, path)),
  readBytes: ({ files, path, start, end }, { mounts, job }) =>
    mounts.use(files, (mount) => readBase64(mount, path, { start, end }, job)),
  saveCopy: ({ files, path, target }, { mounts, job }) =>
    mounts.use(files, (mount) => saveCopy(mount, path, target, job)).then(() => null),
  listEntries: ({ files }, { mounts, job }) =>
    mounts.use(files, async ({ root }) => (await inTurns(listedEntries(root), job)).map(([entry]) => entry)),
  searchFiles: ({ files, text }, { mounts, job }) =>
    mounts.use(files, (mount) => searchFiles(mount, text, job)),
  readSquashfsFacts: ({ file }, { mounts }) => mounts.useFile(file, (reader) => squashfsFacts(reader)),
  compareMounts: ({ before, after }, { mounts, environment, job }) =>
    mounts.use(before, (was) => mounts.use(after, (is) => compareMounts(was, is, environment.pool, job))),
  listTextChanges: ({ before, after }, { mounts, environment, job }) =>
    mounts.use(before, (was) =>
      mounts.use(after, async (is) =>
        textChanges(await compareMounts(was, is, environment.pool, job), was, is, job),
      ),
    ),
};

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

/** Those that an editor makes by the hundred, and that would fill the log. */
export const frequentRequests: ReadonlySet<RequestName> = new Set(['readFacts', 'readFolder', 'readBytes']);

export const requestNames = Object.keys(useCases) as readonly RequestName[];
