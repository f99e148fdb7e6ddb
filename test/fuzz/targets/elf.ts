import { readElf } from '../../../src/core/mount/elf';
import { elfForms, makeElf } from '../../unit/mount/elf-maker';
import type { Seeds, Target } from '../target';
import { varyBytes } from '../vary-bytes';

const seeds: Seeds = Object.fromEntries(
  elfForms.map((form) => [`${form.bits}-${form.byteOrder}`, makeElf(form)]),
);

/** More than all that is read of one together. */
const mostRead = 4 * 2 ** 20;

/** A program or library of somebody's image. */
export const target: Target = {
  seeds: () => Promise.resolve(seeds),
  vary: varyBytes,
  async read(input) {
    let asked = 0;
    await readElf((start, end) => {
      if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
        throw new Error(`bytes ${start} to ${end} were asked for`);
      asked += end - start;
      if (asked > mostRead) throw new Error('too much was asked for');
      return Promise.resolve(input.subarray(start, end));
    });
  },
};
