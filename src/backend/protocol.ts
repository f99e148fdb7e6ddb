import type { Phase } from '../core/job';
import type { SshQuestion } from '../core/remote/desk/ssh-questions';
import type { Request, Stream } from './requests/request';
import type { requests, streams } from './requests/requests';

/*
 * What the extension host and the backend say to each other: JSON-RPC 2.0 over the child process's IPC channel.
 *
 * Everything is plain JSON data. A property whose value is undefined does not cross, and reads as undefined on the other
 * side. Paths that are `ByteString`s (one byte of the file system per UTF-16 unit) cross as they are: each unit is a
 * character up to U+00FF, which JSON carries unharmed. Whoever shows one to people uses `byteStringToText`.
 */

type Requests = typeof requests;

/** What the extension host may ask for: see requests/. */
export type RequestName = keyof Requests;
export type ParamsOf<Name extends RequestName> =
  Requests[Name] extends Request<infer Params, unknown> ? Params : never;
export type ResultOf<Name extends RequestName> =
  Requests[Name] extends Request<never, infer Result> ? Result : never;

type Streams = typeof streams;

/** What it may listen to. */
export type StreamName = keyof Streams;
export type StreamParamsOf<Name extends StreamName> =
  Streams[Name] extends Stream<infer Params, unknown> ? Params : never;
export type NewsOf<Name extends StreamName> = Streams[Name] extends Stream<never, infer News> ? News : never;

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
  /** In place of PVR_BASEURL: the hub that is meant where none is named. */
  readonly hub?: string | undefined;
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

/** What the editor keeps of a hub itself. Never logged. */
export type KeptLogin =
  | { readonly kind: 'token'; readonly token: string }
  /** pvr's own counts, where there is one. */
  | { readonly kind: 'none' }
  /** A person has logged out here: pvr's own doesn't count either. */
  | { readonly kind: 'left' };

/** Where the editor keeps them. A hub is its address without a path: `https://api.pantahub.com`. */
export interface HubLogins {
  read(hub: string): PromiseLike<KeptLogin>;
  /** A token that somebody logged in for, or that was changed for another; undefined: a person logs out. */
  write(hub: string, token: string | undefined): PromiseLike<void>;
  /** The hubs that there is a token for, and those that a person has logged out of. */
  hubs(): { readonly kept: readonly string[]; readonly left: readonly string[] };
}

/** Something that ssh wants to know on its way to a device. The answer is never logged; undefined says no. */
export type AskSshQuestion = (question: SshQuestion) => PromiseLike<string | undefined>;

/** A line for the log; holds no secrets. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}
