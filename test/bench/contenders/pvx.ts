import path from 'node:path';
import type { Contender, Outcome } from '../contender';
import { app } from '../app';
import type { BenchImage } from '../images';
import { placeLike, type StartingPoint } from '../place';
import { squashfsOutcome } from './squashfs-outcome';

const program = path.resolve('dist', 'cli.js');

/** This project's command line, built. */
export const pvx = {
  init: (): Contender => contender('pvx init', ['init'], undefined, nothingWritten),

  add: (image: BenchImage, start: StartingPoint): Contender =>
    contender('pvx app add', ['app', 'add', app, ...from(image)], start, holds('root.squashfs', image)),

  patch: (image: BenchImage, start: StartingPoint): Contender =>
    contender(
      'pvx app update --patch',
      ['app', 'update', app, '--patch', ...from(image)],
      start,
      holds('root.ovl.squashfs', image),
    ),

  newBase: (image: BenchImage, start: StartingPoint): Contender =>
    contender(
      'pvx app update --newbase',
      ['app', 'update', app, '--newbase', ...from(image)],
      start,
      holds('root.squashfs', image),
    ),

  list: (start: StartingPoint): Contender =>
    contender('pvx app files --base', ['app', 'files', app, '--base'], start, nothingWritten),
};

type Check = (checkout: string) => Promise<Outcome>;

function contender(
  name: string,
  args: readonly string[],
  start: StartingPoint | undefined,
  check: Check,
): Contender {
  return {
    name,
    prepare: async (folder) => {
      const place = await placeLike(start, folder);
      const temporary = path.join(folder, 'tmp');
      return {
        place,
        command: [process.execPath, program, ...args],
        environment: {
          TMPDIR: temporary,
          PVX_CACHE_DIR: place.cache,
          PVR_OBJECTS_DIR: path.join(folder, 'objects'),
        },
        temporary: [temporary, path.join(place.checkout, '.pvr', 'tmp')],
        check: () => check(place.checkout),
      };
    },
  };
}

function from({ reference, layout }: BenchImage): readonly string[] {
  return ['--from', reference, '--source', `archive:${layout}`];
}

function holds(file: string, { changedPath }: BenchImage): Check {
  return (checkout) =>
    squashfsOutcome(path.join(checkout, app, file), { holds: changedPath, isStaged: true });
}

function nothingWritten(): Promise<Outcome> {
  return Promise.resolve({ written: 0, staged: 0 });
}
