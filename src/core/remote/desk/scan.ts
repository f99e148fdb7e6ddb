import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Job } from '../../job';
import { pause } from '../../net/retry';
import { type DnsRecord, type Question, queryOf, recordsIn } from './mdns';

/** A device that has answered. Plain data. */
export interface FoundDevice {
  /** What it calls itself. */
  readonly name: string;
  /** `kitchen.local` */
  readonly host: string;
  /** Of IPv4 first. */
  readonly addresses: readonly string[];
  /** Where its ssh is. */
  readonly port: number;
  /** At the hub; undefined: it has never spoken to one. */
  readonly deviceId: string | undefined;
  /** Nobody has claimed it, as far as it says, while it tells the words for that. */
  readonly isClaimed: boolean;
  readonly hub: string | undefined;
}

export interface ScanOptions {
  /** How long. */
  readonly milliseconds: number;
  /** Where is asked; undefined: the groups of multicast DNS. */
  readonly groups?: readonly MulticastGroup[] | undefined;
}

export interface MulticastGroup {
  readonly family: 'udp4' | 'udp6';
  readonly address: string;
  readonly port: number;
}

const mdnsGroups: readonly MulticastGroup[] = [
  { family: 'udp4', address: '224.0.0.251', port: 5353 },
  { family: 'udp6', address: 'ff02::fb', port: 5353 },
];

/** Devices have this one; those that never spoke to a hub are in the other one alone, with Pantavisor's port (local-device, 3.1). */
const subtype = '_pantavisor._sub._ssh._tcp.local';
const service = '_ssh._tcp.local';
const pantavisorPort = 8222;
/** Milliseconds after the beginning at which is asked again: packets get lost, and devices wake up. */
const times = [0, 1_000, 3_000];

/**
 * Asks all networks of this machine for devices by multicast DNS, from a port of its own, to which answers come (RFC 6762, 6.7).
 *
 * @param onFound told of each device once, as soon as it has an address.
 * @returns all of them, by name. @throws the job's reason.
 */
export async function scanForDevices(
  { milliseconds, groups = mdnsGroups }: ScanOptions,
  job: Job,
  onFound: (device: FoundDevice) => void = () => undefined,
): Promise<readonly FoundDevice[]> {
  const heard = new Heard();
  const told = new Set<string>();
  const sockets = openSockets(groups, (packet, scope) => {
    heard.take(recordsIn(packet), scope);
    for (const device of heard.devices()) {
      if (told.has(device.host) || device.addresses.length === 0) continue;
      told.add(device.host);
      onFound(device);
    }
  });
  try {
    const end = Date.now() + milliseconds;
    const begin = Date.now();
    const waiting = [...times];
    while (Date.now() < end) {
      const isDue = waiting[0] !== undefined && Date.now() - begin >= waiting[0];
      if (isDue) waiting.shift();
      const questions: Question[] = [
        ...(isDue ? [subtype, service].map((name) => ({ name, type: 'PTR' as const })) : []),
        ...heard.unknown(),
      ];
      if (questions.length > 0) for (const { send } of sockets) send(queryOf(questions));
      await pause(Math.min(200, Math.max(1, end - Date.now())), job.signal);
    }
  } finally {
    for (const { socket } of sockets) socket.close();
  }
  return heard.devices().filter(({ addresses }) => addresses.length > 0);
}

interface OpenSocket {
  readonly socket: Socket;
  send(packet: Buffer): void;
}

