import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from '../../files/file-problem';
import { makeFolder } from '../../files/make-folder';
import { readTextFile } from '../../files/text-file';
import { stringifyIndented } from '../../json/indented';
import { parseJson } from '../../json/parse';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value';
import { Problem } from '../../problem';
import { objectOf } from '../fields';

/** A device that somebody has given a name, since no hub knows it. Plain data. */
export interface KeptDevice {
  readonly nick: string;
  /** An IP address, a URL or the path of a socket. */
  readonly reference: string;
}

/** In pvr's folder. */
export const keptDevicesFile = 'pvx-devices.json';

/**
 * Devices that are kept by hand: `pvx-devices.json` in pvr's folder, `{"devices":{"kitchen":"ssh://192.168.1.20"}}`. It is this product's
 * own, may be edited, and keeps members that it doesn't know.
 */
export class KeptDevices {
  /** @param folder pvr's, absolute. */
  constructor(private readonly folder: string) {}

  /** By name. @throws Problem when the file can't be read. */
  async list(): Promise<readonly KeptDevice[]> {
    const devices = objectOf(await this.#document(), 'devices');
    return [...devices]
      .flatMap(([nick, reference]) => (typeof reference === 'string' ? [{ nick, reference }] : []))
      .sort((a, b) => (a.nick < b.nick ? -1 : 1));
  }

  /** undefined: there is none of this name. */
  async find(nick: string): Promise<KeptDevice | undefined> {
    return (await this.list()).find((one) => one.nick === nick);
  }

  /** @throws Problem when the name can't be one. */
  async keep({ nick, reference }: KeptDevice): Promise<void> {
    if (!/^[A-Za-z0-9_+%-]+$/.test(nick))
      throw new Problem({
        doing: `keeping the device ${nick}`,
        found: 'a name has letters, digits, -, _, + and % alone',
        remedy: 'Choose another one',
      });
    await this.#change((devices) => devices.set(nick, reference));
  }

  /** @throws Problem when there is none of this name. */
  async forget(nick: string): Promise<KeptDevice> {
    const known = await this.find(nick);
    if (known === undefined)
      throw new Problem({
        doing: `forgetting the device ${nick}`,
        found: 'none of this name is kept here',
        remedy: `See which there are in ${path.join(this.folder, keptDevicesFile)}`,
      });
    await this.#change((devices) => devices.delete(nick));
    return known;
  }

  async #document(): Promise<JsonObject> {
    const text = await readTextFile(this.folder, keptDevicesFile);
    if (text === undefined) return new Map();
    const file = path.join(this.folder, keptDevicesFile);
    const document = parseJson(text, file, 'Correct the file, or delete it');
    return isJsonObject(document) ? document : new Map();
  }

  async #change(change: (devices: Map<string, JsonValue>) => void): Promise<void> {
    const file = path.join(this.folder, keptDevicesFile);
    const document = new Map(await this.#document());
    const devices = new Map(objectOf(document, 'devices'));
    change(devices);
    document.set('devices', devices);
    const draft = `${file}.${randomUUID()}`;
    try {
      await makeFolder(this.folder);
      await writeFile(draft, stringifyIndented(document, { prefix: '', indent: '  ' }), { flag: 'wx' });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw fileProblem(`writing ${file}`, file, error);
    }
  }
}
