import type { Job } from '../job';
import type { JsonObject } from '../json/value';
import type { ObjectStore } from '../objects/object-store';

/**
 * Where revisions of one device come from and go to: its place at Pantahub, or the device itself. Plain data goes in and out; every
 * method throws a Problem when it can't do its work, and the job's reason when it is stopped.
 */
export interface Remote {
  /** How it is kept, and found again: a URL. */
  readonly address: string;
  /** For people: `alice/kitchen`. */
  readonly name: string;
  /** `hub`: what is posted waits there for the device; `device`: it is the device itself, which runs it at once. */
  readonly place: 'hub' | 'device';
  /** What is known of the device now. */
  facts(job: Job): Promise<DeviceFacts>;
  /** All revisions, the oldest first, with their progress. */
  revisions(job: Job): Promise<readonly Revision[]>;
  /** @throws Problem when there is no revision of this name. */
  revision(name: string, job: Job): Promise<Revision>;
  /** The state of a revision, as its sha256 is made of it. */
  state(name: string, job: Job): Promise<string>;
  /** Has a store hold objects of a revision, each checked. */
  bring(name: string, ids: ReadonlySet<string>, store: ObjectStore, job: Job): Promise<void>;
  /** Which of them it lacks, asked for each without sending anything; undefined where that can't be told. */
  missing(objects: readonly OutgoingObject[], job: Job): Promise<readonly OutgoingObject[] | undefined>;
  /** Bytes that the account behind it holds, and may hold; undefined where there is no limit, or nobody knows. */
  quota(job: Job): Promise<Quota | undefined>;
  /** What the next revision is going to be called, where nobody comes before. */
  nextName(revision: Pick<OutgoingRevision, 'after' | 'state'>): string;
  /**
   * Adds a revision with its objects, of which each is sent only where it is missing. A device runs it as well.
   *
   * @param store has the objects.
   * @throws Overtaken when somebody else has added one in the meantime.
   */
  deliver(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered>;
  /**
   * Puts a state with its objects where nothing runs it by that: at a hub in the place of the newest revision's, as long as the device
   * hasn't begun with it; on a device as one more revision.
   *
   * @throws Problem where nothing can be put.
   */
  put(revision: OutgoingRevision, store: ObjectStore, job: Job): Promise<Delivered>;
  /** Takes back a revision that the device hasn't begun with. */
  cancel(name: string, job: Job): Promise<Revision>;
  /** Bytes of each object that a revision names, by its sha256; undefined: that can't be told from here. */
  readonly objectSizes?: ((name: string, job: Job) => Promise<ReadonlyMap<string, number>>) | undefined;
  /** What the device has told in its logs, the oldest first. */
  logs(query: LogQuery, job: Job): Promise<readonly LogEntry[]>;
  /**
   * Sets members of what the owner tells the device, or of what the device tells of itself, and takes away those that are undefined.
   *
   * @returns all of it. @throws Problem where that can't be set from here.
   */
  setMeta(
    which: 'user' | 'device',
    changes: ReadonlyMap<string, string | undefined>,
    job: Job,
  ): Promise<JsonObject>;
  /**
   * Has the device run a revision again that it had, which is sent again where it is gone; undefined: there is another way back, which
   * is to post it anew.
   *
   * @param store has the objects of one that is sent again, or may have them.
   */
  readonly runAgain?: ((name: string, store: ObjectStore, job: Job) => Promise<Revision>) | undefined;
  /** What runs on the device; undefined: that can't be told from here. */
  readonly containers?: Containers | undefined;
}

/** The containers of a device that is reached itself. */
export interface Containers {
  /** In the order in which they are started. */
  list(job: Job): Promise<readonly Container[]>;
  /** @throws Problem where the device refuses: of the restart policy `system`, it starts them all or none. */
  act(name: string, action: ContainerAction, job: Job): Promise<void>;
}

export type ContainerAction = 'start' | 'stop' | 'restart';

/** Plain data. */
export interface Container {
  readonly name: string;
  /** Empty where the device doesn't say. */
  readonly group: string;
  /** As the device has it: `STARTED`, `RECOVERING`; others may come. */
  readonly status: string;
  /** What it must reach to count as up. */
  readonly goal: string;
  /** `system`: it can't be started or stopped alone. */
  readonly restartPolicy: 'system' | 'container';
  readonly roles: readonly string[];
  /** Somebody has stopped it by hand. */
  readonly isStopped: boolean;
  /** Undefined: it isn't started again by itself. */
  readonly recovery:
    { readonly retries: number; readonly maxRetries: number; readonly isStable: boolean } | undefined;
}

export interface DeviceFacts {
  readonly nick: string;
  /** The revision that runs, as far as it has told; undefined: nobody knows. */
  readonly running: string | undefined;
  /** The newest revision, whether any device ever ran it; undefined: there is none yet. */
  readonly head: string | undefined;
  /** Undefined: nobody knows. */
  readonly isOnline: boolean | undefined;
  /** RFC 3339. */
  readonly lastSeen: string | undefined;
  /** What the device says of itself. */
  readonly deviceMeta: JsonObject;
  /** What its owner tells it. */
  readonly userMeta: JsonObject;
}

export interface Revision {
  readonly name: string;
  readonly message: string;
  /** Of the state; empty where the remote doesn't say. */
  readonly stateSha: string;
  /** RFC 3339; undefined where nobody knows. */
  readonly posted: string | undefined;
  readonly progress: RevisionProgress;
}

export interface RevisionProgress {
  /** As the device or the hub has it: `NEW`, `DOWNLOADING`, `DONE`; others may come. */
  readonly status: string;
  readonly message: string;
  /** Percent. */
  readonly percent: number;
  /** Bytes, while it downloads. */
  readonly download: { readonly done: number; readonly total: number } | undefined;
  /** RFC 3339; undefined: it has never told anything. */
  readonly reported: string | undefined;
}

export interface OutgoingObject {
  readonly id: string;
  /** A file that has it; the first name that Pantahub is told. */
  readonly file: string;
  readonly size: number;
}

export interface SentObjects {
  /** How many went over the wire; the others were there. */
  readonly count: number;
  readonly bytes: number;
}

export interface Delivered {
  readonly revision: Revision;
  readonly sent: SentObjects;
}

export interface Quota {
  /** What is full when it is used up. */
  readonly of: 'account' | 'device';
  readonly used: number;
  readonly max: number;
}

export interface OutgoingRevision {
  /** Canonical JSON. */
  readonly state: string;
  readonly message: string;
  /** What has to be the newest one still; undefined: there is none. */
  readonly after: string | undefined;
  /** Those that the store has. */
  readonly objects: readonly OutgoingObject[];
  /** Those that the revision `after` names, and that are there therefore as long as nobody removes them. */
  readonly known: ReadonlySet<string>;
}

export interface LogQuery {
  readonly revision?: string | undefined;
  /** A container, or `pantavisor`. */
  readonly platform?: string | undefined;
  readonly levels?: readonly string[] | undefined;
  /** RFC 3339: what was told then or later. */
  readonly after?: string | undefined;
  /** How many entries at most, the newest of them. */
  readonly limit: number;
}

export interface LogEntry {
  readonly id: string;
  /** RFC 3339; empty where the device has told it without a clock. */
  readonly time: string;
  readonly revision: string;
  readonly platform: string;
  readonly source: string;
  readonly level: string;
  readonly message: string;
}

const good = new Set(['DONE', 'UPDATED']);
const bad = new Set(['ERROR', 'WONTGO', 'CANCEL', 'CANCELLED']);

/** Whether nothing follows any more, and how it ended. */
export function outcomeOf({ status }: RevisionProgress): 'good' | 'bad' | 'open' {
  if (good.has(status)) return 'good';
  return bad.has(status) ? 'bad' : 'open';
}
