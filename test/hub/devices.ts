import {
  fieldsOf,
  type HubAnswer,
  type HubRequest,
  type KnownRequest,
  methodNotAllowed,
  plain,
  refusal,
} from './answer';
import { addDevice, type Device, newId, now, type World } from './world';

function shown(device: Device, { withSecret = false } = {}): Record<string, unknown> {
  return {
    ...{ id: device.id, prn: device.prn, nick: device.nick, owner: device.owner },
    ...(withSecret && { secret: device.secret }),
    ...{ 'time-created': device.created, 'time-modified': device.modified },
    ...(withSecret && device.challenge !== undefined && { challenge: device.challenge }),
    ...{ public: device.isPublic, 'user-meta': device.userMeta, 'device-meta': device.deviceMeta },
    ...{ garbage: device.isGarbage, mark_public_processed: false },
  };
}

/** POST /devices/ without a login: a device registers, and whoever knows its challenge may claim it. */
export function register(world: World, { body }: HubRequest, owner: string): HubAnswer {
  const id = newId();
  const { nick } = fieldsOf(body) as { readonly nick?: string };
  const challenge = owner === '' ? `singularly-fleet-${id.slice(-6)}` : undefined;
  const name = nick ?? `__unregistered__rodent_${id.slice(-6)}`;
  return plain(
    shown(addDevice(world, owner, { nick: name, id, ...(challenge && { challenge }) }), { withSecret: true }),
  );
}

export function answerDevices(world: World, request: KnownRequest): HubAnswer {
  const { method, path, caller, query } = request;
  const owner = caller.owner ?? caller.prn;
  const [first = '', second, third] = path.slice('/devices/'.length).split('/');
  if (first === '') return method === 'POST' ? register(world, request, owner) : list(world, owner, query);
  if (first === 'np') return byName(world, owner, second ?? '', third ?? '');
  const device = find(world, owner, first);
  const isMine = device !== undefined && (device.owner === owner || caller.prn === device.prn);
  if (method === 'DELETE' && second === undefined) {
    if (device === undefined) return refusal(404);
    if (isMine) device.isGarbage = true;
    return plain(shown(device, { withSecret: true }));
  }
  if (second === 'user-meta' && (device === undefined || !isMine))
    return refusal(method === 'GET' ? 404 : 400);
  if (device === undefined) return refusal(/^[0-9a-f]{24}$/.test(first) ? 404 : 400);
  if (second === undefined && method === 'PUT') return claim(device, owner, query.get('challenge'));
  if (!isMine && !(device.isPublic && method === 'GET')) return refusal(403);
  switch (second) {
    case undefined:
      if (method === 'PATCH') return rename(world, device, request);
      return plain({ ...shown(device), 'owner-nick': nickOf(world, device.owner) });
    case 'public':
      device.isPublic = method === 'PUT';
      return plain(shown(device, { withSecret: true }));
    case 'user-meta':
      if (method !== 'GET') device.userMeta = changed(device.userMeta, request);
      return plain(method === 'PATCH' ? fieldsOf(request.body) : device.userMeta);
    case 'device-meta':
      if (method === 'GET') return methodNotAllowed();
      if (caller.type !== 'DEVICE') return refusal(400);
      device.deviceMeta = changed(device.deviceMeta, request);
      return plain({ status: 'ok' });
    default:
      return refusal(404);
  }
}

/** PATCH keeps nulls as values. */
function changed(meta: Record<string, unknown>, { method, body }: HubRequest): Record<string, unknown> {
  return method === 'PATCH' ? { ...meta, ...fieldsOf(body) } : fieldsOf(body);
}

function list(world: World, owner: string, query: URLSearchParams): HubAnswer {
  const user = query.get('owner-nick');
  const nick = query.get('nick');
  const isWanted = (device: Device) =>
    nick === null || (nick.startsWith('^') ? device.nick.startsWith(nick.slice(1)) : device.nick === nick);
  const all = [...world.devices.values()].filter((device) => !device.isGarbage && isWanted(device));
  if (user === null)
    return plain(all.filter((one) => one.owner === owner).map((one) => shown(one, { withSecret: true })));
  const theirs = world.accounts.get(user)?.prn;
  const open = all.filter((device) => device.owner === theirs && device.isPublic);
  return plain(open.map((device) => ({ ...shown(device), 'user-meta': {}, 'device-meta': {} })));
}

function byName(world: World, owner: string, user: string, nick: string): HubAnswer {
  const account = world.accounts.get(user);
  if (account === undefined) return refusal(403);
  const device = [...world.devices.values()].find((one) => one.owner === account.prn && one.nick === nick);
  if (device === undefined) return refusal(404);
  return device.owner === owner || device.isPublic ? plain(shown(device)) : refusal(403);
}

function find(world: World, owner: string, name: string): Device | undefined {
  const device =
    world.devices.get(name) ??
    [...world.devices.values()].find((one) => one.nick === name && one.owner === owner);
  return device?.isGarbage === true ? undefined : device;
}

function claim(device: Device, owner: string, challenge: string | null): HubAnswer {
  if (device.challenge === undefined || challenge !== device.challenge) return refusal(403);
  device.owner = owner;
  device.challenge = undefined;
  if (device.nick.startsWith('__unregistered__')) device.nick = `noticeably_content_${device.id.slice(-6)}`;
  device.modified = now();
  return plain(shown(device, { withSecret: true }));
}

function rename(world: World, device: Device, { body }: HubRequest): HubAnswer {
  const { nick } = fieldsOf(body) as { readonly nick?: string };
  if (nick === undefined || !/^[A-Za-z0-9_+%-]+$/.test(nick)) return refusal(400);
  if (
    [...world.devices.values()].some(
      (one) => one !== device && one.nick === nick && one.owner === device.owner,
    )
  )
    return refusal(403);
  device.nick = nick;
  device.modified = now();
  return plain(shown(device));
}

function nickOf(world: World, prn: string): string {
  return [...world.accounts.values()].find((account) => account.prn === prn)?.nick ?? '';
}
