// One target's campaign, in a process of its own that may crash or hang:  <module of the target> <CampaignSettings as JSON>.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { pathToFileURL } from 'node:url';
import { silentJob } from '../../src/core/job';
import { describeError, Problem } from '../../src/core/problem';
import { sha256 } from '../image-maker/layer';
import { Random } from '../device-view/random';
import { Coverage } from './coverage';
import {
  exitForMemory,
  longestPatience,
  longestRead,
  mostMemory,
  type CampaignSettings,
  type News,
} from './messages';
import type { Target } from './target';

/** So many inputs are read between two looks at what they have reached. */
const batchSize = 16;

/** Larger inputs don't go to the corpus, in bytes. */
const largestKept = 16_384;

/** In milliseconds. */
const tellingInterval = 500;

async function main([module = '', text = '']: readonly string[]): Promise<void> {
  const settings = JSON.parse(text) as CampaignSettings;
  const { target } = (await import(pathToFileURL(path.resolve(module)).href)) as { target: Target };
  await new Campaign(target, settings).run();
  await target.close?.();
  process.disconnect();
}

class Campaign {
  readonly #random: Random;
  readonly #coverage = new Coverage();
  /** All that new inputs are made of. */
  readonly #pool: Buffer[] = [];
  #inputs = 0;
  #toldAt = 0;

  constructor(
    private readonly target: Target,
    private readonly settings: CampaignSettings,
  ) {
    this.#random = new Random(settings.seed);
  }

  async run(): Promise<void> {
    const { seconds = Infinity, inputs = Infinity, knownToSkip } = this.settings;
    const end = Date.now() + seconds * 1000;
    this.#pool.push(...(await this.#known()));
    for (const input of [...(await this.#bombs()), ...this.#pool].slice(knownToSkip)) {
      // Before it: who takes this process's place goes on after it.
      this.#inputs++;
      this.#tell();
      await this.#read(input);
    }
    this.#coverage.hasGrown();
    for (let varied = 0; varied < inputs && Date.now() < end; varied += batchSize) {
      await this.#readBatch(Math.min(batchSize, inputs - varied));
    }
    this.#tell();
  }

  async #known(): Promise<readonly Buffer[]> {
    const { input, corpus } = this.settings;
    if (input !== undefined) return [readFileSync(input)];
    const kept = corpus === undefined ? [] : filesIn(corpus).map((file) => readFileSync(file));
    return [...Object.values(await this.target.seeds()), ...kept];
  }

  async #bombs(): Promise<readonly Buffer[]> {
    return this.settings.input === undefined ? Object.values((await this.target.bombs?.()) ?? {}) : [];
  }

  /** Looking takes longer than most reads; so only when a batch has reached something, its inputs are told apart. */
  async #readBatch(size: number): Promise<void> {
    const batch = Array.from({ length: size }, () => {
      const input = this.#random.pickFrom(this.#pool) ?? Buffer.alloc(0);
      return this.target.vary(input, this.#pool, this.#random);
    });
    for (const input of batch) {
      await this.#read(input);
      this.#inputs++;
      if (Date.now() - this.#toldAt > tellingInterval) this.#tell();
    }
    if (!this.#coverage.hasGrown()) return;
    this.#coverage.takeBack();
    for (const input of batch) {
      await this.#read(input);
      if (this.#coverage.hasGrown()) this.#keep(input);
    }
  }

  #keep(input: Buffer): void {
    const { keepIn } = this.settings;
    this.#pool.push(input);
    if (keepIn === undefined || input.length > largestKept) return;
    mkdirSync(keepIn, { recursive: true });
    writeFileSync(path.join(keepIn, sha256(input).slice(-16)), input);
  }

  async #read(input: Buffer): Promise<void> {
    const { current, folder } = this.settings;
    writeFileSync(current, input);
    mkdirSync(folder);
    const patience = AbortSignal.timeout(longestPatience);
    try {
      await withinTime(this.target.read(input, folder, { ...silentJob(), signal: patience }));
    } catch (error) {
      const isExpected = error instanceof Problem || (patience.aborted && error === patience.reason);
      if (!isExpected) tell({ kind: 'finding', what: traceOf(error), input: base64(input) });
    }
    rmSync(folder, { recursive: true });
    const peak = process.resourceUsage().maxRSS * 1024;
    if (peak > mostMemory) {
      // The peak doesn't go away; only a new process can tell about the next input.
      const what = `it took ${Math.round(peak / 2 ** 20)} MiB of memory`;
      process.send?.({ kind: 'finding', what, input: base64(input) } satisfies News, () =>
        process.exit(exitForMemory),
      );
      await new Promise(() => undefined);
    }
  }

  #tell(): void {
    tell({ kind: 'progress', inputs: this.#inputs, blocks: this.#coverage.blocks });
    this.#inputs = 0;
    this.#toldAt = Date.now();
  }
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name));
}

async function withinTime(reading: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${longestRead / 1000} s`)), longestRead);
  });
  try {
    await Promise.race([reading, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : describeError(error);
}

function base64(input: Buffer): string {
  return input.toString('base64');
}

function tell(news: News): void {
  process.send?.(news);
}

// What nobody awaits ends the process, and so becomes a finding.
void main(process.argv.slice(2));
