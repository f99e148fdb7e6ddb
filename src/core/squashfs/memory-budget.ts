import { damaged } from './damaged';

/**
 * What the metadata of one file may cost in memory. A few kilobytes of SquashFS can claim, and by compression or by
 * references to the same bytes even hold, any number of entries. A tree of a million files needs about 250 MiB; with twice
 * as much a process stays within the heap that Node gives itself on a small machine.
 */
const limit = 512 * 1024 * 1024;

/** Counts bytes before they are allocated, and ends the reading when a file wants too many. */
export class MemoryBudget {
  readonly #file: string;
  #left = limit;

  constructor(file: string) {
    this.#file = file;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) {
      throw damaged(
        this.#file,
        `its tables describe more than ${limit / 1024 / 1024} MiB of files, names and attributes`,
      );
    }
  }
}
