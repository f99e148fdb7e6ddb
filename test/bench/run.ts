// `npm run bench`: this project beside the steps that pvr runs, as ratios of the medians of interleaved runs.
//   --quick        a small image, to try out whether the benchmark runs
//   --megabytes N  of the files of the image (default 500, with --quick 50)
//   --rounds N     how often each contender runs (default 3)
//   --only TEXT    only work that has TEXT in its name: patch, base, list …
//   --grow         instead, how time and memory grow with the image and with what changed
//   --sizes        instead, what a device downloads for bases and patches of pairs of Debian images
//   --revisions    instead, what status and commit take in a checkout of 2 GB, and an app of 1 GB
//   --devices      instead, what clone and post take beside one curl after the other, and what a small post sends
//   --json         the numbers as a JSON document on stdout
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../../src/core/problem';
import { comparisons, legend } from './comparisons';
import type { Contender } from './contender';
import type { TreeKind } from './debian-tree';
import { measureDevices } from './devices';
import { growingWork } from './growth';
import { imagePairs } from './image-pairs';
import { imageSet, type ImageSet } from './images';
import { missingForBench } from './needs';
import { measureRevisions } from './revisions';
import { race, type Result } from './runner';
import { compareSizes } from './sizes';
import { medians } from './statistics';
import {
  comparisonTable,
  deviceTable,
  growthTable,
  revisionTable,
  type Row,
  type Side,
  sizeTable,
} from './tables';

/** Images stay here from one run to the next. */
const folder = path.join(tmpdir(), 'pantavisor-checkouts-bench');

interface Options {
  /** Of Debian. */
  readonly kind: TreeKind;
  /** Of the files of the image. */
  readonly megabytes: number;
  readonly rounds: number;
  readonly only: string;
}

/** What people read, and the same as a document. */
interface Report {
  readonly text: string;
  readonly document: object;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      megabytes: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      grow: { type: 'boolean', default: false },
      sizes: { type: 'boolean', default: false },
      revisions: { type: 'boolean', default: false },
      devices: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const missing = missingForBench(values.devices ? 'devices' : 'images');
  if (missing !== undefined) throw new Error(missing);

  const options: Options = {
    kind: values.quick ? 'small' : 'large',
    megabytes: positive(values.megabytes ?? defaultMegabytes(values)),
    rounds: positive(values.rounds),
    only: values.only,
  };
  const { text, document } = await inWorkFolder((work) => {
    if (values.revisions) return revisions(options, work);
    if (values.devices) return devices(options, work);
    return values.sizes ? sizes(work) : values.grow ? grow(options, work) : compare(options, work);
  });
  const about = { machine: machine(), rounds: options.rounds, megabytes: options.megabytes };
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...about, ...document }, undefined, 2)}\n`
      : `${about.machine}; medians of ${about.rounds} rounds\n\n${text}\n`,
  );
}

/** Gives `use` a new folder, and removes it whatever happens. */
async function inWorkFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(folder, 'work-'));
  const remove = () => rmSync(work, { recursive: true, force: true });
  process.once('SIGINT', () => {
    remove();
    process.exit(130);
  });
  try {
    return await use(work);
  } finally {
    remove();
  }
}

async function compare({ kind, megabytes, rounds, only }: Options, work: string): Promise<Report> {
  const images = await makeImages(kind, megabytes);
  const chosen = named(only, comparisons(images, path.join(work, 'starting-points')));
  const lineup = new Map<Contender, number>();
  for (const { theirs, ours, runsPerRound } of chosen) {
    lineup.set(theirs, runsPerRound).set(ours, runsPerRound);
  }
  const results = await race(lineup, rounds, path.join(work, 'trial'), say);
  const rows = chosen.map(({ work: name, target, theirs, ours }): Row => ({
    work: name,
    target,
    theirs: sideOf(theirs, results),
    ours: sideOf(ours, results),
  }));
  return { text: `${comparisonTable(rows)}\n\n${legend}`, document: { rows } };
}

async function grow({ kind, megabytes, rounds, only }: Options, work: string): Promise<Report> {
  const sets = new Map<number, ImageSet>();
  for (const part of [0.1, 0.3, 1]) {
    const size = Math.round(part * megabytes);
    sets.set(size, await makeImages(kind, size));
  }
  const chosen = named(only, growingWork(sets, path.join(work, 'starting-points')));
  const lineup = new Map(chosen.map(({ contender }) => [contender, 1]));
  const results = await race(lineup, rounds, path.join(work, 'trial'), say);
  const cells = chosen.map(({ contender, ...cell }) => ({ ...cell, ...sideOf(contender, results) }));
  const tables = [...new Set(cells.map(({ by }) => by))].map((by) =>
    growthTable(
      by,
      cells.filter((cell) => cell.by === by),
    ),
  );
  return { text: tables.join('\n\n'), document: { cells } };
}

async function sizes(work: string): Promise<Report> {
  say(`making pairs of images, unless they lie in ${folder} already`);
  const rows = await compareSizes(await imagePairs(folder), work, say);
  return { text: sizeTable(rows), document: { rows } };
}

async function revisions({ megabytes, rounds }: Options, work: string): Promise<Report> {
  const figures = await measureRevisions(megabytes, rounds, work, say);
  return { text: revisionTable(figures), document: { ...figures } };
}

async function devices({ megabytes, rounds }: Options, work: string): Promise<Report> {
  const figures = await measureDevices(megabytes, rounds, work, say);
  return { text: deviceTable(figures), document: { ...figures } };
}

function defaultMegabytes({
  quick,
  revisions: isOfRevisions,
  devices: isOfDevices,
}: {
  quick: boolean;
  revisions: boolean;
  devices: boolean;
}): string {
  if (isOfDevices) return quick ? '20' : '200';
  if (isOfRevisions) return quick ? '200' : '2000';
  return quick ? '50' : '500';
}

function named<T extends { readonly work: string }>(only: string, all: readonly T[]): readonly T[] {
  const chosen = all.filter(({ work }) => work.includes(only));
  if (chosen.length > 0) return chosen;
  const names = new Set(all.map(({ work }) => work));
  throw new Error(`No work has "${only}" in its name; there is ${[...names].join('; ')}.`);
}

function positive(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`${text} is not a number from 1 to 99999.`);
}

function makeImages(kind: TreeKind, megabytes: number): Promise<ImageSet> {
  say(`making images with ${megabytes} MB of files, unless they lie in ${folder} already`);
  return imageSet(megabytes, kind, folder);
}

function sideOf(contender: Contender, results: ReadonlyMap<Contender, Result>): Side {
  const result = results.get(contender);
  if (result === undefined) throw new Error(`${contender.name} did not run`);
  return { contender: contender.name, ...result, ...medians(result) };
}

function machine(): string {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

void main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
});
