import type { Job } from '../../job';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../json/value';
import { Secret } from '../../net/secret';
import { Problem } from '../../problem';
import { remedy, way } from '../../remedy';
import { numberOf, objectOf, objectsIn, textOf, timeOf } from '../fields';
import type { Quota } from '../remote';
import type { HubSession } from './hub-session';

/** A device of the account, with what it does. Plain data. */
export interface OwnDevice {
  readonly id: string;
  readonly nick: string;
  /** The newest revision; undefined: it has never booted. */
  readonly head: string | undefined;
  /** What runs, as far as the device has told. */
  readonly running: string | undefined;
  /** Of the newest revision. */
  readonly status: string;
  readonly statusMessage: string;
  /** When the device has last told something of the newest revision; RFC 3339. */
  readonly reported: string | undefined;
  readonly isOnline: boolean | undefined;
  /** RFC 3339. */
  readonly lastSeen: string | undefined;
  readonly isPublic: boolean;
}

/** One device, without its secret. Plain data, but for the metas. */
export interface HubDevice {
  readonly id: string;
  readonly prn: string;
  readonly nick: string;
  readonly owner: string;
  /** Empty where Pantahub doesn't say. */
  readonly ownerNick: string;
  readonly isPublic: boolean;
  readonly created: string | undefined;
  readonly modified: string | undefined;
  readonly userMeta: JsonObject;
  readonly deviceMeta: JsonObject;
}

/** What a hub lets an account do with its devices. The bodies that hold a device's secret are left where they are read. */
export class Hub {
  constructor(readonly session: HubSession) {}

  /** All devices of the account, by nick. @throws Problem. */
  async devices(job: Job): Promise<readonly OwnDevice[]> {
    const doing = 'listing the devices';
    const [devices, summaries] = await Promise.all([
      this.session.json({ path: '/devices/', doing }, job),
      this.session.json({ path: '/trails/summary', doing }, job),
    ]);
    const byId = new Map(objectsIn(summaries).map((one) => [textOf(one, 'deviceid'), one]));
    return objectsIn(devices)
      .map((device) => ownDevice(device, byId.get(textOf(device, 'id'))))
      .sort((a, b) => (a.nick < b.nick ? -1 : 1));
  }

  /**
   * @param name an id, or the nick of one's own.
   * @param user whose it is, where a nick is of somebody else.
   * @throws Problem when there is none, or it may not be seen.
   */
  async device(name: string, user: string | undefined, job: Job): Promise<HubDevice> {
    const whole = user === undefined ? name : `${user}/${name}`;
    const doing = `looking for the device ${whole}`;
    const own = await this.session.claims(job);
    const isOwn = user === undefined || user === own.nick;
    const part = encodeURIComponent(name);
    const path = isOwn ? `/devices/${part}` : `/devices/np/${encodeURIComponent(user)}/${part}`;
    const meaning = ({ status }: { readonly status: number }) => {
      const choose = remedy`See which there are with ${way.device('ps')}`;
      if (status === 400 || status === 404)
        return {
          found: `${own.nick === '' ? 'the account' : own.nick} has no device of this name`,
          remedy: choose,
        };
      if (status === 403)
        return {
          found: isOwn
            ? 'it is nobody’s yet, or somebody else’s'
            : 'there is no such account, or the device is not public',
          remedy: remedy`Check the name, or claim it with ${way.device('claim')} if it is new`,
        };
      return undefined;
    };
    const document = await this.session.json({ path, doing, meaning }, job);
    if (!isJsonObject(document)) throw strange(doing);
    return hubDevice(document, isOwn ? own.nick : user);
  }

  /** Makes a device that has told its challenge one's own. @throws Problem. */
  async claim(id: string, challenge: string, job: Job): Promise<HubDevice> {
    const doing = `claiming the device ${id}`;
    const path = `/devices/${encodeURIComponent(id)}?challenge=${encodeURIComponent(challenge)}`;
    const meaning = ({ status }: { readonly status: number }) => {
      if (status === 403)
        return {
          found: 'the challenge is wrong, or somebody has claimed it before',
          remedy: 'Read both anew from the device: pantahub.challenge and its id',
        };
      if (status === 400 || status === 404)
        return { found: 'there is no device of this id', remedy: 'Read it anew from the device' };
      return undefined;
    };
    const document = await this.session.json({ method: 'PUT', path, doing, meaning }, job);
    if (!isJsonObject(document)) throw strange(doing);
    return hubDevice(document, '');
  }

