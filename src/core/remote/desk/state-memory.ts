import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256Of } from '../../bytes/sha256';
import { ignoreMissing } from '../../files/file-problem';
import { makeFolder } from '../../files/make-folder';
import { readTextFile } from '../../files/text-file';

/** So many states of one device, the newest ones. */
const kept = 50;

/**
 * States of a device that went through here, so that one which the device's garbage collector has taken can be sent again, and compared
 * with: a file `NAME.json` each, in a folder of the device. It helps, and nothing depends on it: what can't be kept isn't.
 */
export class StateMemory {
  readonly #folder: string;

  /** @param folder of all devices, absolute. @param address of this one. */
  constructor(folder: string, address: string) {
    this.#folder = path.join(folder, sha256Of(address).slice(0, 16));
  }

  async remember(name: string, state: string): Promise<void> {
    const file = path.join(this.#folder, fileOf(name));
    const draft = `${file}.${randomUUID()}`;
    try {
      await makeFolder(this.#folder);
      await writeFile(draft, state, { flag: 'wx', mode: 0o600 });
      await rename(draft, file);
      await this.#forgetOldest();
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  /** undefined: it never came through here, or too long ago. */
  async recall(name: string): Promise<string | undefined> {
    return readTextFile(this.#folder, fileOf(name)).catch(() => undefined);
  }

  /** The name of the newest revision with a state; undefined: nobody knows. */
  async nameOf(state: string): Promise<string | undefined> {
    for (const file of await this.#files()) {
      const name = decodeURIComponent(file.slice(0, -suffix.length));
      if ((await this.recall(name)) === state) return name;
    }
    return undefined;
  }

  async #forgetOldest(): Promise<void> {
    for (const file of (await this.#files()).slice(kept))
      await rm(path.join(this.#folder, file), { force: true });
  }

  /** The newest first. */
  async #files(): Promise<readonly string[]> {
    const names = (await readdir(this.#folder).catch(ignoreMissing)) ?? [];
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(suffix))
        .map(async (name) => {
          const stats = await stat(path.join(this.#folder, name)).catch(ignoreMissing);
          return { name, time: stats?.mtimeMs ?? 0 };
        }),
    );
    return files.sort((a, b) => b.time - a.time).map(({ name }) => name);
  }
}

const suffix = '.json';

function fileOf(name: string): string {
  return `${encodeURIComponent(name)}${suffix}`;
}
