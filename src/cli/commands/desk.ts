import path from 'node:path';
import { Problem } from '../../core/problem';
import { remedy, way } from '../../core/remedy';
import type { Container, ContainerAction, Containers, Remote } from '../../core/remote/remote';
import { parseReference } from '../../core/remote/reference';
import { processEnvironment } from '../../core/net/process-environment';
import { type FoundDevice, scanForDevices } from '../../core/remote/desk/scan';
import { type DeviceSession, openMeant, type SocketOptions, withDevices } from '../device-session';
import { shownFile } from '../revision-session';
import { type CommonOptions, currentFolder, openSession } from '../session';
import { formatTable } from '../table';

/** Lists what answers in the network, as it answers. */
export async function scan({
  seconds,
  ...options
}: CommonOptions & { readonly seconds: number }): Promise<void> {
  const { terminal, job } = openSession(options);
  const found = await scanForDevices({ milliseconds: seconds * 1_000 }, job, (device) => {
    if (!options.json) terminal.note(`${shownFile(device.name)}  ${device.addresses.join(', ')}`);
  });
  terminal.result(describeFound(found, seconds), { devices: found });
}

function describeFound(found: readonly FoundDevice[], seconds: number): string {
  if (found.length === 0)
    return `Nothing has answered in ${seconds} s. A device without pv-avahi, or in another network, is named by its address.`;
  const rows = found.map(({ name, addresses, port, deviceId, isClaimed }) => [
    shownFile(name),
    `ssh://${referenceHost(addresses[0] ?? '')}:${port}`,
    deviceId ?? '',
    deviceId === undefined ? 'never at a hub' : isClaimed ? '' : 'nobody’s yet',
  ]);
  return formatTable([['DEVICE', 'ADDRESS', 'ID', ''], ...rows]);
}

function referenceHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Keeps a device by a name. */
export async function keep(nick: string, reference: string, options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal }) => {
    const meant = parseReference(reference, processEnvironment());
    if (meant.kind === 'pantahub')
      throw new Problem({
        doing: `keeping the device ${nick}`,
        found: `${reference} is the name of a device at a hub, which needs no other one`,
        remedy: 'Give an IP address, an ssh URL or the path of a socket',
      });
    const kept =
      meant.kind === 'path'
        ? { nick, reference: path.resolve(currentFolder(), meant.path) }
        : { nick, reference };
    await remotes.kept.keep(kept);
    terminal.result(`${nick} is ${kept.reference} from now on.`, kept);
  });
}

export async function forget(nick: string, options: CommonOptions): Promise<void> {
  await withDevices(options, async ({ remotes, terminal }) => {
    const forgotten = await remotes.kept.forget(nick);
    terminal.result(`${nick} was ${forgotten.reference}.`, forgotten);
  });
}

/** Lists what runs on a device. */
export async function containers(
  reference: string | undefined,
  options: CommonOptions & SocketOptions,
): Promise<void> {
  await withDevices(options, async (session) => {
    const { remote } = await openMeant(session, reference, options);
    const list = await containersOf(remote).list(session.job);
    session.terminal.result(describe(list), { remote: remote.name, containers: list });
  });
}

function describe(list: readonly Container[]): string {
  if (list.length === 0) return 'It has no containers.';
  const rows = list.map(({ name, group, status, goal, restartPolicy, isStopped, recovery }) => [
    shownFile(name),
    group,
    status,
    goal,
    restartPolicy,
    [
      ...(isStopped ? ['stopped by hand'] : []),
      ...(recovery !== undefined && recovery.retries > 0
        ? [`started again ${recovery.retries} of ${recovery.maxRetries} times`]
        : []),
    ].join(', '),
  ]);
  return formatTable([['CONTAINER', 'GROUP', 'STATUS', 'GOAL', 'RESTARTS', ''], ...rows]);
}

export const start = acting('start');
export const stop = acting('stop');
export const restart = acting('restart');

function acting(action: ContainerAction) {
  return async (
    name: string,
    reference: string | undefined,
    options: CommonOptions & SocketOptions,
  ): Promise<void> => {
    await withDevices(options, async (session: DeviceSession) => {
      const { terminal, job } = session;
      const { remote } = await openMeant(session, reference, options);
      const own = containersOf(remote);
      await own.act(name, action, job);
      const now = (await own.list(job)).find((one) => one.name === name);
      const text = `${remote.name} was told to ${action} ${name}, which is ${now?.status ?? 'gone'} now.`;
      terminal.result(text, { remote: remote.name, container: now });
    });
  };
}

function containersOf({ name, containers: own }: Remote): Containers {
  if (own !== undefined) return own;
  throw new Problem({
    doing: `looking at the containers of ${name}`,
    found: 'from here, nobody can tell what runs in it: it needs its control socket',
    remedy: remedy`Name the device as ssh://HOST, or see what it says of itself with ${way.device('ps')}`,
  });
}
