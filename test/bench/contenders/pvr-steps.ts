import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { app } from '../app';
import type { Contender } from '../contender';
import type { BenchImage } from '../images';
import { placeLike, type StartingPoint } from '../place';
import { squashfsOutcome } from './squashfs-outcome';

const script = path.resolve('test', 'bench', 'contenders', 'pvr-steps.sh');

/** What pvr does, with the tools that it starts; see the script. It has its layers already, and caches nothing else. */
export const pvrSteps = {
  base: (image: BenchImage, start: StartingPoint): Contender =>
    contender('base', image, start, 'root.squashfs'),

  patch: (image: BenchImage, start: StartingPoint): Contender =>
    contender('patch', image, start, 'root.ovl.squashfs'),
};

function contender(kind: string, image: BenchImage, start: StartingPoint, file: string): Contender {
  return {
    name: `pvr's steps, ${kind}`,
    prepare: async (folder) => {
      const place = await placeLike(start, folder);
      const temporary = path.join(folder, 'tmp');
      await mkdir(temporary);
      await mkdir(path.join(place.checkout, app), { recursive: true });
      return {
        place,
        command: ['sh', script, kind, app, ...image.layers],
        environment: { TMPDIR: temporary },
        temporary: [temporary],
        check: () =>
          squashfsOutcome(path.join(place.checkout, app, file), {
            holds: image.changedPath,
            isStaged: false,
          }),
      };
    },
  };
}
