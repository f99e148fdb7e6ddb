import type { Job } from '../../job';
import { algorithmOf, type Digest, type ExpectedContent, hexOf, verifyBytes } from '../digest';
import { type ImageIndex, type IndexEntry, type ManifestRemedies, parseManifest } from '../manifest';
import {
  chooseAmong,
  chooseManifest,
  type ChosenManifest,
  type ContentStore,
  type ImageParts,
  readImage,
} from '../manifest-image';
import type { ImageWish } from '../parsed-request';
import { pinnedName } from '../reference';
import { type ArchiveFiles, readDocument, requireFile } from './archive-files';
import { archiveProblem, archiveRemedy } from './archive-problem';
import { holdsOnlyOthers, type Named, selectByName } from './names';

/** The entry point of an OCI image layout (OCI image spec 1.1, image-layout.md). */
export const layoutIndex = 'index.json';

const remedies: ManifestRemedies = { noJson: archiveRemedy, broken: archiveRemedy };

/**
 * Finds an image in an OCI image layout: by the reference's digest, or else by its name among those in the layout's index.
 *
 * @param archive for messages.
 */
export async function openOciLayout(
  files: ArchiveFiles,
  archive: string,
  wish: ImageWish,
  job: Job,
): Promise<ImageParts> {
  const store = layoutStore(files, archive);
  const chosen = await choose(files, archive, wish, store, job);
  return {
    digest: pinnedName(wish.reference, chosen.digest),
    ...(await readImage(chosen, wish, store, job)),
  };
}

/** Whether the layout's index is there and has no image in it. */
export async function listsNothing(files: ArchiveFiles, archive: string): Promise<boolean> {
  const index = await readIndex(files, archive);
  return index.manifests.length === 0;
}

async function readIndex(files: ArchiveFiles, archive: string): Promise<ImageIndex> {
  const index = parseManifest(await readDocument(files, layoutIndex, archive), archive, remedies);
  if (index.kind === 'image') throw archiveProblem(archive, `its ${layoutIndex} is no index`);
  return index;
}

async function choose(
  files: ArchiveFiles,
  archive: string,
  wish: ImageWish,
  store: ContentStore,
  job: Job,
): Promise<ChosenManifest> {
  const { reference } = wish;
  const { digest } = reference;
  if (digest !== undefined && (await store.holds(digest))) {
    return chooseManifest({ digest, size: undefined }, wish, store, job);
  }
  const index = await readIndex(files, archive);
  const images = index.manifests.map(named);
  if (digest !== undefined) {
    const isLost = index.manifests.some((entry) => entry.digest === digest);
    throw isLost
      ? archiveProblem(archive, `its ${layoutIndex} lists ${digest}, and it does not hold that`)
      : holdsOnlyOthers(images, reference, archive);
  }
  return chooseAmong(selectByName(images, reference, archive, job), wish, store, job);
}

/** containerd's annotation is the whole name; OCI's own is often just a tag (image spec 1.1, annotations.md). */
function named(image: IndexEntry): Named<IndexEntry> {
  const name =
    image.annotations['io.containerd.image.name'] ?? image.annotations['org.opencontainers.image.ref.name'];
  return { image, names: name ? [name] : [] };
}

function layoutStore(files: ArchiveFiles, archive: string): ContentStore {
  async function document(content: ExpectedContent): Promise<Buffer> {
    const bytes = await readDocument(files, pathOf(content.digest), archive);
    verifyBytes(bytes, content, `reading ${content.digest} in ${archive}`);
    return bytes;
  }
  return {
    manifest: document,
    config: document,
    layer: ({ digest, size }, diffId) => ({
      diffId,
      size,
      bring: () => requireFile(files, pathOf(digest), archive),
    }),
    holds: async (digest) => (await files.find(pathOf(digest))) !== undefined,
    remedies,
  };
}

function pathOf(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}
