import { formatTable } from '../../src/cli/table';
import { formatSize } from '../../src/core/presentation/size';
import type { DeviceFigures } from './devices';
import type { ComparedWork, Measurement } from './measure';
import type { RevisionFigures } from './revisions';
import type { SizeRow } from './sizes';

/** Two contenders at the same work. */
export interface Row {
  readonly work: string;
  readonly target: number;
  readonly theirs: Side;
  readonly ours: Side;
}

/** Medians. */
export interface Side extends Measurement {
  readonly contender: string;
  /** Bytes. */
  readonly temporaryDisk: number;
  readonly written: number;
}

/** What is wanted of ours in every row. */
const limits = {
  peakMemory: 300e6,
  /** No more than what is small in an app: src.json, run.json and the like, a block of the disk each. */
  temporaryDisk: 64e3,
  written: 1.01,
};

/** Ratios of time are theirs by ours: more is better. What misses its target is marked. */
export function comparisonTable(rows: readonly Row[]): string {
  const header = [
    ['', 'TIME', '', 'RATIO', '', 'CPU', 'MEMORY', '', 'TEMPORARY DISK', '', 'SIZE'],
    ['', 'theirs', 'ours', 'time', 'target', 'ratio', 'theirs', 'ours', 'theirs', 'ours', 'ratio'],
  ];
  const lines = rows.map(({ work, target, theirs, ours }) => {
    const speed = theirs.wall / ours.wall;
    const size = ours.written / theirs.written;
    return [
      work,
      formatSeconds(theirs.wall),
      formatSeconds(ours.wall),
      marked(formatRatio(speed), speed < target),
      `≥ ${target}`,
      formatRatio(theirs.cpu / ours.cpu),
      formatSize(theirs.peakMemory),
      marked(formatSize(ours.peakMemory), ours.peakMemory > limits.peakMemory),
      formatSize(theirs.temporaryDisk),
      marked(formatSize(ours.temporaryDisk), ours.temporaryDisk > limits.temporaryDisk),
      ours.written === 0 ? '' : marked(size.toFixed(3), size > limits.written),
    ];
  });
  const table = formatTable([...header, ...lines], new Set([...Array(11).keys()].slice(1)));
  const { peakMemory, temporaryDisk, written } = limits;
  return `${table}
Ratios of time and CPU are theirs ÷ ours, that of sizes is ours ÷ theirs. Also wanted: memory ≤ ${formatSize(peakMemory)}, \
temporary disk ≤ ${formatSize(temporaryDisk)}, size ≤ ${written}. ! misses what is wanted.`;
}

/** Ratios are ours by theirs: less is better. */
export function sizeTable(rows: readonly SizeRow[]): string {
  const lines = rows.map(({ what, theirs, ours, most }) => [
    what,
    String(theirs),
    String(ours),
    marked((ours / theirs).toFixed(3), ours > most * theirs),
    `≤ ${most}`,
  ]);
  return `${formatTable([['BYTES', 'theirs', 'ours', 'ratio', 'target'], ...lines], new Set([1, 2, 3, 4]))}
theirs: pvr's rule, what differs in its content, packed by mksquashfs -comp xz. ! misses what is wanted.`;
}

/** What ours takes beside something else, how many times less that is wanted to be, and with what memory. */
function timeTable(
  theirs: string,
  figures: readonly ComparedWork[],
  memory: (bytes: number) => string,
): string {
  const rows = figures.map(({ work, theirs, ours, target }) => {
    const ratio = theirs.wall / ours.wall;
    const seconds = [formatSeconds(theirs.wall), formatSeconds(ours.wall)];
    return [
      work,
      ...seconds,
      marked(formatRatio(ratio), ratio < target),
      `≥ ${target}`,
      memory(ours.peakMemory),
    ];
  });
  const header = ['TIME', theirs, 'ours', 'ratio', 'target', 'memory'];
  return formatTable([header, ...rows], new Set([1, 2, 3, 4, 5]));
}

/** What is wanted of commands for revisions. */
const revisionLimits = {
  peakMemory: 150e6,
  /** Of what has changed, for a commit to read. */
  read: 1.1,
};

export function revisionTable({ status, commit }: RevisionFigures): string {
  const memory = (bytes: number) => marked(formatSize(bytes), bytes > revisionLimits.peakMemory);
  const part = commit.read / commit.changed;
  return `${timeTable('one thread that hashes all', status, memory)}

A commit after a patch of ${formatSize(commit.changed)} read ${formatSize(commit.read)}, \
${marked(part.toFixed(3), part > revisionLimits.read).trim()} of it (wanted: ≤ ${revisionLimits.read}), with memory of ${memory(commit.peakMemory).trim()}.
Also wanted: memory ≤ ${formatSize(revisionLimits.peakMemory)}. ! misses what is wanted.`;
}

/** What is wanted of work with devices. */
const deviceLimits = { peakMemory: 200e6, sent: 100e3, requests: 12 };

export function deviceTable({ transfers, small }: DeviceFigures): string {
  const memory = (bytes: number) => marked(formatSize(bytes), bytes > deviceLimits.peakMemory);
  return `${timeTable('one curl after the other', transfers, memory)}

A post that changes 4 kB of a large checkout sent ${marked(formatSize(small.sent), small.sent > deviceLimits.sent).trim()} \
in ${marked(String(small.requests), small.requests >= deviceLimits.requests).trim()} requests (wanted: ≤ ${formatSize(deviceLimits.sent)}, < ${deviceLimits.requests}), \
in ${formatSeconds(small.measured.wall)} with memory of ${memory(small.measured.peakMemory).trim()}.
Also wanted: memory ≤ ${formatSize(deviceLimits.peakMemory)}. ! misses what is wanted.`;
}

/** Work in one of several sizes. */
export interface GrowthCell extends Measurement {
  readonly work: string;
  readonly size: string;
}

/** A line for each work, a column for each size. @param by what grows. */
export function growthTable(by: string, cells: readonly GrowthCell[]): string {
  const sizes = [...new Set(cells.map(({ size }) => size))];
  const works = [...new Set(cells.map(({ work }) => work))];
  const lines = works.map((work) => [
    work,
    ...sizes.map((size) => {
      const cell = cells.find((one) => one.work === work && one.size === size);
      return cell === undefined ? '' : `${formatSeconds(cell.wall)}, ${formatSize(cell.peakMemory)}`;
    }),
  ]);
  return formatTable(
    [[by.toUpperCase(), ...sizes], ...lines],
    new Set([...sizes.keys()].map((column) => column + 1)),
  );
}

function formatSeconds(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(0)} s`;
}

function formatRatio(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0);
}

function marked(text: string, isMissed: boolean): string {
  return isMissed ? `${text} !` : `${text}  `;
}
