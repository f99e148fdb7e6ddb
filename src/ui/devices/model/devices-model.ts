import type {
  AccountFacts,
  CheckoutOrigin,
  DeviceDetails,
  NamedAddress,
  RevisionNews,
} from '../../../backend/requests/devices';
import type { OwnDevice } from '../../../core/remote/pantahub/hub';
import { type Container, outcomeOf, type Revision, type RevisionProgress } from '../../../core/remote/remote';
import { describeError, Problem } from '../../../core/problem';
import { type Disposable, Emitter } from '../../model/event';
import type { Storage } from '../../model/storage';
import { hubToLogInTo } from '../accounts';

/** How the model gets at hubs and devices. */
export interface DevicesAccess {
  /** Whether anything has to be asked: false where nobody has ever logged in on this machine. */
  mayHaveLogin(): Promise<boolean>;
  listAccounts(): Promise<readonly AccountFacts[]>;
  listDevices(hub: string): Promise<readonly OwnDevice[]>;
  readDevice(device: string): Promise<DeviceDetails>;
  weighRevisions(
    device: string,
    revisions: readonly { readonly name: string; readonly before?: string | undefined }[],
  ): Promise<readonly (number | null)[]>;
  listContainers(device: string): Promise<readonly Container[]>;
  listOrigins(checkouts: readonly string[]): Promise<readonly (CheckoutOrigin | null)[]>;
  follow(device: string, revision: string, onNews: (news: RevisionNews) => void): Disposable;
  /** Looks for devices in the network, once. */
  readonly scan?: (() => Promise<readonly NamedAddress[]>) | undefined;
  /** Devices that are kept by a name on this machine. */
  readonly listKept?: (() => Promise<readonly NamedAddress[]>) | undefined;
}

export interface DevicesOptions {
  /** In Restricted Mode nobody is asked anything. */
  readonly isAllowed: () => boolean;
  /** Seconds between two looks while somebody looks; 0: only when they ask. */
  readonly interval: () => number;
  /** Absolute paths of the window's checkouts. */
  readonly checkouts: () => readonly string[];
}

/** What is known of a device at a glance. */
export interface DeviceGlance {
  readonly nick: string;
  readonly running: string | undefined;
  readonly head: string | undefined;
  /** Of the head. */
  readonly progress: RevisionProgress;
  readonly isOnline: boolean | undefined;
  readonly lastSeen: string | undefined;
}

/** Why nothing, or nothing new, is known. */
export type Trouble =
  { readonly kind: 'loggedOut'; readonly hub: string } | { readonly kind: 'away'; readonly problem: Problem };

/** A device of the view. Its address is what it is known by. */
export interface DeviceModel {
  readonly address: string;
  readonly place: 'account' | 'address' | 'kept' | 'network';
  /** By what it was kept or found; undefined: by its address alone. */
  readonly knownAs: string | undefined;
  /** Undefined: nobody has heard of it yet. */
  readonly glance: DeviceGlance | undefined;
  readonly trouble: Trouble | undefined;
  /** Undefined until somebody wants it. */
  readonly details: DeviceDetails | undefined;
  readonly containers: readonly Container[] | undefined;
  /** By the name of the revision: bytes that it brings; null where nobody can tell. */
  readonly weights: ReadonlyMap<string, number | null>;
  /** The checkouts of the window that came from it, with the revision that they have. */
  readonly checkouts: readonly { readonly directory: string; readonly revision: string | undefined }[];
}

export interface AccountModel {
  readonly hub: string;
  readonly nick: string | undefined;
  readonly trouble: Trouble | undefined;
  /** Undefined until they are read for the first time. */
  readonly devices: readonly DeviceModel[] | undefined;
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };
type OwnModel = Changing<DeviceModel>;
type OwnAccount = Changing<Omit<AccountModel, 'devices'>> & { devices: OwnModel[] | undefined };