/** One for each address of this machine: what is sent to a group leaves by one network alone. */
function openSockets(
  groups: readonly MulticastGroup[],
  onPacket: (packet: Buffer, scope: string) => void,
): readonly OpenSocket[] {
  const opened: OpenSocket[] = [];
  for (const [name, addresses = []] of Object.entries(networkInterfaces()))
    for (const { address, family, internal } of addresses)
      for (const group of groups) {
        const isSix = family === 'IPv6';
        // Of IPv6, the group is of one link, and so is who asks.
        if (isSix !== (group.family === 'udp6') || (isSix && !address.startsWith('fe80:'))) continue;
        const isMulticast = mdnsGroups.some((one) => one.address === group.address);
        if (internal && isMulticast) continue;
        const scope = isSix ? `%${name}` : '';
        const socket = createSocket(group.family);
        let isOpen = true;
        // A network that can't be asked is not asked.
        socket.on('error', () => undefined).on('close', () => (isOpen = false));
        socket.on('message', (packet) => onPacket(packet, scope));
        socket.bind({ address: `${address}${scope}`, port: 0 }, () => {
          try {
            if (!isMulticast) return;
            socket.setMulticastInterface(isSix ? `::${scope}` : address);
            socket.setMulticastTTL(255);
          } catch {
            // It goes the usual way, then.
          }
        });
        opened.push({
          socket,
          send: (packet) => {
            if (isOpen) socket.send(packet, group.port, `${group.address}${scope}`, () => undefined);
          },
        });
      }
  return opened;
}

/** No more than any network has; whoever tells of more fills no memory with it. */
const maxDevices = 1_000;

/** What was said so far. */
class Heard {
  readonly #ofSubtype = new Set<string>();
  readonly #instances = new Set<string>();
  readonly #places = new Map<string, { readonly port: number; readonly target: string }>();
  readonly #texts = new Map<string, readonly string[]>();
  readonly #addresses = new Map<string, Set<string>>();
  readonly #asked = new Map<string, number>();

  take(records: readonly DnsRecord[], scope: string): void {
    for (const record of records) {
      const name = record.name.toLowerCase();
      if (this.#instances.size + this.#addresses.size > maxDevices) return;
      switch (record.type) {
        case 'PTR':
          if (name === subtype) this.#ofSubtype.add(record.target);
          if (name === subtype || name === service) this.#instances.add(record.target);
          break;
        case 'SRV':
          this.#places.set(record.name, record);
          break;
        case 'TXT':
          this.#texts.set(record.name, record.texts);
          break;
        default: {
          const known = this.#addresses.get(name) ?? new Set();
          const isOfLink = record.address.startsWith('fe80:');
          known.add(isOfLink ? `${record.address}${scope}` : record.address);
          this.#addresses.set(name, known);
        }
      }
    }
  }

  /** What is missing still of what was heard of, asked for a few times. */
  unknown(): readonly Question[] {
    const questions: Question[] = [];
    for (const name of this.#instances) {
      const place = this.#places.get(name);
      if (place === undefined) questions.push({ name, type: 'SRV' });
      if (!this.#texts.has(name)) questions.push({ name, type: 'TXT' });
      if (place !== undefined && !this.#addresses.has(place.target.toLowerCase()))
        questions.push({ name: place.target, type: 'A' }, { name: place.target, type: 'AAAA' });
    }
    const due = questions.filter(({ name, type }) => {
      const key = `${type} ${name}`;
      const count = this.#asked.get(key) ?? 0;
      this.#asked.set(key, count + 1);
      // A name with a dot in it, or too long a one, can't be asked for as it was told.
      return count < 5 && !name.includes('\\') && Buffer.byteLength(name) < 200;
    });
    return due.slice(0, 20);
  }

  devices(): readonly FoundDevice[] {
    return [...this.#instances]
      .flatMap((instance): readonly FoundDevice[] => {
        const place = this.#places.get(instance);
        if (place === undefined) return [];
        if (!this.#ofSubtype.has(instance) && place.port !== pantavisorPort) return [];
        const texts = new Map(
          (this.#texts.get(instance) ?? []).map((text) => {
            const at = text.indexOf('=');
            return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
          }),
        );
        const addresses = [...(this.#addresses.get(place.target.toLowerCase()) ?? [])];
        const isSix = (address: string) => (address.includes(':') ? 1 : 0);
        return [
          {
            name: instance
              .replace(new RegExp(`\\.${service.replaceAll('.', '\\.')}$`, 'i'), '')
              .replaceAll('\\.', '.'),
            host: place.target,
            addresses: addresses.sort((a, b) => isSix(a) - isSix(b) || (a < b ? -1 : 1)),
            port: place.port,
            deviceId: texts.get('device-id') || undefined,
            isClaimed: (texts.get('challenge') ?? '') === '',
            hub: texts.get('pantahub') || undefined,
          },
        ];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
