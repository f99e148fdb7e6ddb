import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { sha256OfFile } from '../../../src/core/files/hash-file';
import type { Job } from '../../../src/core/job';
import { exportState } from '../../../src/core/use-cases/export-state';
import { takeState } from '../../../src/core/use-cases/take-state';
import type { Entry } from '../../image-maker/entry';
import { tarArchive } from '../../image-maker/tar-archive';
import { emptyHeader, headerBlock } from '../../image-maker/tar-header';
import { sha256 } from '../../unit/revision/revisions';
import { filesIn, varyTar } from '../tar-blocks';
import type { Seeds, Target } from '../target';
import { varyBytes } from '../vary-bytes';
import { varyJson } from '../vary-json';

/** Exports of pvr, or what says that it is one; they are imported, exported again, and imported once more. */
export const target: Target = {
  seeds,
  bombs,
  vary(input, others, random) {
    if (isGzipped(input)) return varyBytes(input, others, random);
    const files = new Map(random.chance(0.6) ? filesIn(input) : []);
    const json = files.get('json');
    if (json === undefined) {
      const tar = varyTar(input, others, random);
      return random.chance(0.1) ? gzipSync(tar) : tar;
    }
    files.set('json', Buffer.from(varyJson(json.toString('utf8'), random)));
    return tarOf(files);
  },
  async read(input, folder, job) {
    const [file, outside] = [path.join(folder, 'export.tgz'), path.join(folder, 'outside')];
    await writeFile(file, input);
    await writeFile(outside, 'precious');
    const state = await imported(file, path.join(folder, 'one'), job);
    const again = path.join(folder, 'again.tar');
    await exportState(path.join(folder, 'one'), { parts: [], file: again }, job);
    if ((await imported(again, path.join(folder, 'two'), job)) !== state)
      throw new Error('what was exported is not what was imported');
    if ((await readFile(outside, 'utf8')) !== 'precious') throw new Error('a file outside was changed');
  },
};

/** @returns the state that a new checkout has after the import. */
async function imported(file: string, checkout: string, job: Job): Promise<string> {
  const objects = path.join(checkout, '.pvr', 'objects');
  await mkdir(objects, { recursive: true });
  await writeFile(path.join(checkout, '.pvr', 'json'), '{}');
  const request = { reference: file, folder: checkout, how: 'all' } as const;
  try {
    await takeState(checkout, request, undefined, job);
  } finally {
    for (const name of await readdir(objects)) {
      if ((await sha256OfFile(path.join(objects, name))) !== name)
        throw new Error(`${name} is not what its name says`);
    }
    const own = new Set(['json', 'objects', 'pvx-objects', 'pvx-replaced']);
    const others = (await readdir(path.join(checkout, '.pvr'))).filter((name) => !own.has(name));
    if (others.length > 0) throw new Error(`it left ${others.join(', ')}`);
  }
  return readFile(path.join(checkout, '.pvr', 'json'), 'utf8');
}

const content = 'an object';
const state = JSON.stringify({
  '#spec': 'pantavisor-service-system@1',
  'web/root.squashfs': sha256(content),
  'web/run.json': { name: 'web', n: [1.5, null] },
  'web/same': sha256(content),
});

function seeds(): Promise<Seeds> {
  const json: Entry = { path: 'json', kind: 'file', content: state };
  const object: Entry = { path: `objects/${sha256(content)}`, kind: 'file', content };
  const sound = tarArchive([json, object]);
  const member = (entry: Entry) => tarArchive([json, entry, object]);
  const withState = (text: string) => tarArchive([{ ...json, content: text }, object]);
  return Promise.resolve({
    sound,
    'sound, gzip': gzipSync(sound),
    'of tar': tarArchive([
      { path: './', kind: 'directory' },
      { path: './json', kind: 'file', content: state },
      { path: './objects/', kind: 'directory' },
      { path: `./objects/${sha256(content)}`, kind: 'file', content },
    ]),
    'two states': tarArchive([json, json, object]),
    'the state at the end': tarArchive([object, json]),
    'a configuration': member({ path: 'config', kind: 'file', content: '{}' }),
    'a name that leads out': member({ path: '../outside', kind: 'file', content: 'x' }),
    'a link that leads out': member({ path: 'objects', kind: 'symlink', target: '../..' }),
    'a link in place of an object': tarArchive([
      json,
      { path: `objects/${sha256(content)}`, kind: 'symlink', target: '/etc/passwd' },
    ]),
    'an object that is another': tarArchive([
      json,
      { path: `objects/${sha256(content)}`, kind: 'file', content: 'another' },
    ]),
    'no object': tarArchive([json]),
    'a key that leads out': withState(`{"../outside":"${sha256(content)}"}`),
    'a key of pvr’s own': withState(`{".pvr/config":"${sha256(content)}"}`),
    'an object that leads out': withState('{"web/x":"../../../outside"}'),
    'a kind of state that is none': withState('{"#spec":1e308}'),
    'a state without end': withState('['.repeat(200_000)),
    'a state of 8 GiB': headerBlock({ ...emptyHeader, name: 'json', size: 2 ** 33 }, 'gnu'),
    nothing: Buffer.alloc(1024),
  });
}

function bombs(): Promise<Seeds> {
  const header = headerBlock({ ...emptyHeader, name: 'json', size: 2 ** 25 }, 'gnu');
  return Promise.resolve({
    'a state of 32 MiB, gzip': gzipSync(Buffer.concat([header, Buffer.alloc(2 ** 25, '[')])),
    'zeros, gzip': gzipSync(Buffer.alloc(2 ** 25)),
  });
}

function isGzipped(input: Buffer): boolean {
  return input[0] === 0x1f && input[1] === 0x8b;
}

function tarOf(files: ReadonlyMap<string, Buffer>): Buffer {
  return tarArchive([...files].map(([name, bytes]) => ({ path: name, kind: 'file', content: bytes })));
}
