import assert from 'node:assert/strict';
import { readdirSync, utimesSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OpenedCheckout } from '../../src/core/checkout/opened-checkout';
import { thisThread } from '../../src/core/files/hash-file';
import { silentJob } from '../../src/core/job';
import { readWorkingRevision } from '../../src/core/revision/working-revision';
import { checkoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { isLongForm } from '../long-form';
import { type Aim, Counts, type Expected, type Moment, settle, type Victim, Victims } from './killed-process';
import { draftsIn, makeRevisionPlaces, placeOf, requireTruth, type RevisionPlaces } from './revision-places';

/** All moments follow from it, as far as two runs take the same time. */
const seed = Number(process.env['SEED'] ?? 1);
const killsOfEach = isLongForm ? 200 : 25;

/** What a kill is aimed at, two times in three. */
const aims = [
  'lock draft',
  'index draft',
  'object draft',
  'object',
  'staged file',
  'journal draft',
  'journal',
  'kept file',
] as const satisfies readonly Aim[];

interface Work {
  readonly at: keyof Pick<RevisionPlaces, 'clean' | 'edited'>;
  readonly command: (places: RevisionPlaces) => readonly string[];
  /** What it never makes. */
  readonly without: readonly Aim[];
}

const work: Readonly<Record<string, Work>> = {
  'a commit': { at: 'edited', command: () => ['commit', '-m', 'second'], without: [] },
  'a checkout': { at: 'edited', command: () => ['checkout', '--force'], without: ['object draft', 'object'] },
  'an import': { at: 'edited', command: ({ archive }) => ['import', archive], without: ['index draft'] },
  'a get': {
    at: 'clean',
    command: ({ source }) => ['get', `${source.checkout}#web,more`],
    without: ['index draft'],
  },
};

describe(
  'a command for revisions that is killed leaves the old checkout or the new one',
  { concurrency: 2 },
  () => {
    let folder: string;
    let places: RevisionPlaces;

    before(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'killed-revisions-'));
      places = await makeRevisionPlaces(folder, new Pvx(path.join(folder, 'home')));
    });
    after(() => rm(folder, { recursive: true }));

    for (const [index, [name, { at, command, without }]] of Object.entries(work).entries()) {
      it(name, async (test) => {
        const { checkout, objects } = places[at];
        const victims = new Victims(path.join(folder, String(index)), checkout, command(places), [objects]);
        const { expected, duration } = await victims.runToItsEnd();
        const random = new Random(seed * 100 + index);
        const counts = new Counts();
        const possible = aims.filter((aim) => !without.includes(aim));
        for (let round = 0; round < killsOfEach; round++) {
          const moment: Moment =
            round % 3 === 0
              ? { pause: random.below(Math.ceil(duration * 0.9)) }
              : {
                  after: random.pickFrom(possible) ?? 'journal',
                  moves: random.below(4),
                  pause: random.below(3),
                };
          counts.add(await kill(victims, moment, expected, round % 12 === 0));
        }
        const lines = counts.lines.join(', ');
        test.diagnostic(`killed: ${lines}`);
        assert.ok(counts.has('committing') && (counts.has('building') || counts.has('starting')), lines);
      });
    }
  },
);

/** Kills a command, and has the next ones find all of it. @returns when it was killed, and what came of it. */
async function kill(
  victims: Victims,
  moment: Moment,
  expected: Expected,
  withProcess: boolean,
): Promise<string> {
  const { checkout, pvx, phase } = await victims.killed(moment, expected);
  // Whoever only reads needs nobody to end what was begun.
  await readWorkingRevision(new OpenedCheckout(checkout), thisThread, silentJob());
  const outcome = await settle(checkout, phase, expected);
  await requireTruth(checkout);
  assert.deepEqual(strangers(checkout), [], `killed while ${phase}, it left something`);
  if (withProcess) await requireNext(victims, { checkout, pvx }, expected);
  await rm(path.dirname(checkout), { recursive: true });
  return `${phase} → ${outcome}`;
}

/** The same command once more brings the new state, and drafts of long ago don't outlive it. */
async function requireNext(
  { command }: Victims,
  { checkout, pvx }: Victim,
  expected: Expected,
): Promise<void> {
  const { objects } = placeOf(checkout);
  const drafts = draftsIn(checkout);
  for (const draft of drafts) utimesSync(path.join(objects, draft), 0, 0);
  await pvx.run(checkout, ...command);
  assert.deepEqual(await checkoutState(checkout), expected.new, 'and the command again');
  await requireTruth(checkout);
}

/** What lies in `.pvr` that belongs to no checkout. */
function strangers(checkout: string): readonly string[] {
  const known = new Set(['json', 'config', 'new', 'commitmsg', 'pvx-index', 'pvx-replaced']);
  return readdirSync(path.join(checkout, '.pvr')).filter((name) => !known.has(name));
}
