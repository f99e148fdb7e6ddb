import type { SameFiles } from '../core/checkout/same-files';
import type { DockerImage } from '../core/image/docker/list-images';
import type { Phase } from '../core/job';
import type { Absence, EntryFacts, FolderEntry } from '../core/mount/entries';
import type { MountFiles } from '../core/mount/mounts';
import type { SearchResult } from '../core/mount/search-files';
import type { SquashfsFacts } from '../core/mount/squashfs-facts';
import type { TextChanges } from '../core/mount/text-changes';
import type { BloatFinding } from '../core/rootfs/bloat';
import type { ByteString } from '../core/rootfs/byte-string';
import type { OverlayChange } from '../core/rootfs/overlay-changes';
import type { TreeEntry } from '../core/rootfs/tree-entries';
import type { AddAppRequest } from '../core/use-cases/add-app';
import type { NewBaseFigures } from '../core/use-cases/advice';
import type { DeviceEntry } from '../core/use-cases/app-files';
import type { ImageCheck } from '../core/use-cases/check-images';
import type { HashFilesRequest } from '../core/use-cases/hash-files';
import type { RemovalPlan, RemovalRequest } from '../core/use-cases/plan-removal';
import type { RemovalReport } from '../core/use-cases/remove-app';
import type { BuildReport } from '../core/use-cases/report';
import type { ImageWishes } from '../core/use-cases/steps/image-request';
import type { UpdateAppRequest } from '../core/use-cases/update-app';

/*
 * What the extension host and the backend say to each other: JSON-RPC 2.0 over the child process's IPC channel.
 *
 * Everything is plain JSON data. A property whose value is undefined does not cross, and reads as undefined on the other
 * side. Paths that are `ByteString`s (one byte of the file system per UTF-16 unit) cross as they are: each unit is a
 * character up to U+00FF, which JSON carries unharmed. Whoever shows one to people uses `byteStringToText`.
 */

/** What the extension host may ask for, by name. */
export interface Requests {
  readonly addApp: Call<InCheckout & { readonly request: AddAppRequest }, BuildReport>;
  /** As a patch, as a new base, or as a preview of either (`isPreview`). */
  readonly updateApp: Call<InCheckout & { readonly request: UpdateAppRequest }, BuildReport>;
  readonly installApp: Call<OfApp, BuildReport>;
  /** What the removal of an app takes away, and what of it no commit can bring back. Large files of the app are read. */
  readonly planRemoval: Call<InCheckout & { readonly request: RemovalRequest }, RemovalPlan>;
  /** `agreed`: what somebody was shown, and wants gone; fails when it would be something else by now. */
  readonly removeApp: Call<
    InCheckout & { readonly request: RemovalRequest; readonly agreed?: RemovalPlan | undefined },
    RemovalReport
  >;
  /** What an app's overlay does to its base; fails when the app has none. */
  readonly listOverlayChanges: Call<OfApp & FirstOnes, readonly OverlayChange[]>;
  /** Every path of an app's base, or of the base that it extends. */
  readonly listBaseEntries: Call<OfApp & FirstOnes, readonly TreeEntry[]>;
  /** Every path that the device sees of an app's base and overlay together; fails when the app has no overlay. */
  readonly listDeviceEntries: Call<OfApp, readonly DeviceEntry[]>;
  /** What a new base of an app would mean; fails when it has no overlay over a base of its own. */
  readonly readNewBaseFigures: Call<OfApp, NewBaseFigures>;
  /** What an app's overlay holds that is usually not meant to ship, or that the device has already. */
  readonly findOverlayBloat: Call<OfApp, readonly BloatFinding[]>;
  /** Hashes large files whose content nobody knows, so that the next reading of the checkout does. */
  readonly hashFiles: Call<InCheckout & HashFilesRequest, null>;
  /** Which of files that have the same size have the same bytes; all of them are read. */
  readonly findSameFiles: Call<
    InCheckout & { readonly candidates: readonly SameFiles[] },
    readonly SameFiles[]
  >;
  /** Whether the images that the apps' tags name have moved. Cheap enough to be asked every few hours. */
  readonly checkImages: Call<InCheckout & { readonly apps: readonly string[] }, readonly ImageCheck[]>;
  /** Whether there is such an image for the checkout's device, before an app is made from it. No layer is downloaded. */
  readonly inspectImage: Call<InCheckout & { readonly request: WantedImage }, ImageSummary>;
  /** `linux/arm64` and the others that an image comes for, so that one can be chosen where the checkout names none. */
  readonly listPlatforms: Call<{ readonly request: WantedImage }, readonly string[]>;
  /** The docker daemon's images that have a tag, newest first. Fails with a Problem where no docker runs. */
  readonly listDockerImages: Call<Record<string, never>, readonly DockerImage[]>;
  /** What lies at a path of a mount, behind links; they never lead out of it. */
  readonly readFacts: Call<AtPath, EntryFacts | Absence>;
  readonly readFolder: Call<AtPath, readonly FolderEntry[] | Absence>;
  /** Bytes `start` to before `end` of a file, in base64; at most {@link largestRead} of them. */
  readonly readBytes: Call<AtPath & { readonly start: number; readonly end: number }, string>;
  /** Writes a file of a mount to `target`, an absolute path; its size doesn't matter. */
  readonly saveCopy: Call<AtPath & { readonly target: string }, null>;
  /** Every path of a mount. */
  readonly listEntries: Call<InMount, readonly TreeEntry[]>;
  /** A text in the names and lines of a mount's files. */
  readonly searchFiles: Call<InMount & { readonly text: string }, SearchResult>;
  /** What a SquashFS file says of itself. */
  readonly readSquashfsFacts: Call<{ readonly file: string }, SquashfsFacts>;
  /** What has changed from one mount to another, by content. */
  readonly compareMounts: Call<TwoMounts, readonly OverlayChange[]>;
  /** The same, but only files that can be read side by side. */
  readonly listTextChanges: Call<TwoMounts, TextChanges>;
}

