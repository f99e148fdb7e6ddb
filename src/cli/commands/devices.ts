import { Problem } from '../../core/problem';
import type { HubDevice, OwnDevice } from '../../core/remote/pantahub/hub';
import { parseReference } from '../../core/remote/reference';
import { processEnvironment } from '../../core/net/process-environment';
import type { Remote } from '../../core/remote/remote';
import { type DeviceSession, plainDocument, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import type { CommonOptions } from '../session';
import { formatTable } from '../table';
import { ago } from '../ago';

/** Lists the devices of the account. */
export async function ps(options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const kept = await remotes.kept.list(job);
    const devices = await remotes
      .hub()
      .devices(job)
      .catch((error: unknown) => {
        job.signal.throwIfAborted();
        // Whoever has devices here needn't have any there.
        if (kept.length === 0 || !(error instanceof Problem)) throw error;
        terminal.note(`Only what is kept here: ${error.found}.`);
        return undefined;
      });
    const own = kept.map(({ nick, reference }) => [nick, shownFile(reference)]);
    const text = [
      ...(devices === undefined ? [] : [describeAll(devices)]),
      ...(own.length === 0 ? [] : [formatTable([['KEPT HERE', 'ADDRESS'], ...own])]),
    ];
    terminal.result(text.join('\n'), { devices: devices ?? [], kept });
  });
}

function describeAll(devices: readonly OwnDevice[]): string {
  if (devices.length === 0) return 'The account has no devices yet: pvx claim ID CHALLENGE';
  const rows = devices.map((device) => [
    device.nick,
    device.running ?? '?',
    device.head ?? '-',
    shownFile(device.head === undefined ? 'never booted' : device.status),
    device.isOnline === undefined ? '' : device.isOnline ? 'online' : 'offline',
    ago(device.lastSeen, Date.now()),
    shownFile(device.statusMessage),
  ]);
  return formatTable(
    [['DEVICE', 'RUNS', 'NEWEST', 'STATUS', '', 'SEEN', 'MESSAGE'], ...rows],
    new Set([1, 2]),
  );
}

/** Makes a new device one's own. */
export async function claim(
  device: string,
  challenge: string,
  options: CommonOptions & { readonly nick?: string },
): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const meant = deviceId(device);
    const hub = remotes.hub(meant.hub);
    const claimed = await hub.claim(meant.id, challenge, job);
    const named = options.nick === undefined ? claimed : await hub.rename(claimed, options.nick, job);
    terminal.result(`${named.nick} (${named.id}) is yours now.`, shown(named));
  });
}

function deviceId(typed: string): { readonly id: string; readonly hub: URL | undefined } {
  const meant = /^[0-9a-f]{24}$/.test(typed) ? undefined : parseReference(typed, processEnvironment());
  if (meant === undefined) return { id: typed, hub: undefined };
  if (meant.kind === 'pantahub' && 'id' in meant.device) return { id: meant.device.id, hub: meant.hub };
  throw new Problem({
    doing: `claiming ${typed}`,
    found: 'it is no id of a device, which has 24 hexadecimal digits',
    remedy: 'Give the id that the device tells, or its URL at the hub',
  });
}

/** All that the hub knows of a device, but its secret. */
export async function get(device: string, options: CommonOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const known = await openItself(device, session);
    if (known === undefined) {
      session.terminal.document(JSON.stringify(shown(await find(device, session)), undefined, 2));
      return;
    }
    const { deviceMeta, userMeta, ...facts } = await known.facts(session.job);
    const metas = { userMeta: plainDocument(userMeta), deviceMeta: plainDocument(deviceMeta) };
    session.terminal.document(JSON.stringify({ address: known.address, ...facts, ...metas }, undefined, 2));
  });
}

/** Sets what the owner tells a device. */
export async function set(
  device: string,
  assignments: readonly string[],
  options: CommonOptions & { readonly deviceMeta?: true },
): Promise<void> {
  await withDevices(options, async (session) => {
    const changes = new Map(assignments.map(assignment));
    const which = options.deviceMeta === true ? 'device' : 'user';
    const remote =
      (await openItself(device, session)) ?? (await session.remotes.open(device, session.job)).remote;
    const meta = await remote.setMeta(which, changes, session.job);
    const lines = [...meta].map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    session.terminal.lines(lines.map(shownFile), plainDocument(meta));
  });
}

/** `KEY=VALUE`; an empty value takes the key away. */
function assignment(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1) || undefined];
  throw new Problem({
    doing: `setting ${text}`,
    found: 'it has no key, or no value',
    remedy: 'Write KEY=VALUE, or KEY= to take a key away',
  });
}

/** Makes a device that no hardware stands for yet. */
export async function create(nick: string, options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal, job }) => {
    const made = await remotes.hub().create(nick, job);
    terminal.result(`Made ${made.nick} (${made.id}), with an empty state.`, shown(made));
  });
}

export async function rename(device: string, nick: string, options: CommonOptions): Promise<void> {
  await withDevices(options, async (session) => {
    const found = await find(device, session);
    const named = await session.remotes.hub().rename(found, nick, session.job);
    session.terminal.result(`${found.nick} is ${named.nick} now.`, shown(named));
  });
}

/** One that is reached itself; undefined: it is at a hub. */
async function openItself(typed: string, { remotes, job }: DeviceSession): Promise<Remote | undefined> {
  const meant = parseReference(typed, processEnvironment());
  const isByName = meant.kind === 'pantahub' && 'nick' in meant.device && meant.device.user === undefined;
  if (meant.kind === 'pantahub' && !(isByName && (await remotes.kept.find(typed, job)) !== undefined))
    return undefined;
  const { remote } = await remotes.open(typed, job);
  return remote.place === 'device' ? remote : undefined;
}

async function find(typed: string, { remotes, job }: DeviceSession): Promise<HubDevice> {
  const [first = '', second] = typed.split('/');
  return remotes.hub().device(second ?? first, second === undefined ? undefined : first, job);
}

function shown(device: HubDevice): object {
  const { userMeta, deviceMeta, ...rest } = device;
  return { ...rest, userMeta: plainDocument(userMeta), deviceMeta: plainDocument(deviceMeta) };
}
