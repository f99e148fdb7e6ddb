import { Problem } from '../../problem';
import type { SourceManifest } from '../manifests/source-manifest';
import { templateArguments, type TemplateArguments } from './arguments';
import { imageConfigOf, type ImageConfig } from './image-config';
import { storageVolumes, type StorageVolume } from './storage';

/** Everything that the template's two files are made from. */
export interface Container {
  readonly app: string;
  readonly manifest: SourceManifest;
  readonly args: TemplateArguments;
  readonly image: ImageConfig;
  readonly volumes: readonly StorageVolume[];
  /** Volumes that are left out, being of the root folder. */
  readonly rootVolumes: readonly StorageVolume[];
  readonly group: string | undefined;
  /** False for one that only offers its volumes to others: it has no lxc.container.conf. */
  readonly isStarted: boolean;
  /**
   * `base`: the app's base alone. `patched`: an overlay on it. `extension`: an overlay on another app's base.
   */
  readonly root: 'base' | 'patched' | 'extension';
  /** The app that the base belongs to. */
  readonly baseApp: string;
}

export const dockerTemplate = 'builtin-lxc-docker';

/** @param defaultGroup the checkout's, for an app that names none. */
export function containerOf(
  app: string,
  manifest: SourceManifest,
  defaultGroup: string | undefined,
): Container {
  const { fields } = manifest;
  if (fields.template !== dockerTemplate) {
    throw new Problem({
      doing: `generating ${app}/run.json`,
      found: fields.template
        ? `the app uses the template "${fields.template}", and only ${dockerTemplate} is known here`
        : `${app}/src.json names no template`,
      remedy: `Generate it with the pvr that the app was made with, or set "template" to "${dockerTemplate}"`,
    });
  }
  const args = templateArguments(app, fields.args ?? new Map());
  const image = imageConfigOf(app, manifest);
  const { volumes, ofRoot } = storageVolumes(image.volumes, fields.persistence ?? new Map());
  return {
    app,
    manifest,
    args,
    image,
    volumes,
    rootVolumes: ofRoot,
    group: args.nonEmptyText('PV_GROUP') ?? defaultGroup,
    isStarted: args.text('PV_RUNLEVEL') !== 'data' && args.text('PV_STATUS_GOAL') !== 'MOUNTED',
    ...rootOf(app, manifest),
  };
}

function rootOf(app: string, { fields }: SourceManifest): Pick<Container, 'root' | 'baseApp'> {
  if (fields.base) return { root: 'extension', baseApp: fields.base };
  return { root: fields.docker_ovl_digest ? 'patched' : 'base', baseApp: app };
}
