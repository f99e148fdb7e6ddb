import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileProblem } from '../../files/file-problem';
import { makeFolder } from '../../files/make-folder';
import { readTextFile } from '../../files/text-file';
import type { Job } from '../../job';
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
  #told: string | undefined;

  /** @param folder pvr's, absolute. */
  constructor(private readonly folder: string) {}

  /** By name. Where the file can't be read, that is a warning: whoever lists devices, or looks for one, has others to see, too. */
  async list(job: Job): Promise<readonly KeptDevice[]> {
    const document = await this.#document().catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      const file = path.join(this.folder, keptDevicesFile);
      const told = `${file} is left out, with the devices that it keeps: ${error.found}`;
      // A command may look more than once.
      if (told !== this.#told) job.warn(told);
      this.#told = told;
      return new Map<string, JsonValue>();
    });
    return [...objectOf(document, 'devices')]
      .flatMap(([nick, reference]) => (typeof reference === 'string' ? [{ nick, reference }] : []))
      .sort((a, b) => (a.nick < b.nick ? -1 : 1));
  }

  /** undefined: there is none of this name, as far as can be told. */
  async find(nick: string, job: Job): Promise<KeptDevice | undefined> {
    return (await this.list(job)).find((one) => one.nick === nick);
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

  /** @throws Problem when there is none of this name, or the file can't be read. */
  async forget(nick: string): Promise<KeptDevice> {
    const reference = objectOf(await this.#document(), 'devices').get(nick);
    if (typeof reference !== 'string')
      throw new Problem({
        doing: `forgetting the device ${nick}`,
        found: 'none of this name is kept here',
        remedy: `See which there are in ${path.join(this.folder, keptDevicesFile)}`,
      });
    await this.#change((devices) => devices.delete(nick));
    return { nick, reference };
  }

  async #document(): Promise<JsonObject> {
    const text = await readTextFile(this.folder, keptDevicesFile);
    if (text === undefined) return new Map();
    const file = path.join(this.folder, keptDevicesFile);
    const document = parseJson(text, file, 'Correct the file, or delete it');
    // Whoever writes to it would lose what somebody else meant.
    if (isJsonObject(document) && isJsonObject(document.get('devices') ?? new Map())) return document;
    throw new Problem({
      doing: `reading ${file}`,
      found: 'it is no list of devices, which is an object with a member "devices" that is one, too',
      remedy: 'Correct the file, or delete it',
    });
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
