import type { SourceManifest } from '../manifests/source-manifest';
import { containerOf } from './container';
import { initCommandWarning } from './init-command';
import { lxcContainerConf } from './lxc-container-conf';
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
 * Three differences to pvr are on purpose: run.json is valid JSON also with several volumes, dm-verity covers the volumes
 * that it should (see verified-volumes.ts), and a string serves where an argument wants a list of one (pvr fails, although
 * its `--arg` can make nothing else).
 *
 * @throws Problem for an unknown template, and for arguments or image configuration that the files can't
 * express.
 */
export function renderRunFiles({ app, manifest, defaultGroup }: RunFilesInput): RunFiles {
  const container = containerOf(app, manifest, defaultGroup);
  const warning = container.isStarted ? initCommandWarning(container.image) : undefined;
  return {
    runJson: runJson(container),
    lxcContainerConf: container.isStarted ? lxcContainerConf(container) : undefined,
    warnings: warning === undefined ? [] : [`${app}: ${warning}`],
  };
}