const addressesKey = 'pantavisor.deviceAddresses';
/** Each that is followed is asked every few seconds. */
const mostFollowed = 8;

/**
 * The devices that a person can reach: those of their accounts, and those that they, or the network, have named. Nothing is asked unless
 * somebody looks; what is on its way is followed as long as they do.
 */
export class DevicesModel implements Disposable {
  readonly #access: DevicesAccess;
  readonly #options: DevicesOptions;
  readonly #storage: Storage;
  readonly #changed = new Emitter<DeviceModel | undefined>();
  readonly #following = new Map<string, { readonly revision: string; readonly end: Disposable }>();
  /** A device stays the same object, however often its list is read. */
  readonly #devices = new Map<string, OwnModel>();
  /** By address, and `''` for the list: what was told last. */
  readonly #told = new Map<string, string>();
  #accounts: OwnAccount[] | undefined;
  #found: readonly NamedAddress[] = [];
  #kept: readonly NamedAddress[] = [];
  #origins: readonly { readonly directory: string; readonly origin: CheckoutOrigin }[] = [];
  #observers = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isDisposed = false;

  constructor(access: DevicesAccess, storage: Storage, options: DevicesOptions) {
    this.#access = access;
    this.#storage = storage;
    this.#options = options;
  }

  /** One device, or undefined for the list of them. */
  get onDidChange() {
    return this.#changed.event;
  }

  /** Undefined until they are read for the first time. */
  get accounts(): readonly AccountModel[] | undefined {
    return this.#accounts;
  }

