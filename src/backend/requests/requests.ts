import { ofApps } from './apps';
import { ofContents } from './contents';
import { ofDevices, streamsOfDevices } from './devices';
import { ofImages, streamsOfImages } from './images';
import { ofMounts } from './mounts';
import { ofPosting, streamsOfPosting } from './posting';
import { ofRevisions } from './revisions';

/** All that the extension host may ask for, by name. What they are is declared here once; the protocol is their types. */
export const requests = {
  ...ofApps,
  ...ofContents,
  ...ofDevices,
  ...ofImages,
  ...ofMounts,
  ...ofPosting,
  ...ofRevisions,
};

/** All that it may listen to. */
export const streams = { ...streamsOfDevices, ...streamsOfImages, ...streamsOfPosting };
