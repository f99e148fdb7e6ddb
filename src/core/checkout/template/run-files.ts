import type { SourceManifest } from '../manifests/source-manifest';
import { containerOf } from './container';
import { initCommandWarning } from './init-command';
import { lxcContainerConf, type LxcContainerConf } from './lxc-container-conf';
import { runJson } from './run-json';

export interface RunFilesInput {
  readonly app: string;
  /** With the image's configuration in `docker_config`. */
  readonly manifest: SourceManifest;
  /** The checkout's (the last group of groups.json), for an app that names none. */
  readonly defaultGroup: string | undefined;
}

/** The files of an app that are generated from its src.json. */
export interface RunFiles {
  readonly runJson: string;
  /** Undefined for an app that isn't started: goal `MOUNTED`, or run level `data`. */
  readonly lxcContainerConf: string | undefined;
  /** What a person should know about the result. */
  readonly warnings: readonly string[];
}

/**
 * Generates run.json and lxc.container.conf with pvr's template `builtin-lxc-docker`.
 *
 * Five differences to pvr are on purpose: lxc.container.conf holds nothing that LXC can't read (see lxc-container-conf.ts),
 * run.json is valid JSON also with several volumes, an app that is only mounted has `"type": "lxc"` as well (Pantavisor crashes
 * on one that has none), dm-verity covers the volumes that it should (see verified-volumes.ts), and a string serves where an
 * argument wants a list of one (pvr fails, although its `--arg` can make nothing else).
 *
 * @throws Problem for an unknown template, and for arguments or image configuration that the files can't
 * express.
 */
export function renderRunFiles({ app, manifest, defaultGroup }: RunFilesInput): RunFiles {
  const container = containerOf(app, manifest, defaultGroup);
  const warning = container.isStarted ? initCommandWarning(container.image) : undefined;
  const conf = container.isStarted ? lxcContainerConf(container) : undefined;
  return {
    runJson: runJson(container),
    lxcContainerConf: conf?.text,
    warnings: [
      ...(warning === undefined ? [] : [`${app}: ${warning}`]),
      ...container.rootVolumes.map(
        () =>
          `${app}: a volume can't take the place of the whole root folder, so the volume "/" is left out, and what the app writes ` +
          `is kept as "lxc-overlay" says; set that in "persistence" of ${app}/src.json to keep it longer`,
      ),
      ...(conf?.warnings ?? []),
    ],
  };
}

/** The lines of lxc.container.conf that pvr writes otherwise, see {@link LxcContainerConf}. @throws Problem as {@link renderRunFiles} does. */
export function linesOfPvrMended({ app, manifest, defaultGroup }: RunFilesInput): LxcContainerConf['mended'] {
  const container = containerOf(app, manifest, defaultGroup);
  return container.isStarted ? lxcContainerConf(container).mended : new Map();
}