  /** Those that a person has named, here or for the command line. */
  get named(): readonly DeviceModel[] {
    return [
      ...this.addresses.map((address) => this.#deviceAt(address, 'address')),
      ...this.#kept.map(({ address, name }) => this.#deviceAt(address, 'kept', name)),
    ];
  }

  /** Those that have made themselves known when somebody looked. */
  get inNetwork(): readonly DeviceModel[] {
    return this.#found.map(({ address, name }) => this.#deviceAt(address, 'network', name));
  }

  get addresses(): readonly string[] {
    return (this.#storage.get(addressesKey) as readonly string[] | undefined) ?? [];
  }

  /** All that are known, each once. */
  get all(): readonly DeviceModel[] {
    const ofAccounts = (this.#accounts ?? []).flatMap(({ devices }) => devices ?? []);
    return [...new Set([...ofAccounts, ...this.named, ...this.inNetwork])];
  }

  /** Whether somebody looks. */
  get isWatched(): boolean {
    return this.#observers > 0;
  }

  /** Looks now and again, and follows what is on its way, until disposed of. */
  watch(): Disposable {
    this.#observers += 1;
    if (this.#observers === 1) void this.refresh();
    let isEnded = false;
    return {
      dispose: () => {
        if (isEnded) return;
        isEnded = true;
        this.#observers -= 1;
        if (this.#observers === 0) this.#rest();
      },
    };
  }

  /** Reads accounts and devices anew; whoever asks meanwhile waits for the same answer. */
  refresh(): Promise<void> {
    return (this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined)));
  }

  /** Reads what is behind the row of a device. */
  async readDetails(device: DeviceModel): Promise<void> {
    const own = this.#devices.get(device.address);
    if (own === undefined || !this.#options.isAllowed()) return;
    await this.#attempt(own, async () => {
      const details = await this.#access.readDevice(own.address);
      own.details = details;
      own.glance = glanceOf(details, own.glance);
      own.checkouts = this.#checkoutsOf(own);
      if (details.hasContainers) own.containers = await this.#access.listContainers(own.address);
    });
    this.#follow(own);
    this.#tell(own);
  }

  /** Finds out what revisions bring, each once. */
  async weigh(device: DeviceModel, revisions: readonly Revision[]): Promise<void> {
    const own = this.#devices.get(device.address);
    if (own?.details === undefined) return;
    const names = own.details.revisions.map(({ name }) => name);
    const wanted = revisions
      .filter(({ name }) => !own.weights.has(name))
      .map(({ name }) => ({ name, before: names[names.indexOf(name) - 1] }));
    if (wanted.length === 0) return;
    try {
      const weights = await this.#access.weighRevisions(own.address, wanted);
      own.weights = new Map([
        ...own.weights,
        ...wanted.map(({ name }, at) => [name, weights[at] ?? null] as const),
      ]);
      this.#tell(own);
    } catch {
      // A row without a weight says all else.
    }
  }

  /** Looks who is there; what they run is asked when somebody unfolds them. */
  async lookInNetwork(): Promise<number> {
    this.#found = (await this.#access.scan?.()) ?? [];
    this.#tell(undefined);
    return this.#found.length;
  }

  async addAddress(address: string): Promise<void> {
    if (!this.addresses.includes(address))
      await this.#storage.update(addressesKey, [...this.addresses, address]);
    this.#tell(undefined);
    await this.readDetails(this.#deviceAt(address, 'address'));
  }

  async removeAddress(address: string): Promise<void> {
    await this.#storage.update(
      addressesKey,
      this.addresses.filter((other) => other !== address),
    );
    this.#devices.delete(address);
    this.#endFollowing(address);
    this.#tell(undefined);
  }

  /** The device that an origin of a checkout, or anything else, names. */
  deviceOf(address: string): DeviceModel | undefined {
    return this.all.find((device) => isAt(device, address));
  }

  /** Reads which checkouts came from which device; nothing is asked of any hub. */
  async readOrigins(): Promise<void> {
    if (this.all.length === 0 && (this.#accounts ?? []).length === 0) return;
    const directories = this.#options.checkouts();
    const origins = directories.length === 0 ? [] : await this.#access.listOrigins(directories);
    this.#origins = directories.flatMap((directory, at) => {
      const origin = origins[at];
      return origin === null || origin === undefined ? [] : [{ directory, origin }];
    });
    for (const device of this.#devices.values()) {
      device.checkouts = this.#checkoutsOf(device);
      this.#tell(device);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#rest();
    this.#changed.dispose();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const address of [...this.#following.keys()]) this.#endFollowing(address);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const seconds = this.#options.interval();
    const isOfUse = this.isWatched && seconds > 0 && this.#options.isAllowed() && this.all.length > 0;
    this.#timer = isOfUse ? setTimeout(() => void this.refresh(), seconds * 1000) : undefined;
  }

  async #readAll(): Promise<void> {
    if (!this.#options.isAllowed()) {
      this.#accounts = undefined;
      this.#devices.clear();
      this.#tell(undefined);
      return;
    }
    try {
      if (await this.#access.mayHaveLogin()) {
        this.#kept = (await this.#access.listKept?.()) ?? [];
        const facts = await this.#access.listAccounts();
        this.#accounts = facts.map(({ hub, nick }) => this.#account(hub, nick));
        this.#tell(undefined);
        await Promise.all([
          this.readOrigins(),
          ...this.#accounts.map((account) => this.#readAccount(account)),
        ]);
      } else {
        this.#accounts = [];
        await this.readOrigins();
      }
      await Promise.all(this.named.map((device) => this.readDetails(device)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#accounts = (this.#accounts ?? []).map((account) => ({ ...account, trouble: troubleOf(error) }));
    } finally {
      if (!this.#isDisposed) {
        this.#tell(undefined);
        this.#plan();
      }
    }
  }

  #account(hub: string, nick: string | undefined): OwnAccount {
    const known = this.#accounts?.find((account) => account.hub === hub && account.nick === nick);
    const trouble = nick === undefined ? ({ kind: 'loggedOut', hub } as const) : undefined;
    return { hub, nick, trouble: trouble ?? known?.trouble, devices: known?.devices };
  }

  async #readAccount(account: OwnAccount): Promise<void> {
    if (account.nick === undefined) return;
    await this.#attempt(account, async () => {
      const devices = await this.#access.listDevices(account.hub);
      account.devices = devices.map((device) => {
        const own = this.#deviceAt(new URL(`/trails/${device.id}`, account.hub).href, 'account');
        const before = own.glance;
        own.glance = glanceOfOwn(device, before);
        own.trouble = undefined;
        const isNews = before?.head !== own.glance.head || before?.running !== own.glance.running;
        const isOther = before?.progress.status !== own.glance.progress.status;
        // What somebody has unfolded follows.
        if (own.details !== undefined && (isNews || isOther)) void this.readDetails(own);
        return own;
      });
    });
    for (const device of account.devices ?? []) {
      this.#follow(device);
      this.#tell(device);
    }
  }

