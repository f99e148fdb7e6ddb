import { mkdir, rm } from 'node:fs/promises';
import type { Contender } from './contender';
import { peakDiskUse } from './disk-use';
import { measure, type Measurement } from './measure';

/** What the runs of a contender have shown. */
export interface Result {
  /** One of each round, or several. */
  readonly runs: readonly Measurement[];
  /** Bytes of disk that it needed for the time being, beside what it wrote. */
  readonly temporaryDisk: number;
  /** Bytes of what it wrote. */
  readonly written: number;
}

/** Who is to run, and how often in a round. */
export type Lineup = ReadonlyMap<Contender, number>;

/**
 * Runs all contenders once to warm up and to see what disk they need, which slows them down, and then in rounds: all after
 * each other again and again, so that whatever else the machine does meets all of them.
 *
 * @param folder for their work.
 * @param say hears what is being done.
 */
export async function race(
  lineup: Lineup,
  rounds: number,
  folder: string,
  say: (text: string) => void,
): Promise<ReadonlyMap<Contender, Result>> {
  const results = new Map<Contender, Result>();
  for (const contender of lineup.keys()) {
    say(`warming up: ${contender.name}`);
    results.set(contender, { runs: [], ...(await tryOut(contender, folder)) });
  }
  for (let round = 1; round <= rounds; round++) {
    for (const contender of oneRound(lineup)) {
      say(`round ${round} of ${rounds}: ${contender.name}`);
      const run = await inFolder(folder, async () => {
        const trial = await contender.prepare(folder);
        return measure(trial, folder);
      });
      const result = results.get(contender);
      if (result !== undefined) results.set(contender, { ...result, runs: [...result.runs, run] });
    }
  }
  return results;
}

/** Runs a contender once, and tells what it wrote and needed. */
export function tryOut(contender: Contender, folder: string): Promise<Omit<Result, 'runs'>> {
  return inFolder(folder, async () => {
    const trial = await contender.prepare(folder);
    const peak = await peakDiskUse(trial.temporary, () => measure(trial, folder));
    const { written, staged } = await trial.check();
    return { written, temporaryDisk: Math.max(0, peak - staged) };
  });
}

function* oneRound(lineup: Lineup): Iterable<Contender> {
  for (let run = 0; run < Math.max(...lineup.values()); run++) {
    for (const [contender, runs] of lineup) if (run < runs) yield contender;
  }
}

async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
