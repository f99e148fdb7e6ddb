import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { secretsIn } from './known';

/** All that a build leaves where others may look. */
export class Evidence {
  readonly #leaks = new Set<string>();
  /** Arguments of processes that were running meanwhile. */
  readonly commands = new Set<string>();

  /** Where a secret was, and how it was written. */
  get leaks(): readonly string[] {
    return [...this.#leaks];
  }

  note(where: string, text: string): void {
    for (const secret of secretsIn(text)) this.#leaks.add(`${where}: ${secret}`);
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

  /** Names and contents of all files below a folder, if there is one. */
  async lookInto(folder: string): Promise<void> {
    if (!existsSync(folder)) return;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      this.note('file names', file);
      if (!entry.isFile()) continue;
      const bytes = await readFile(file);
      this.note(file, bytes.toString('latin1'));
      if (bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b) {
        this.note(file, gunzipSync(bytes).toString('latin1'));
      }
    }
  }
}
