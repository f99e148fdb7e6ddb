import type { Contradiction } from './contradictions/contradictions';

/** Everything known about an app without reading its file systems. Plain data: it goes through views, processes and `--json`. */
export interface App {
  /** Also the name of its folder, and of its container. */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly source: AppSource;
  /** `root.squashfs`; an extension app has none of its own. */
  readonly base: AppSquashfs | undefined;
  /** `root.ovl.squashfs`. */
  readonly overlay: AppSquashfs | undefined;
  /** The app whose base this one extends. */
  readonly baseApp: string | undefined;
  /** The apps that extend this one's base, by name. */
  readonly dependants: readonly string[];
  /** It has an overlay over its own base. */
  readonly isPatched: boolean;
  /** It is an overlay over another app's base. */
  readonly isExtension: boolean;
  /** Undefined for what is no container: there is no run.json, or none that can be read. */
  readonly container: AppContainer | undefined;
  /** All files of its folder, by path. */
  readonly files: readonly AppFile[];
  /** Files of the pristine state that are gone; paths below the app. */
  readonly missingFiles: readonly string[];
  /** Signatures that become stale when the app changes; paths below the checkout. */
  readonly signedBy: readonly string[];
  readonly contradictions: readonly Contradiction[];
}

/** What src.json says the app is made from. */
export type AppSource =
  | {
      readonly kind: 'docker';
      readonly image: AppImage;
      /** mksquashfs options for its file systems, in place of the default compression. */
      readonly formatOptions: string | undefined;
    }
  | { readonly kind: 'rootfs'; readonly url: string; readonly digest: string | undefined }
  | { readonly kind: 'pvr'; readonly url: string }
  /** There is no src.json: a container that was made elsewhere. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' };

export interface AppImage {
  readonly name: string | undefined;
  readonly tag: string | undefined;
  /** Of the image in `root.squashfs`; for an extension app, of its base app's when it was added. */
  readonly digest: string | undefined;
  /** Of the image that base and overlay make together. */
  readonly overlayDigest: string | undefined;
  /** Where the image is looked for, in order: `remote`, `local`. */
  readonly sources: readonly string[];
  readonly platform: string | undefined;
}

export interface AppSquashfs {
  /** Path below the checkout. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Of the image that it was made from, according to the `.docker-digest` (or `.rootfs-digest`) file beside it. */
  readonly digest: string | undefined;
}

/** What run.json and the groups make of the app on the device. */
export interface AppContainer {
  /** `run.json`: it names the group itself. */
  readonly group: { readonly name: string; readonly from: 'run.json' | 'default' };
  readonly statusGoal: Setting | undefined;
  readonly restartPolicy: Setting | undefined;
  /** The device mounts its `root.squashfs` through dm-verity. */
  readonly hasVerifiedBase: boolean;
}

/** A setting of the container, or its group's where it has none of its own. */
export interface Setting {
  readonly value: string;
  readonly from: 'run.json' | 'group';
}

export interface AppFile {
  /** Below the app's folder. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly tracking: Tracking;
}

/**
 * What the next `pvr commit` makes of a file. `not-compared`: it has been committed, but is large, and nobody has read it since
 * it was written to. `added`: new since the last commit. `untracked`: left out.
 */
export type Tracking = 'unchanged' | 'changed' | 'not-compared' | 'added' | 'untracked';