/** Bytes in one answer: few enough to be held several times over, enough that a file takes few requests. */
export const largestRead = 1 << 20;

interface Call<Params, Result> {
  readonly params: Params;
  readonly result: Result;
}

export type RequestName = keyof Requests;
export type ParamsOf<Name extends RequestName> = Requests[Name]['params'];
export type ResultOf<Name extends RequestName> = Requests[Name]['result'];

export interface InCheckout {
  /** Absolute path. */
  readonly checkoutDirectory: string;
}

export interface OfApp extends InCheckout {
  readonly app: string;
}

export interface InMount {
  readonly files: MountFiles;
}

export interface AtPath extends InMount {
  /** No slash at its beginning; `''` is the root. */
  readonly path: ByteString;
}

export interface TwoMounts {
  readonly before: MountFiles;
  readonly after: MountFiles;
}

export interface FirstOnes {
  /** How many of the first ones are wanted: they are there soon, however many there are. Undefined: all. */
  readonly limit?: number | undefined;
}

export interface WantedImage extends ImageWishes {
  readonly reference: string;
}

/** An image as the wizard shows it while its reference is typed. */
export interface ImageSummary {
  /** Where it was found first. */
  readonly source: 'remote' | 'local' | 'archive';
  /** `linux/arm64`; undefined when the image does not say. */
  readonly platform: string | undefined;
  /** Bytes of its layers as they are stored: about what has to be downloaded when nothing of it is known. */
  readonly size: number;
  /** Seconds since 1970; 0 when the image does not say. */
  readonly created: number;
}

export type { DockerImage };

export interface ProgressEvent {
  readonly phase: Phase;
  /** Bytes. */
  readonly done: number;
  /** Bytes; undefined when nobody knows yet. */
  readonly total: number | undefined;
}

/** What a backend is started with. */
export interface BackendSettings {
  /** Absolute path; PVX_CACHE_DIR or the system's folder for caches when not given. */
  readonly cacheDirectory?: string | undefined;
  /** Bytes; PVX_CACHE_LIMIT or 5 GiB when not given. */
  readonly cacheLimit?: number | undefined;
  /** Registries (host with port) that may answer without TLS or with any certificate. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** In place of DOCKER_HOST: `unix:///run/user/1000/docker.sock`. */
  readonly dockerHost?: string | undefined;
}

/** A registry that asks who is there. */
export interface RegistryQuestion {
  /** Host and, if any, port: `registry.example:5000`. */
  readonly host: string;
  /** Under which docker's own config keeps it; differs from the host for Docker Hub. */
  readonly credentialKey: string;
}

/** What VS Code's secret storage knows about a registry. Never logged. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  /** An OAuth2 refresh token. */
  | { readonly identityToken: string };

/** A line for the log; holds no secrets. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}