  /** Does something about an account or a device, and takes down what stood in the way. */
  async #attempt(one: { trouble: Trouble | undefined }, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      one.trouble = undefined;
    } catch (error) {
      one.trouble = troubleOf(error);
    }
  }

  /** Follows what is on its way to a device, once, as long as somebody looks. */
  #follow(device: OwnModel): void {
    const coming = comingTo(device);
    const followed = this.#following.get(device.address);
    if (coming === undefined || !this.isWatched || followed?.revision !== coming.revision)
      this.#endFollowing(device.address);
    if (coming === undefined || !this.isWatched || this.#following.has(device.address)) return;
    if (this.#following.size >= mostFollowed) return;
    const onNews = (news: RevisionNews) => this.#hear(device, news);
    const end = this.#access.follow(device.address, coming.revision, onNews);
    this.#following.set(device.address, { revision: coming.revision, end });
  }

  #hear(device: OwnModel, news: RevisionNews): void {
    if (news.kind === 'lost') {
      this.#endFollowing(device.address);
      return;
    }
    const { revision } = news;
    if (device.glance?.head === revision.name)
      device.glance = { ...device.glance, progress: revision.progress };
    if (device.details !== undefined)
      device.details = {
        ...device.details,
        revisions: device.details.revisions.map((one) => (one.name === revision.name ? revision : one)),
      };
    this.#tell(device);
    if (outcomeOf(revision.progress) === 'open') return;
    this.#endFollowing(device.address);
    // What it runs now.
    void this.refresh();
  }

  #endFollowing(address: string): void {
    this.#following.get(address)?.end.dispose();
    this.#following.delete(address);
  }

  #deviceAt(address: string, place: DeviceModel['place'], knownAs?: string): OwnModel {
    const known = this.#devices.get(address);
    if (known !== undefined) return known;
    const made: OwnModel = {
      ...{
        address,
        place,
        knownAs,
        glance: undefined,
        trouble: undefined,
        details: undefined,
        containers: undefined,
      },
      ...{ weights: new Map(), checkouts: this.#checkoutsOf({ address, details: undefined }) },
    };
    this.#devices.set(address, made);
    return made;
  }

  #checkoutsOf(device: Pick<DeviceModel, 'address' | 'details'>): DeviceModel['checkouts'] {
    return this.#origins
      .filter(({ origin }) => isAt(device, origin.address))
      .map(({ directory, origin: { revision } }) => ({ directory, revision }));
  }

  /** Nothing is told twice: a row that is made anew takes the menu away that somebody has open on it. */
  #tell(device: DeviceModel | undefined): void {
    const key = device?.address ?? '';
    const state = device === undefined ? this.#listState() : deviceState(device);
    if (this.#told.get(key) === state) return;
    this.#told.set(key, state);
    this.#changed.fire(device);
  }

  /** What the list is made of, but for what is told of each device. */
  #listState(): string {
    const accounts = this.#accounts?.map(({ hub, nick, trouble, devices }) => ({
      ...{ hub, nick, trouble: troubleText(trouble), devices: devices?.map(({ address }) => address) },
    }));
    return JSON.stringify([
      accounts ?? 'unread',
      this.addresses,
      [...this.#kept, ...this.#found].map(({ address }) => address),
      // Among them one or the other whose details nobody has asked for.
      this.all.map(({ address }) => address),
    ]);
  }
}

