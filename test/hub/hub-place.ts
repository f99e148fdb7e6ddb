import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pvx } from '../device-view/pvx';
import { writeFiles } from '../unit/checkout/temporary-folder';
import { type DevicePlayer, type DevicePlayerOptions, playDevice } from './device-player';
import { type Hub, type HubOptions, startHub } from './hub';
import { type Account, addAccount, addDevice, addObject, addTrail, type Device, type Trail } from './world';

/** The run.json of an app that nothing is wrong with. */
export const runOfApp = (name: string, more: object = {}) => ({
  '#spec': 'service-manifest-run@1',
  ...{ name, config: 'conf', type: 'lxc' },
  ...more,
});

/** A hub with an account, a device of it, and the command line of somebody who is logged in. */
export class HubPlace implements AsyncDisposable {
  readonly alice: Account;
  readonly kitchen: Device;
  readonly trail: Trail;
  readonly pvx: Pvx;
  readonly #playing: DevicePlayer[] = [];

  private constructor(
    readonly hub: Hub,
    readonly folder: string,
  ) {
    this.alice = addAccount(hub.world, 'alice');
    this.kitchen = addDevice(hub.world, this.alice.prn, { nick: 'kitchen' });
    const state = this.stateOf({ 'web/conf': 'conf of web', 'db/conf': 'conf of db' });
    this.trail = addTrail(hub.world, this.kitchen, state);
    const token = hub.tokens.forUser(this.alice, 'alice');
    this.pvx = this.pvxAs({ PVR_ACCESSTOKEN: token });
  }

  static async open(options?: HubOptions): Promise<HubPlace> {
    const folder = await mkdtemp(path.join(tmpdir(), 'hub-place-'));
    return new HubPlace(await startHub(options), folder);
  }

  /** The command line of somebody else, or with another login. */
  pvxAs(environment: NodeJS.ProcessEnv, home = path.join(this.folder, 'home')): Pvx {
    return new Pvx(home, { PVR_BASEURL: this.hub.url, PVR_ACCESSTOKEN: undefined, ...environment });
  }

  /** A state with an app `web`, and with files that the hub has. */
  stateOf(files: Readonly<Record<string, string>>): Record<string, unknown> {
    const objects = Object.entries(files).map(([file, text]) => [
      file,
      addObject(this.hub.world, this.alice.prn, Buffer.from(text), file).sha256,
    ]);
    return {
      '#spec': 'pantavisor-service-system@1',
      'web/run.json': runOfApp('web'),
      ...(Object.fromEntries(objects) as Record<string, string>),
    };
  }

  addDevice(
    nick: string,
    state: Record<string, unknown>,
  ): { readonly device: Device; readonly trail: Trail } {
    const device = addDevice(this.hub.world, this.alice.prn, { nick });
    return { device, trail: addTrail(this.hub.world, device, state) };
  }

  play(device: Device, options?: DevicePlayerOptions): DevicePlayer {
    const player = playDevice(this.hub, device, options);
    this.#playing.push(player);
    return player;
  }

  /** A clone of a device, with files that are written to it and committed. */
  async cloned(
    name: string,
    files: Readonly<Record<string, string>> = {},
    device = 'kitchen',
  ): Promise<string> {
    await this.pvx.run(this.folder, 'clone', device, name);
    const checkout = path.join(this.folder, name);
    if (Object.keys(files).length > 0) await this.commit(checkout, files);
    return checkout;
  }

  async commit(checkout: string, files: Readonly<Record<string, string>>): Promise<void> {
    writeFiles(checkout, files);
    await this.pvx.run(checkout, 'add');
    await this.pvx.run(checkout, 'commit', '-m', 'changed');
  }

  /** How often an object was sent. */
  get uploads(): readonly string[] {
    return this.hub.requests.filter((request) => request.startsWith('PUT /local-s3'));
  }

  async originOf(checkout: string): Promise<{ readonly revision: string }> {
    const text = await readFile(path.join(checkout, '.pvr/pvx-origin'), 'utf8');
    return JSON.parse(text) as { readonly revision: string };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.#playing.splice(0)) await player[Symbol.asyncDispose]();
    await this.hub[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
