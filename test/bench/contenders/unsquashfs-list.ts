import path from 'node:path';
import { app } from '../app';
import type { Contender } from '../contender';
import { placeLike, type StartingPoint } from '../place';

/** `unsquashfs -lln` of the app's base: all paths with modes, numeric owners and sizes. */
export function unsquashfsList(start: StartingPoint): Contender {
  return {
    name: 'unsquashfs -lln',
    prepare: async (folder) => ({
      place: await placeLike(start, folder),
      command: ['unsquashfs', '-lln', path.join(app, 'root.squashfs')],
      environment: {},
      temporary: [],
      check: () => Promise.resolve({ written: 0, staged: 0 }),
    }),
  };
}
