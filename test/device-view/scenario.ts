import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Image } from '../image-maker/image';
import { writeOciLayout } from '../image-maker/oci-layout';
import { rootLayers, withMounted } from './device';
import { listFolder } from './folder-listing';
import { differencesBetween, linkDifferencesBetween, type Listing } from './listing';
import { asOnDevice } from './pvr-additions';
import type { Pvx } from './pvx';
import { pushImage } from './registry-images';
import { listImage } from './umoci';

/** The builds after which a device's view is compared with its image. */
export const builds = ['base', 'extension app', 'patch', 'new base', 'extension app on a new base'] as const;
export type Build = (typeof builds)[number];
