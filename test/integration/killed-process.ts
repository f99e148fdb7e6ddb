import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, watch } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { acquireLock } from '../../src/core/checkout/change/lock';
import { recover } from '../../src/core/checkout/change/recover';
import { checkoutFiles, checkoutState, type CheckoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';

/** What a kill may be aimed at: a file that is being made, and the folder that it is made in. */
const places = {
  'lock draft': ['.pvr', /\.draft$/],
  'index draft': ['.pvr', /^pvx-index\./],
  'object draft': ['objects', /\.new$/],
  object: ['objects', /^[0-9a-f]{64}$/],
  'staged file': ['transaction', /^\d+-/],
  'journal draft': ['transaction', /^journal\.json\.draft$/],
  journal: ['transaction', /^journal\.json$/],
  'kept file': ['transaction', /^\d+-kept-/],
} as const;
export type Aim = keyof typeof places;

export interface Moment {
  /** What has just been made. */
  readonly after?: Aim;
  /** How many more files must have come or gone since then in the folder where it was. */
  readonly moves?: number;
  /** Milliseconds to wait from then, or from the start. */
  readonly pause: number;
}

/** What a process was doing when it was killed, by what it left. */
export type Phase = 'starting' | 'building' | 'committing' | 'tidying up' | 'after its end';

/** The only two states in which a checkout may be found. */
export interface Expected {
  readonly old: CheckoutState;
  readonly new: CheckoutState;
}

/** A checkout with a command line of its own. */
export interface Victim {
  readonly checkout: string;
  readonly pvx: Pvx;
}

/** Copies of a checkout in which one command is started again and again. */
export class Victims {
  constructor(
    private readonly folder: string,
    private readonly old: string,
    readonly command: readonly string[],
    /** Folders that are copied with it, each to lie beside it. */
    private readonly beside: readonly string[] = [],
  ) {}

  /** @returns what it makes, and how many milliseconds it takes. */
  async runToItsEnd(): Promise<{ expected: Expected; duration: number }> {
    const { checkout, pvx } = await this.copy();
    const before = await checkoutState(checkout);
    const start = performance.now();
    await pvx.run(checkout, ...this.command);
    const duration = performance.now() - start;
    return { expected: { old: before, new: await checkoutState(checkout) }, duration };
  }

  /** Starts the command, and kills it. */
  async killed(moment: Moment, expected: Expected): Promise<Victim & { readonly phase: Phase }> {
    const { checkout, pvx } = await this.copy();
    const child = pvx.start(checkout, ...this.command);
    const ended = once(child, 'exit');
    child.stderr.resume();
    const tooLate = new AbortController();
    await Promise.race([ended, waitFor(moment, checkout, tooLate.signal)]);
    tooLate.abort();
    child.kill('SIGKILL');
    const [, signal] = (await ended) as [number | null, string | null];
    const phase = signal === null ? 'after its end' : await phaseOf(checkout, expected);
    return { checkout, pvx, phase };
  }

  /** Every one has caches of its own, which are killed with it. */
  async copy(): Promise<Victim> {
    await mkdir(this.folder, { recursive: true });
    const place = await mkdtemp(path.join(this.folder, 'victim-'));
    const checkout = path.join(place, 'checkout');
    for (const folder of this.beside)
      await cp(folder, path.join(place, path.basename(folder)), { recursive: true });
    await cp(this.old, checkout, { recursive: true });
    return { checkout, pvx: new Pvx(path.join(place, 'home')) };
  }
}

/** Looks at what is left as the next command does, and finds one of the two states. */
export async function settle(checkout: string, phase: Phase, expected: Expected): Promise<'old' | 'new'> {
  const lock = await acquireLock(checkout, { what: 'the next command', wait: 'fail' });
  await recover(checkout);
  await lock.release();
  const left = await checkoutState(checkout);
  const outcome = isDeepStrictEqual(left, expected.old) ? 'old' : 'new';
  assert.deepEqual(left, expected[outcome], `killed while ${phase}, it is neither old nor new`);
  return outcome;
}

/** How often each was seen, for the test's output. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get lines(): readonly string[] {
    return [...this.#counts].sort().map(([key, count]) => `${count} ${key}`);
  }

  /** What was seen, by the word before the arrow. */
  has(phase: Phase): boolean {
    return [...this.#counts.keys()].some((key) => key.startsWith(`${phase} → `));
  }
}

async function waitFor(
  { after: aim, moves = 0, pause }: Moment,
  checkout: string,
  signal: AbortSignal,
): Promise<void> {
  const pvrFolder = path.join(checkout, '.pvr');
  if (aim !== undefined) {
    const [place, name] = places[aim];
    const folder =
      place === '.pvr'
        ? pvrFolder
        : place === 'objects'
          ? path.join(path.dirname(checkout), 'objects')
          : await transaction(pvrFolder, signal);
    await appearance(folder, name, moves, signal);
  }
  // A timer of 0 ms takes longer than a lock's draft lasts.
  if (pause > 0) await delay(pause, undefined, { signal });
}

/** The folder of a transaction, once there is one. */
async function transaction(pvrFolder: string, signal: AbortSignal): Promise<string> {
  const parent = path.join(pvrFolder, 'tmp');
  for (;;) {
    const name = existsSync(parent) ? readdirSync(parent)[0] : undefined;
    if (name !== undefined) return path.join(parent, name);
    await delay(1, undefined, { signal });
  }
}

/**
 * Resolves when somebody has made a file in a folder, by its name, and after so many more comings and goings; or when there is
 * no such folder any more.
 */
async function appearance(folder: string, name: RegExp, moves: number, signal: AbortSignal): Promise<void> {
  try {
    let left: number | undefined;
    for await (const { filename } of watch(folder, { signal })) {
      if (left !== undefined) left--;
      else if (filename !== null && name.test(filename)) left = moves;
      if (left === 0) return;
    }
  } catch {
    signal.throwIfAborted();
  }
}

async function phaseOf(checkout: string, expected: Expected): Promise<Phase> {
  const transactions = path.join(checkout, '.pvr', 'tmp');
  const folders = existsSync(transactions) ? readdirSync(transactions) : [];
  if (folders.some((name) => existsSync(path.join(transactions, name, 'journal.json')))) return 'committing';
  const files = [...(await checkoutFiles(checkout))].filter(([name]) => !/^\.pvr.(lock|tmp)/.test(name));
  if (isDeepStrictEqual(new Map(files), expected.new.files)) return 'tidying up';
  return folders.length > 0 ? 'building' : 'starting';
}
