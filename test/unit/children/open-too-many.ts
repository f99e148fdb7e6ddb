import { openSync } from 'node:fs';
import { systemErrorWords } from '../../../src/core/files/system-error';

/** Opens files until the system refuses, and says what it says then. */
for (;;) {
  try {
    openSync(__filename, 'r');
  } catch (error) {
    console.log(systemErrorWords(error, 'here')?.found);
    break;
  }
}
