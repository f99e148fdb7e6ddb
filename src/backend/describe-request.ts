import type { MountFiles } from '../core/mount/mounts';
import type { ByteString } from '../core/rootfs/byte-string';
import { shownPath } from '../core/rootfs/layer-problem';
import type { ParamsOf, RequestName } from './protocol';

type Descriptions = { readonly [Name in RequestName]: (params: ParamsOf<Name>) => string };

const descriptions: Descriptions = {
  addApp: ({ request: { app } }) => `adding ${app}`,
  updateApp: ({ request: { app, isPreview = false } }) => `${isPreview ? 'previewing' : 'updating'} ${app}`,
  installApp: ({ app }) => `installing ${app}`,
  planRemoval: ({ request: { app } }) => `looking at what goes with ${app}`,
  removeApp: ({ request: { app } }) => `removing ${app}`,
  listOverlayChanges: ({ app }) => `listing the overlay of ${app}`,
  listBaseEntries: ({ app }) => `listing the base of ${app}`,
  listDeviceEntries: ({ app }) => `listing what the device sees of ${app}`,
  readNewBaseFigures: ({ app }) => `estimating a new base of ${app}`,
  findOverlayBloat: ({ app }) => `looking for what bloats the overlay of ${app}`,
  hashFiles: ({ apps, checkoutDirectory }) =>
    `comparing the files of ${apps?.join(', ') ?? checkoutDirectory} with the last commit`,
  findSameFiles: () => 'looking for files that are the same',
  checkImages: ({ apps }) => `checking the images of ${apps.join(', ')}`,
  inspectImage: ({ request: { reference } }) => `looking for the image ${reference}`,
  listPlatforms: ({ request: { reference } }) => `listing the platforms of ${reference}`,
  listDockerImages: () => "listing docker's images",
  readFacts: ({ files, path }) => `looking at ${at(files, path)}`,
  readFolder: ({ files, path }) => `listing ${at(files, path)}`,
  readBytes: ({ files, path }) => `reading ${at(files, path)}`,
  saveCopy: ({ files, path, target }) => `saving ${at(files, path)} as ${target}`,
  listEntries: ({ files }) => `listing ${files.join(' + ')}`,
  searchFiles: ({ files }) => `searching ${files.join(' + ')}`,
  readSquashfsFacts: ({ file }) => `reading ${file}`,
  compareMounts: ({ before, after }) => `comparing ${before.join(' + ')} with ${after.join(' + ')}`,
  listTextChanges: ({ before, after }) =>
    `comparing the texts of ${before.join(' + ')} with ${after.join(' + ')}`,
};

function at(files: MountFiles, path: ByteString): string {
  return `${shownPath(path)} in ${files.join(' + ')}`;
}

/** What a request does, as the `doing` of a Problem and for the log. */
export function describeRequest<Name extends RequestName>(name: Name, params: ParamsOf<Name>): string {
  return descriptions[name](params);
}
