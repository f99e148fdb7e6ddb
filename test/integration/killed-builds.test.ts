import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { readCheckout } from '../../src/core/checkout/checkout';
import { withLock } from '../../src/core/checkout/lock';
import { recover } from '../../src/core/checkout/recover';
import { checkoutFiles, checkoutState, type CheckoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import type { TestServer } from '../unit/image/http-server';
import { serveLayout } from '../unit/image/layout-registry';

/** All moments follow from it, as far as two runs take the same time. */
const seed = Number(process.env['SEED'] ?? 1);

const noise = (name: string, of: number) =>
  ({ path: name, kind: 'file', content: new Random(of).bytes(200_000) }) as const;
const v1 = makeImage([makeLayer([noise('bin/app', 1), noise('lib/a', 2)]), makeLayer([noise('lib/b', 3)])]);
const v2 = derive(v1, [noise('bin/app', 4), { path: 'lib/a', kind: 'whiteout' }]);
const extension = derive(v1, [noise('opt/more', 5)]);
const otherExtension = derive(v1, [noise('opt/other', 6)]);

/** What is killed, 100 times each: in every one something is replaced, removed or new. */
const builds = {
  'a patch': ['app', 'update', 'web', '--patch'],
  'a new base, with the app that extends it': ['app', 'update', 'web', '--newbase'],
  'an extension app': ['app', 'add', 'other', '--base', 'web'],
} as const;

/** Files whose making a kill is aimed at. */
const aims = ['lock draft', 'journal.json.draft', 'journal.json', 'kept'] as const;

/** What a process was doing when it was killed, by what it left. */
type Phase = 'starting' | 'building' | 'committing' | 'tidying up' | 'after its end';

describe('a build that is killed leaves the old checkout or the new one', { concurrency: 2 }, () => {
  let folder: string;
  let registry: TestServer;
  let old: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'killed-'));
    const layout = path.join(folder, 'layout');
    const tags = { v1, v2, extension, other: otherExtension };
    registry = await serveLayout(layout, await writeOciLayout(layout, tags));
    old = path.join(folder, 'old');
    await mkdir(old);
    const pvx = new Pvx(path.join(folder, 'home'));
    await pvx.run(old, 'init');
    await pvx.run(old, 'app', 'add', 'web', '--from', `${registry.host}/app:v1`);
    await pvx.run(old, 'app', 'add', 'more', '--base', 'web', '--from', `${registry.host}/app:extension`);
    // Something for the new base to remove.
    await pvx.run(old, 'app', 'update', 'web', '--patch', '--from', `${registry.host}/app:other`);
  });
  after(async () => {
    await registry.close();
    await rm(folder, { recursive: true });
  });

  for (const [index, [name, command]] of Object.entries(builds).entries()) {
    it(name, async (test) => {
      const tag = command[1] === 'add' ? 'other' : 'v2';
      const build = [...command, '--from', `${registry.host}/app:${tag}`];
      const own = path.join(folder, String(index));
      const victims = new Victims(own, old, build);
      const { expected, duration } = await victims.runToItsEnd();
      const random = new Random(seed * 100 + index);
      const phases = new Map<string, number>();
      for (let round = 0; round < 100; round++) {
        const isAimed = round % 3 === 0;
        const moment = isAimed
          ? { after: random.pick(aims), pause: random.below(4) }
          : { pause: random.below(Math.ceil(duration * 0.9)) };
        const { phase, outcome } = await victims.kill(moment, expected, round % 10 === 0);
        const key = `${phase} → ${outcome}`;
        phases.set(key, (phases.get(key) ?? 0) + 1);
      }
      const counts = [...phases].sort().map(([key, count]) => `${count} ${key}`);
      test.diagnostic(`killed: ${counts.join(', ')}`);
      const hit = new Set([...phases.keys()].map((key) => key.split(' → ')[0]));
      assert.ok(hit.has('building') && hit.has('committing'), counts.join(', '));
    });
  }
});

interface Moment {
  /** What has just been made. */
  readonly after?: (typeof aims)[number];
  /** Milliseconds to wait from then, or from the start. */
  readonly pause: number;
}

/** The only two states in which a checkout may be found. */
interface Expected {
  readonly old: CheckoutState;
  readonly new: CheckoutState;
}

/** Copies of a checkout in which one build is started again and again. */
class Victims {
  constructor(
    private readonly folder: string,
    private readonly old: string,
    private readonly build: readonly string[],
  ) {}

  /** @returns what it makes, and how many milliseconds it takes. */
  async runToItsEnd(): Promise<{ expected: Expected; duration: number }> {
    const { checkout, pvx } = await this.#copy();
    const before = await checkoutState(checkout);
    const start = performance.now();
    await pvx.run(checkout, ...this.build);
    const duration = performance.now() - start;
    return { expected: { old: before, new: await checkoutState(checkout) }, duration };
  }

  /** Starts the build, kills it, and looks at what is left as the next command does. */
  async kill(
    moment: Moment,
    expected: Expected,
    goesOn: boolean,
  ): Promise<{ phase: Phase; outcome: 'old' | 'new' }> {
    const { checkout, pvx } = await this.#copy();
    const child = pvx.start(checkout, ...this.build);
    const ended = once(child, 'exit');
    child.stderr.resume();
    const tooLate = new AbortController();
    await Promise.race([ended, waitFor(moment, checkout, tooLate.signal)]);
    tooLate.abort();
    child.kill('SIGKILL');
    const [, signal] = (await ended) as [number | null, string | null];
    const phase = signal === null ? 'after its end' : await phaseOf(checkout, expected);

    await withLock(checkout, { what: 'the next command', wait: 'fail' }, () => recover(checkout));
    const left = await checkoutState(checkout);
    const outcome = isDeepStrictEqual(left, expected.old) ? 'old' : 'new';
    assert.deepEqual(left, expected[outcome], `killed while ${phase}, it is neither old nor new`);
    const { apps, contradictions } = await readCheckout(checkout);
    assert.deepEqual([...contradictions, ...apps.flatMap((app) => app.contradictions)], []);

    if (goesOn) {
      if (outcome === 'old' || this.build[1] === 'update') await pvx.run(checkout, ...this.build);
      assert.deepEqual(await checkoutState(checkout), expected.new, 'and the build again');
    }
    await rm(path.dirname(checkout), { recursive: true });
    return { phase, outcome };
  }

  /** Every one has caches of its own, which are killed with it. */
  async #copy(): Promise<{ checkout: string; pvx: Pvx }> {
    await mkdir(this.folder, { recursive: true });
    const place = await mkdtemp(path.join(this.folder, 'victim-'));
    const checkout = path.join(place, 'checkout');
    await cp(this.old, checkout, { recursive: true });
    return { checkout, pvx: new Pvx(path.join(place, 'home')) };
  }
}

async function waitFor({ after: aim, pause }: Moment, checkout: string, signal: AbortSignal): Promise<void> {
  const pvrFolder = path.join(checkout, '.pvr');
  if (aim === 'lock draft') await appearance(pvrFolder, '.draft', signal);
  else if (aim !== undefined) await appearance(await transaction(pvrFolder, signal), aim, signal);
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

/** Resolves when somebody has made a file in a folder, by the end of its name, or when there is no such folder any more. */
async function appearance(folder: string, ending: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const { filename } of watch(folder, { signal })) {
      if (filename?.endsWith(ending)) return;
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
