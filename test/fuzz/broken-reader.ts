import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../src/core/problem';
import type { Target } from './target';
import { varyBytes } from './vary-bytes';

const hoard: Buffer[] = [];

/** Whatever a reader must not do, for the test of the watch over it. */
export const target: Target = {
  seeds: () => {
    const ways = ['is fine', 'refuses', 'fails', 'takes all memory', 'ends the process', 'rejects later'];
    return Promise.resolve(Object.fromEntries(ways.map((way) => [way, Buffer.from(way)])));
  },
  vary: varyBytes,
  async read(input) {
    switch (input.toString()) {
      case 'refuses':
        throw new Problem({ doing: 'reading', found: 'it is broken', remedy: 'Mend it' });
      case 'fails':
        throw new TypeError('no Problem');
      case 'takes all memory':
        for (let gibibytes = 0; gibibytes < 2; gibibytes++) hoard.push(Buffer.alloc(2 ** 30, 1));
        return;
      case 'ends the process':
        return process.exit(3);
      case 'rejects later':
        void Promise.reject(new Error('nobody waits for this'));
        await delay(10);
        return;
      default:
        if (input.length % 7 === 3)
          throw new TypeError(`no Problem, ${input.toString('hex').replace(/\d/g, '')}`);
    }
  },
};
