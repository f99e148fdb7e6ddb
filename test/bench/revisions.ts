import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Pvx } from '../device-view/pvx';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { app } from './app';
import type { Contender } from './contender';
import { type ComparedWork, gnuTime } from './measure';
import { race } from './runner';
import { medians } from './statistics';

const run = promisify(execFile);
const megabyte = 1_000_000;
const parts = 40;
/** Into how many files an app of this much is put. */
const filesOfApp = 32;

/** A commit after a patch of a large app. Bytes. */
export interface CommitRow {
  /** Of the files that are new or others. */
  readonly changed: number;
  /** All that the process and its threads read, its own program too. */
  readonly read: number;
  readonly peakMemory: number;
}

export interface RevisionFigures {
  readonly status: readonly ComparedWork[];
  readonly commit: CommitRow;
}

/**
 * Measures what commands for revisions take that have to know of large files.
 *
 * @param megabytes of a checkout in 40 parts, and twice those of an app.
 * @param folder for their work.
 * @param say hears what is being done.
 */
export async function measureRevisions(
  megabytes: number,
  rounds: number,
  folder: string,
  say: (text: string) => void,
): Promise<RevisionFigures> {
  const pvx = new Pvx(path.join(folder, 'home'));
  say(`a checkout of ${megabytes} MB in ${parts} parts`);
  const checkout = path.join(folder, 'parts');
  await makeParts(checkout, pvx, megabytes);
  const [hashing, cold, warm] = [hashFiles(checkout), status(checkout, 'cold'), status(checkout, 'warm')];
  const results = await race(
    new Map([hashing, cold, warm].map((one) => [one, 1])),
    rounds,
    path.join(folder, 'trial'),
    say,
  );
  const of = (contender: Contender) =>
    medians(results.get(contender) ?? { runs: [], temporaryDisk: 0, written: 0 });
  await rm(checkout, { recursive: true });
  const rows = [
    { work: 'status, nothing known', theirs: of(hashing), ours: of(cold), target: 1.6 },
    { work: 'status, all known', theirs: of(hashing), ours: of(warm), target: 15 },
  ];
  return { status: rows, commit: await measureCommit(megabytes / 2, folder, say) };
}

/** Files that don't compress, committed. */
async function makeParts(checkout: string, pvx: Pvx, megabytes: number): Promise<void> {
  await mkdir(checkout, { recursive: true });
  await pvx.run(checkout, 'init');
  for (let part = 0; part < parts; part++) {
    await mkdir(path.join(checkout, `part-${part}`));
    await writeNoise(path.join(checkout, `part-${part}`, 'root.squashfs'), (megabytes / parts) * megabyte);
    await writeFile(path.join(checkout, `part-${part}`, 'run.json'), `{"name":"part-${part}"}`);
  }
  await pvx.run(checkout, 'add');
  await pvx.run(checkout, 'commit');
}

async function writeNoise(file: string, size: number): Promise<void> {
  const target = await open(file, 'wx');
  for (let left = size; left > 0; left -= megabyte) await target.write(randomBytes(Math.min(left, megabyte)));
  await target.close();
}

function hashFiles(checkout: string): Contender {
  const script = path.join(import.meta.dirname, 'contenders', 'hash-files.mjs');
  return trialIn(checkout, 'one thread that hashes all', [process.execPath, script, checkout], () =>
    Promise.resolve(),
  );
}

function status(checkout: string, temperature: 'cold' | 'warm'): Contender {
  const command = [process.execPath, path.resolve('dist', 'cli.js'), 'status'] as const;
  const index = path.join(checkout, '.pvr', 'pvx-index');
  return trialIn(checkout, `pvx status, ${temperature}`, command, async () => {
    if (temperature === 'cold') await rm(index, { force: true });
    else if (!existsSync(index)) await run(command[0], command.slice(1), { cwd: checkout });
  });
}

/** Nothing is written but the index, so all may work in the same checkout. */
function trialIn(
  checkout: string,
  name: string,
  command: readonly [string, ...string[]],
  before: () => Promise<void>,
): Contender {
  return {
    name,
    prepare: async () => {
      await before();
      return {
        place: { checkout, cache: '' },
        command,
        environment: {},
        temporary: [],
        check: () => Promise.resolve({ written: 0, staged: 0 }),
      };
    },
  };
}

/** An app that is built and committed, patched, and committed again. */
async function measureCommit(
  megabytes: number,
  folder: string,
  say: (text: string) => void,
): Promise<CommitRow> {
  say(`an app of ${megabytes} MB, and a patch of ${megabytes / 16} MB over it`);
  const layout = path.join(folder, 'layout');
  const size = (megabytes * megabyte) / filesOfApp;
  const noise = (index: number) =>
    ({ path: `data/${index}`, kind: 'file', content: randomBytes(size) }) as const;
  const v1 = makeImage([makeLayer(Array.from({ length: filesOfApp }, (_, index) => noise(index)))]);
  const v2 = derive(v1, [noise(0), noise(1)]);
  await writeOciLayout(layout, { v1, v2 }, { compression: 'none' });
  const pvx = new Pvx(path.join(folder, 'home'));
  const checkout = path.join(folder, 'app');
  await mkdir(checkout);
  await pvx.run(checkout, 'init');
  const from = (tag: string) => ['--from', `localhost/app:${tag}`, '--source', `archive:${layout}`];
  await pvx.run(
    checkout,
    'app',
    'add',
    app,
    ...from('v1'),
    '--format-options',
    '-comp zstd -Xcompression-level 1',
  );
  await pvx.run(checkout, 'commit');
  const before = await sizesIn(checkout);
  await pvx.run(checkout, 'app', 'update', app, '--patch', ...from('v2'));
  const after = await sizesIn(checkout);
  const [read, peakMemory] = await bytesRead(checkout, folder);
  const changed = [...after].reduce((sum, [file, { size: bytes, time }]) => {
    return before.get(file)?.time === time ? sum : sum + bytes;
  }, 0);
  return { changed, read, peakMemory };
}

/** What a commit reads, by the kernel's count; a shell's has that of the children that it has waited for. */
async function bytesRead(
  checkout: string,
  folder: string,
): Promise<readonly [read: number, peakMemory: number]> {
  const [io, time] = [path.join(folder, 'io'), path.join(folder, 'time')];
  const commit = [
    gnuTime,
    '-o',
    time,
    '-f',
    '%M',
    process.execPath,
    path.resolve('dist', 'cli.js'),
    'commit',
  ];
  await run('sh', ['-c', `"$@" && cat /proc/$$/io > ${io}`, 'sh', ...commit], { cwd: checkout });
  const [, read = ''] = /^rchar: (\d+)$/m.exec(await readFile(io, 'utf8')) ?? [];
  return [Number(read), Number(await readFile(time, 'utf8')) * 1024];
}

async function sizesIn(
  checkout: string,
): Promise<ReadonlyMap<string, { readonly size: number; readonly time: number }>> {
  const { stdout } = await run('find', [path.join(checkout, app), '-type', 'f']);
  const files = await Promise.all(
    stdout
      .trim()
      .split('\n')
      .map(async (file) => {
        const { size, mtimeMs } = await stat(file);
        return [file, { size, time: mtimeMs }] as const;
      }),
  );
  return new Map(files);
}
