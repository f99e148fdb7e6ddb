import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { exitForMemory, longestRead, type CampaignSettings, type News } from './messages';

/** See {@link CampaignSettings}. */
export type FuzzOptions = Pick<
  CampaignSettings,
  'seed' | 'inputs' | 'seconds' | 'corpus' | 'keepIn' | 'input'
>;

export interface Outcome {
  /** How many inputs the target has seen. */
  readonly inputs: number;
  /** How many blocks of the product's code these have reached, in the thread that read them. */
  readonly blocks: number;
  readonly findings: readonly Finding[];
}

/** An input that the product can't cope with. */
export interface Finding {
  /** What happened: an error's trace, how the process ended. */
  readonly what: string;
  readonly input: Buffer;
}

/** In memory where that is easy: most targets want their input in a file. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** After so many there is enough to do. */
const mostFindings = 10;
const mostDeaths = 10;

/** The JavaScript heap that a campaign may have, in MiB; all else is bounded by `mostMemory`. */
const heapLimit = 800;

/**
 * Lets a target read inputs in a process that is watched: whatever it dies of becomes a finding, and another process goes
 * on.
 *
 * @param module the file of the target.
 */
export async function fuzz(module: string, options: FuzzOptions): Promise<Outcome> {
  const { seed, seconds, ...others } = options;
  const folder = await mkdtemp(path.join(scratch, 'fuzz-'));
  const findings = new Map<string, Finding>();
  let [inputs, blocks] = [0, 0];
  const end = Date.now() + (seconds ?? Infinity) * 1000;
  const note = (finding: Finding) => findings.set(kindOf(finding), finding);
  try {
    for (let life = 0; life <= mostDeaths && findings.size < mostFindings; life++) {
      const settings: CampaignSettings = {
        ...others,
        ...(seconds !== undefined && { seconds: Math.max(0, end - Date.now()) / 1000 }),
        seed: seed + life,
        knownToSkip: inputs,
        current: path.join(folder, 'current'),
        folder: path.join(folder, 'target'),
      };
      await rm(settings.folder, { recursive: true, force: true });
      const ending = await live(module, settings, (news) => {
        if (news.kind === 'progress') {
          inputs += news.inputs;
          blocks = Math.max(blocks, news.blocks);
        } else {
          note({ what: news.what, input: Buffer.from(news.input, 'base64') });
        }
      });
      if (ending === 'done') break;
      if (ending !== 'told') note({ what: ending.death, input: await lastInput(settings, ending.death) });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { inputs, blocks, findings: [...findings.values()] };
}

/** `told`: it has told by itself why it had to end early. */
type Ending = 'done' | 'told' | { readonly death: string };

async function live(
  module: string,
  settings: CampaignSettings,
  onNews: (news: News) => void,
): Promise<Ending> {
  const campaign = path.join(import.meta.dirname, 'campaign.ts');
  const child = fork(campaign, [module, JSON.stringify(settings)], {
    execArgv: [`--max-old-space-size=${heapLimit}`, '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const watch = { isHanging: false };
  // The process watches itself, unless it is in a loop that never lets go.
  const hangs = () => {
    watch.isHanging = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(hangs, 2 * longestRead);
  child.on('message', (news: News) => {
    clearTimeout(timer);
    timer = setTimeout(hangs, 2 * longestRead);
    onNews(news);
  });
  const [[code, signal], errors] = await Promise.all([
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
    child.stderr === null ? '' : text(child.stderr),
  ]);
  clearTimeout(timer);
  if (code === 0) return 'done';
  if (code === exitForMemory) return 'told';
  if (watch.isHanging) return { death: `it hung: nothing happened for ${(2 * longestRead) / 1000} s` };
  return { death: `its process ended with ${code ?? signal ?? 'nothing'}:\n${errors.slice(-4000)}` };
}

async function lastInput({ current }: CampaignSettings, death: string): Promise<Buffer> {
  return readFile(current).catch(() => {
    throw new Error(`the campaign did not begin: ${death}`);
  });
}

/** One defect shows itself in many inputs; what it says, but for numbers, and where it comes from is enough. */
function kindOf({ what }: Finding): string {
  return what.split('\n').slice(0, 3).join('\n').replace(/\d+/g, '#');
}
