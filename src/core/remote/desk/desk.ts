import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pvrFolderOfUser } from '../../checkout/init';
import type { Job } from '../../job';
import { Absence, type HostRemedies } from '../../net/network-failure';
import type { ProcessEnvironment } from '../../net/process-environment';
import { createTransport, type Transport, type TransportOptions } from '../../net/transport';
import { Problem } from '../../problem';
import type { RemoteReference } from '../reference';
import type { Remote } from '../remote';
import { DeskRemote } from './desk-remote';
import { findSdk, sdkPort } from './sdk-remote';
import { socketWay } from './socket-way';
import type { AskSsh } from './ssh-questions';
import { sshWay } from './ssh-way';
import { StateMemory } from './state-memory';
import type { WayIn } from './way-in';

/** What devices are asked for that are reached themselves. */
export type DeviceReference = Exclude<RemoteReference, { readonly kind: 'pantahub' }>;

export interface DeskSettings extends Pick<TransportOptions, 'timeouts' | 'retry'> {
  readonly environment: ProcessEnvironment;
  readonly ask: AskSsh;
}

/** What is posted is posted once; what only asks may find a device that starts. */
const overloaded: ReadonlySet<number> = new Set([408, 429, 503]);
const sshPorts = ['22', '8222'];

/** The devices that are reached without a hub: in the network, or on this machine. Each has one connection, however often it is named. */
export class Desk implements AsyncDisposable {
  readonly #settings: DeskSettings;
  readonly #transport: Transport;
  readonly #memories: string;
  readonly #open = new Map<string, Promise<Remote>>();

  constructor(settings: DeskSettings) {
    this.#settings = settings;
    const { environment, timeouts, retry } = settings;
    this.#transport = createTransport({
      ...{ environment: withoutProxies(environment), remedies, transientStatuses: overloaded },
      timeouts: { connect: 5_000, headers: 30_000, ...timeouts },
      retry: { attempts: 2, firstPauseMs: 500, ...retry },
    });
    this.#memories = path.join(pvrFolderOfUser(environment.env, environment.homeDirectory), 'pvx-states');
  }

  /** @throws Problem when there is no way to it. */
  async open(meant: DeviceReference, job: Job): Promise<Remote> {
    const key =
      meant.kind === 'path' ? meant.path : meant.kind === 'ssh' ? meant.url.href : `address ${meant.host}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const opening = this.#find(meant, job);
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opening of this.#open.values()) {
      const remote = await opening.catch(() => undefined);
      if (remote instanceof DeskRemote) await remote[Symbol.asyncDispose]();
    }
    await this.#transport.close();
  }

  async #find(meant: DeviceReference, job: Job): Promise<Remote> {
    if (meant.kind === 'ssh') return this.#through(sshWay(meant.url, this.#settings));
    if (meant.kind === 'address') return this.#atAddress(meant.host, job);
    const stats = await stat(meant.path).catch(() => undefined);
    if (stats?.isSocket() === true) return this.#through(socketWay(meant.path));
    throw new Problem({
      doing: `looking for the device ${meant.path}`,
      found: stats === undefined ? 'there is no such socket' : 'it is no socket',
      remedy: 'Give the path of pv-ctrl, the control socket of a device in a container on this machine',
    });
  }

  /** HTTP where it answers, which asks nobody for anything; else ssh. */
  async #atAddress(host: string, job: Job): Promise<Remote> {
    const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host.replace(/^(\[[^\]]*\])$/, '$1:')) ?? [];
    const bare = name.replace(/:$/, '');
    const throughSsh = (at: string) => this.#through(sshWay(new URL(`ssh://${bare}${at}`), this.#settings));
    if (port !== undefined && sshPorts.includes(port)) return throughSsh(`:${port}`);
    const memory = (address: string) => new StateMemory(this.#memories, address);
    try {
      const at = `${bare}:${port ?? sdkPort}`;
      const found = await findSdk(at, this.#transport, memory, job);
      if (found !== undefined) return found;
      if (port !== undefined)
        throw new Problem({
          doing: `looking for the device ${host}`,
          found: 'what answers there is no device',
          remedy: `Check the address, or name the device as ssh://${bare}`,
        });
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Absence) || port !== undefined) throw error;
    }
    const remote = throughSsh('');
    // Told now, with both ways.
    await remote.way.prepare(job).catch((error: unknown) => {
      job.signal.throwIfAborted();
      if (!(error instanceof Absence)) throw error;
      throw new Absence('unreachable', {
        doing: `looking for the device ${host}`,
        found: `nothing answers on port ${sdkPort}, and ssh says: ${error.found}`,
        remedy: 'Check the address, and that the device is up',
        cause: error,
      });
    });
    return remote;
  }

  #through(way: WayIn): DeskRemote {
    const memory = new StateMemory(this.#memories, way.address);
    return new DeskRemote(way, { memory, timeouts: this.#settings.timeouts });
  }
}

/** What stands on the desk isn't reached through the world. */
function withoutProxies(environment: ProcessEnvironment): ProcessEnvironment {
  const env = Object.entries(environment.env).filter(([name]) => !/^(?:https?|all)_proxy$/i.test(name));
  return { ...environment, env: Object.fromEntries(env) };
}

const check = 'Check the address, and that the device is up';
const remedies: HostRemedies = {
  ...{ noTls: check, noSuchName: check, refused: check, noHttp: check, badRedirect: check, tooLong: check },
  wantsCertificate: () => check,
  notTrusted: () => 'Name the file with the certificate of its authority in NODE_EXTRA_CA_CERTS',
};
