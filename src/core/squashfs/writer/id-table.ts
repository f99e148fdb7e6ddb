import type { Attributes } from '../../rootfs/tree';
import { idEntrySize } from '../format';

/** The superblock counts them in 16 bits. */
export const mostIds = 65535;

/** The user and group ids of a tree; inodes refer to them by index. */
export class IdTable {
  readonly #indexes = new Map<number, number>();

  get size(): number {
    return this.#indexes.size;
  }

  add({ uid, gid }: Attributes): void {
    for (const id of [uid, gid]) if (!this.#indexes.has(id)) this.#indexes.set(id, this.#indexes.size);
  }

  indexOf(id: number): number {
    const index = this.#indexes.get(id);
    if (index === undefined) throw new Error(`IdTable: ${id} was not added`);
    return index;
  }

  encode(): Buffer {
    const table = Buffer.alloc(this.size * idEntrySize);
    for (const [id, index] of this.#indexes) table.writeUInt32LE(id, index * idEntrySize);
    return table;
  }
}
