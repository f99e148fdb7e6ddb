import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Trial } from './contender';

export interface Measurement {
  /** Seconds from the start of the process to its end. */
  readonly wall: number;
  /** Seconds of user and system time, of all processes that it started too. */
  readonly cpu: number;
  /** Bytes: the largest resident set of any one of these processes. */
  readonly peakMemory: number;
}

/** Work that something else does as well. */
export interface ComparedWork {
  readonly work: string;
  readonly theirs: Measurement;
  readonly ours: Measurement;
  /** How many times as fast ours is to be. */
  readonly target: number;
}

/** GNU time: it waits for its child with wait4(2), which Node has no call for. */
export const gnuTime = '/usr/bin/time';

/**
 * Runs a trial's command.
 * @param folder for a file of its own.
 * @throws Error with what it wrote to stderr when it fails.
 */
export async function measure({ command, place, environment }: Trial, folder: string): Promise<Measurement> {
  const report = path.join(folder, 'time.txt');
  const start = performance.now();
  const child = spawn(gnuTime, ['-o', report, '-f', '%U %S %M', ...command], {
    cwd: place.checkout,
    env: { ...process.env, LC_ALL: 'C', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[status: number | null]>;
  const [stderr, [status]] = await Promise.all([text(child.stderr), closed]);
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${String(status)}:\n${stderr.trim()}`);

  const [user = NaN, system = NaN, kibibytes = NaN] = (await readFile(report, 'utf8')).split(' ').map(Number);
  await rm(report);
  return { wall, cpu: user + system, peakMemory: kibibytes * 1024 };
}
