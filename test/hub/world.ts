import { createHash, randomBytes } from 'node:crypto';
import { canonical } from './canonical';

/** What a hub knows. Times are RFC 3339. */
export interface World {
  readonly accounts: Map<string, Account>;
  /** By id. */
  readonly devices: Map<string, Device>;
  /** By the id of the device. */
  readonly trails: Map<string, Trail>;
  /** By owner and sha256, see {@link objectKey}. */
  readonly objects: Map<string, StoredObject>;
  readonly logs: LogEntry[];
  /** Bytes that an account may have in objects. */
  quota: number;
}

export interface Account {
  readonly nick: string;
  readonly prn: string;
  readonly password: string;
  readonly email: string;
}

export interface Device {
  readonly id: string;
  readonly prn: string;
  nick: string;
  /** PRN of an account; empty while nobody has claimed it. */
  owner: string;
  readonly secret: string;
  challenge: string | undefined;
  isPublic: boolean;
  /** A job of the hub has seen that it is public: others needn't upload what it has. */
  isLinked: boolean;
  userMeta: Record<string, unknown>;
  deviceMeta: Record<string, unknown>;
  isGarbage: boolean;
  readonly created: string;
  modified: string;
}

export interface Trail {
  readonly factoryState: Record<string, unknown>;
  readonly steps: Step[];
}

export interface Step {
  readonly rev: number;
  readonly message: string;
  state: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
  progress: Progress;
  progressTime: string;
  readonly stepTime: string;
  readonly created: string;
  modified: string;
}

export interface Progress {
  readonly status: string;
  readonly 'status-msg': string;
  readonly progress: number;
  readonly log: string;
  readonly downloads: { readonly total: Record<string, unknown>; readonly objects: null };
}

export interface StoredObject {
  readonly sha256: string;
  readonly owner: string;
  readonly name: string;
  readonly size: number;
  readonly mimeType: string;
  readonly created: string;
  modified: string;
  /** Undefined until it is uploaded; `none` counts as there, and its bytes are zeros. */
  content: Buffer | 'none' | undefined;
}

export interface LogEntry {
  readonly id: string;
  readonly device: string;
  readonly owner: string;
  readonly created: string;
  readonly fields: Record<string, unknown>;
}

export function emptyWorld(): World {
  return {
    accounts: new Map(),
    devices: new Map(),
    trails: new Map(),
    objects: new Map(),
    logs: [],
    quota: 2 * 1024 ** 3,
  };
}

export const zeroTime = '0001-01-01T00:00:00Z';
export const epoch = '1970-01-01T00:00:00Z';

export function now(): string {
  return new Date().toISOString();
}

export function newId(): string {
  return randomBytes(12).toString('hex');
}

export function objectKey(owner: string, sha256: string): string {
  return `${owner} ${sha256}`;
}

export function stateSha(state: Record<string, unknown>): string {
  return createHash('sha256').update(canonical(state)).digest('hex');
}

export function progressOf(
  status: string,
  message = '',
  progress = 0,
  total: Record<string, unknown> = {},
): Progress {
  const zeros = { current_time: 0, start_time: 0, total_downloaded: 0, total_size: 0 };
  return {
    status,
    'status-msg': message,
    progress,
    log: '',
    downloads: { objects: null, total: { ...zeros, ...total } },
  };
}

/** The values of a state that name objects. */
export function objectsOf(state: Record<string, unknown>): readonly string[] {
  const named = Object.entries(state).filter(([key]) => key !== '#spec' && !key.endsWith('.json'));
  return [...new Set(named.map(([, value]) => String(value)))];
}

export function addAccount(world: World, nick: string, { id = newId() } = {}): Account {
  const account = {
    nick,
    prn: `prn:::accounts:/${id}`,
    password: `${nick}-pass`,
    email: `${nick}@example.com`,
  };
  world.accounts.set(nick, account);
  return account;
}

export function addDevice(
  world: World,
  owner: string,
  { nick, id = newId(), challenge }: { nick: string; id?: string; challenge?: string },
): Device {
  const time = now();
  const device: Device = {
    ...{ id, prn: `prn:::devices:/${id}`, nick, owner, challenge },
    secret: `secret-of-${id}`,
    ...{ isPublic: false, isLinked: false, userMeta: {}, deviceMeta: {}, isGarbage: false },
    ...{ created: time, modified: time },
  };
  world.devices.set(id, device);
  return device;
}

/** Of a device that has booted for the first time. */
export function addTrail(world: World, device: Device, state: Record<string, unknown>): Trail {
  const time = now();
  const factory: Step = {
    ...{ rev: 0, message: 'Factory State (rev 0)', state, meta: {} },
    progress: progressOf('DONE'),
    ...{ progressTime: time, stepTime: time, created: time, modified: time },
  };
  const trail = { factoryState: state, steps: [factory] };
  world.trails.set(device.id, trail);
  return trail;
}

export function addObject(world: World, owner: string, content: Buffer, name = 'object'): StoredObject {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const time = now();
  const object = {
    ...{ sha256, owner, name, size: content.length, mimeType: 'application/octet-stream' },
    ...{ created: time, modified: time, content },
  };
  world.objects.set(objectKey(owner, sha256), object);
  return object;
}
