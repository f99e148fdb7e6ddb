import type { Job } from '../job';
import type { ArchiveFiles } from './archive/archive-files';
import { archiveProblem } from './archive/archive-problem';
import { dockerManifest, openDockerArchive } from './archive/docker-archive';
import { layoutIndex, listsNothing, openOciLayout } from './archive/oci-layout';
import type { ArchiveOpener } from './archive/open-archive';
import type { StoredImage } from './layer';
import type { ImageParts } from './manifest-image';
import type { ImageWish } from './parsed-request';

/**
 * Finds an image in an OCI image layout (a folder, or a tar archive of one) or in an archive of `docker save`.
 *
 * @throws Problem when the file is neither, or does not hold the image for a wanted platform.
 */
export async function openArchiveImage(
  file: string,
  wish: ImageWish,
  archives: ArchiveOpener,
  job: Job,
): Promise<StoredImage> {
  const files = await archives.open(file, job);
  try {
    return {
      name: wish.reference.name,
      tag: wish.reference.tag,
      source: 'archive',
      ...(await openParts(files, file, wish, job)),
      [Symbol.asyncDispose]: () => files.close(),
    };
  } catch (error) {
    await files.close();
    throw error;
  }
}

async function openParts(files: ArchiveFiles, file: string, wish: ImageWish, job: Job): Promise<ImageParts> {
  // Docker 25 and later write both; only the layout lists the platforms, unless it lists nothing.
  const isLayout = (await files.find(layoutIndex)) !== undefined;
  const isDockers = (await files.find(dockerManifest)) !== undefined;
  if (isLayout && !(isDockers && (await listsNothing(files, file))))
    return openOciLayout(files, file, wish, job);
  if (isDockers) return openDockerArchive(files, file, wish, job);
  const isAncient = (await files.find('repositories')) !== undefined;
  throw archiveProblem(
    file,
    isAncient
      ? 'it was made by docker before 1.10, whose format has been retired'
      : `it is no image: it has neither ${layoutIndex} (OCI) nor ${dockerManifest} (docker)`,
  );
}