  /** @throws Problem when the name can't be one, or is taken. */
  async rename({ id, nick }: HubDevice, name: string, job: Job): Promise<HubDevice> {
    const doing = `renaming ${nick} to ${name}`;
    const meaning = ({ status }: { readonly status: number }) => {
      if (status === 400)
        return { found: 'a name has letters, digits, -, _, + and % alone', remedy: 'Choose another one' };
      if (status === 403) return { found: 'another device has this name', remedy: 'Choose another one' };
      return undefined;
    };
    const body = new Map([['nick', name]]);
    const document = await this.session.json(
      { method: 'PATCH', path: `/devices/${id}`, body, doing, meaning },
      job,
    );
    if (!isJsonObject(document)) throw strange(doing);
    return hubDevice(document, '');
  }

  /**
   * Sets members of what the owner tells the device, and takes away those that are undefined.
   * @returns all of it.
   */
  async setUserMeta(
    { id, nick }: HubDevice,
    changes: ReadonlyMap<string, string | undefined>,
    job: Job,
  ): Promise<JsonObject> {
    const doing = `changing what ${nick} is told`;
    const path = `/devices/${id}/user-meta`;
    const present = await this.session.json({ path, doing }, job);
    const meta = new Map<string, JsonValue>(isJsonObject(present) ? present : []);
    for (const [key, value] of changes) {
      if (value === undefined) meta.delete(key);
      else meta.set(key, value);
    }
    // A PATCH keeps what it is to delete, as a null.
    await this.session.json({ method: 'PUT', path, body: meta, doing }, job);
    return meta;
  }

  /** Makes a device of one's own that has an empty state, as `pvr device create` does. @throws Problem. */
  async create(nick: string, job: Job): Promise<HubDevice> {
    const doing = `making the device ${nick}`;
    const body = new Map([['nick', nick]]);
    const made = await this.session.json(
      { method: 'POST', path: '/devices/', body, doing, isOnce: true },
      job,
    );
    if (!isJsonObject(made)) throw strange(doing);
    const device = hubDevice(made, '');
    const secret = new Secret(textOf(made, 'secret'));
    const asDevice = await this.session.deviceToken(device.prn, secret, job);
    await this.session.callAs(
      { method: 'POST', path: '/trails/', body: null, doing, isOnce: true },
      asDevice,
      job,
    );
    return device;
  }

  /** Bytes of objects that the account has, and may have; undefined where the hub doesn't say. */
  async quota(job: Job): Promise<Quota | undefined> {
    const dashboard = await this.session.json({ path: '/dash/', doing: 'looking at the quota' }, job);
    if (!isJsonObject(dashboard)) return undefined;
    const stats = objectOf(objectOf(dashboard, 'subscription'), 'quota-stats');
    const objects = objectOf(stats, 'OBJECTS');
    const unit = units[textOf(objects, 'Unit')];
    if (unit === undefined || !(objects.get('Max') instanceof JsonNumber)) return undefined;
    return { of: 'account', used: numberOf(objects, 'Actual') * unit, max: numberOf(objects, 'Max') * unit };
  }
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

function hubDevice(document: JsonObject, ownerNick: string): HubDevice {
  return {
    id: textOf(document, 'id'),
    prn: textOf(document, 'prn'),
    nick: textOf(document, 'nick'),
    owner: textOf(document, 'owner'),
    ownerNick: textOf(document, 'owner-nick') || ownerNick,
    isPublic: document.get('public') === true,
    created: timeOf(document, 'time-created'),
    modified: timeOf(document, 'time-modified'),
    userMeta: objectOf(document, 'user-meta'),
    deviceMeta: objectOf(document, 'device-meta'),
  };
}

function ownDevice(device: JsonObject, summary: JsonObject | undefined): OwnDevice {
  const meta = objectOf(device, 'device-meta');
  return {
    id: textOf(device, 'id'),
    nick: textOf(device, 'nick'),
    head: summary === undefined ? undefined : String(numberOf(summary, 'revision')),
    running: runningIn(meta),
    status: textOf(summary, 'status'),
    statusMessage: textOf(summary, 'status-msg'),
    reported: timeOf(summary, 'progress-time'),
    isOnline: isOnlineIn(meta),
    lastSeen: timeOf(summary, 'trail-touched-time') ?? timeOf(device, 'time-modified'),
    isPublic: device.get('public') === true,
  };
}

/** The revision that a device says it runs. */
export function runningIn(meta: JsonObject): string | undefined {
  return textOf(meta, 'pantavisor.revision') || undefined;
}

export function isOnlineIn(meta: JsonObject): boolean | undefined {
  const value = textOf(meta, 'pantahub.online');
  return value === '' ? undefined : value === '1';
}

function strange(doing: string): Problem {
  return new Problem({
    doing,
    found: 'the hub answered something else than was asked for',
    remedy: 'Check the address of the hub, and the proxies before it',
  });
}