/** What is on its way to a device, or waits for it. */
export function comingTo({
  glance,
}: Pick<DeviceModel, 'glance'>):
  { readonly revision: string; readonly progress: RevisionProgress } | undefined {
  if (glance?.head === undefined || glance.head === glance.running) return undefined;
  return outcomeOf(glance.progress) === 'open'
    ? { revision: glance.head, progress: glance.progress }
    : undefined;
}

/** The newest revision, where it ended badly and something else runs. */
export function failedOn({ glance }: Pick<DeviceModel, 'glance'>): string | undefined {
  const { head, progress, running } = glance ?? {};
  if (head === undefined || progress === undefined || head === running) return undefined;
  return progress.status === 'ERROR' || progress.status === 'WONTGO' ? head : undefined;
}

/** Whether the device hasn't begun with a revision. */
export function canCancel({ progress }: Pick<Revision, 'progress'>): boolean {
  return progress.status === 'NEW';
}

/** Whether a device can go back to a revision: it had it, and something else is the newest now. */
export function canGoBackTo(revision: Revision, details: Pick<DeviceDetails, 'head'>): boolean {
  return revision.name !== details.head && outcomeOf(revision.progress) === 'good';
}

function glanceOf(details: DeviceDetails, before: DeviceGlance | undefined): DeviceGlance {
  const head = details.revisions.find(({ name }) => name === details.head);
  const { nick, running, isOnline, lastSeen } = details;
  return {
    ...{ nick, running, head: details.head, isOnline },
    lastSeen: before?.lastSeen ?? lastSeen,
    progress: head?.progress ?? before?.progress ?? unknownProgress,
  };
}

function glanceOfOwn(device: OwnDevice, before: DeviceGlance | undefined): DeviceGlance {
  const { nick, running, head, status, statusMessage, reported, isOnline, lastSeen } = device;
  const isSame = before?.head === head && before?.progress.status === status;
  // The list has no bytes.
  const { percent, download } = (isSame ? before.progress : undefined) ?? unknownProgress;
  const progress = { status, message: statusMessage, percent, download, reported };
  return { nick, running, head, progress, isOnline, lastSeen };
}

const unknownProgress: RevisionProgress = {
  ...{ status: '', message: '', percent: 0 },
  ...{ download: undefined, reported: undefined },
};

/** All that rows say of it; what they say of times changes by the minute. */
function deviceState({ weights, trouble, ...device }: DeviceModel): string {
  const minute = Math.floor(Date.now() / 60_000);
  return JSON.stringify([minute, [...weights], troubleText(trouble), device]);
}

function troubleText(trouble: Trouble | undefined): string {
  return trouble?.kind === 'away' ? trouble.problem.message : (trouble?.kind ?? '');
}

function troubleOf(error: unknown): Trouble {
  const hub = hubToLogInTo(error);
  if (hub !== undefined) return { kind: 'loggedOut', hub };
  const problem =
    error instanceof Problem
      ? error
      : new Problem({ doing: 'asking', found: describeError(error), remedy: 'Try again' });
  return { kind: 'away', problem };
}

/** A person may have named it in another way than it names itself: `192.168.1.5`, `/run/pv-ctrl`. */
function isAt({ address, details }: Pick<DeviceModel, 'address' | 'details'>, other: string): boolean {
  return isSamePlace(address, other) || (details !== undefined && isSamePlace(details.address, other));
}

/** A device at a hub has several addresses, and one id. */
export function isSamePlace(one: string, other: string): boolean {
  const idOf = (text: string) => /[0-9a-f]{24}/.exec(text)?.[0] ?? text;
  return idOf(one) === idOf(other);
}
