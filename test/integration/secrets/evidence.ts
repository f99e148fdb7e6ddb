import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { writtenForms, writtenSecrets } from './known';

/** All that a build leaves where others may look. */
export class Evidence {
  readonly #leaks = new Set<string>();
  readonly #secrets = new Set(writtenSecrets);
  /** Arguments of processes that were running meanwhile. */
  readonly commands = new Set<string>();

  /** Where a secret was, and how it was written. */
  get leaks(): readonly string[] {
    return [...this.#leaks];
  }

  /** Has it look for another secret from now on. */
  lookFor(secret: string): void {
    for (const form of writtenForms(secret)) this.#secrets.add(form);
  }

  note(where: string, text: string): void {
    for (const secret of this.#secrets) if (text.includes(secret)) this.#leaks.add(`${where}: ${secret}`);
  }

  /** Looks again and again at the arguments of all processes of this machine. */
  async watchProcesses(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      for (const id of ids) {
        const command = await readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '');
        if (this.commands.has(command)) continue;
        this.commands.add(command);
        this.note('process arguments', command);
      }
      await delay(5);
    }
  }

  /** Names and contents of all files below a folder, if there is one, but for those that are to hold secrets. */
  async lookInto(
    folder: string,
    { besides = [] }: { readonly besides?: readonly string[] } = {},
  ): Promise<void> {
    if (!existsSync(folder)) return;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      this.note('file names', file);
      if (!entry.isFile() || besides.includes(file)) continue;
      const bytes = await readFile(file);
      this.note(file, bytes.toString('latin1'));
      if (bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b) {
        this.note(file, gunzipSync(bytes).toString('latin1'));
      }
    }
  }
}
