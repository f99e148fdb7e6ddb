import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readCheckout } from '../../src/core/checkout/checkout';
import { checkoutFiles, checkoutState, type CheckoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { isLongForm } from '../long-form';
import { type Manner, putFiles } from '../put-files';
import type { TestServer } from '../unit/image/http-server';
import { serveLayout } from '../unit/image/layout-registry';
import { type Aim, Counts, type Expected, type Moment, settle, Victims } from './killed-process';

/** All moments follow from it, as far as two runs take the same time. */
const seed = Number(process.env['SEED'] ?? 1);

/** How often somebody changes the checkout between a kill and the next command. */
const rounds = isLongForm ? 200 : 40;

const noise = (name: string, of: number) =>
  ({ path: name, kind: 'file', content: new Random(of).bytes(200_000) }) as const;
const v1 = makeImage([makeLayer([noise('bin/app', 1), noise('lib/a', 2)]), makeLayer([noise('lib/b', 3)])]);
const v2 = derive(v1, [noise('bin/app', 4), { path: 'lib/a', kind: 'whiteout' }]);
const v3 = derive(v1, [noise('bin/app', 7), noise('lib/c', 8)]);
const unrelated = makeImage([makeLayer([noise('bin/unrelated', 9)])]);
const extension = derive(v1, [noise('opt/more', 5)]);
const otherExtension = derive(v1, [noise('opt/other', 6)]);

const killsOfEach = isLongForm ? 100 : 34;

/** What is killed: in every one something is replaced, removed or new. */
const builds = {
  'a patch': ['app', 'update', 'web', '--patch'],
  'a new base, with the app that extends it': ['app', 'update', 'web', '--newbase'],
  'an extension app': ['app', 'add', 'other', '--base', 'web'],
} as const;

/** What a kill is aimed at. */
const aims = ['lock draft', 'journal draft', 'journal', 'kept file'] as const satisfies readonly Aim[];

/** What all builds begin with: a patched app, and one that extends it. */
async function makeOldCheckout(pvx: Pvx, checkout: string, host: string): Promise<void> {
  await mkdir(checkout);
  await pvx.run(checkout, 'init');
  await pvx.run(checkout, 'app', 'add', 'web', '--from', `${host}/app:v1`);
  await pvx.run(checkout, 'app', 'add', 'more', '--base', 'web', '--from', `${host}/app:extension`);
  // Something for a new base to remove.
  await pvx.run(checkout, 'app', 'update', 'web', '--patch', '--from', `${host}/app:other`);
}

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
    await makeOldCheckout(new Pvx(path.join(folder, 'home')), old, registry.host);
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
      const counts = new Counts();
      for (let round = 0; round < killsOfEach; round++) {
        const isAimed = round % 3 === 0;
        const moment = isAimed
          ? { after: random.pick(aims), pause: random.below(4) }
          : { pause: random.below(Math.ceil(duration * 0.9)) };
        counts.add(await kill(victims, moment, expected, round % 10 === 0));
      }
      const lines = counts.lines.join(', ');
      test.diagnostic(`killed: ${lines}`);
      assert.ok(counts.has('building') && counts.has('committing'), lines);
    });
  }
});

/** Starts a build, kills it, and looks at what is left as the next command does. @returns when, and what came of it. */
async function kill(victims: Victims, moment: Moment, expected: Expected, goesOn: boolean): Promise<string> {
  const { checkout, pvx, phase } = await victims.killed(moment, expected);
  const outcome = await settle(checkout, phase, expected);
  const { apps, contradictions } = await readCheckout(checkout);
  assert.deepEqual([...contradictions, ...apps.flatMap((app) => app.contradictions)], []);
  if (goesOn) {
    if (outcome === 'old' || victims.command[1] === 'update') await pvx.run(checkout, ...victims.command);
    assert.deepEqual(await checkoutState(checkout), expected.new, 'and the build again');
  }
  await rm(path.dirname(checkout), { recursive: true });
  return `${phase} → ${outcome}`;
}

/** What somebody does to a checkout that a build was killed in, without pvx. */
const meddlings = ['restores what was there', 'brings what others built', 'edits a file'] as const;
type Meddling = (typeof meddlings)[number];

describe('a checkout that somebody changes after a build was killed in it', () => {
  let folder: string;
  let registry: TestServer;
  let old: string;
  /** The app as another build has it, from another image. */
  let others: ReadonlyMap<string, Buffer>;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'killed-and-changed-'));
    const layout = path.join(folder, 'layout');
    const tags = { v1, v2, v3, extension, other: otherExtension, unrelated };
    registry = await serveLayout(layout, await writeOciLayout(layout, tags));
    old = path.join(folder, 'old');
    const pvx = new Pvx(path.join(folder, 'home'));
    await makeOldCheckout(pvx, old, registry.host);
    const elsewhere = path.join(folder, 'elsewhere');
    await cp(old, elsewhere, { recursive: true });
    await pvx.run(elsewhere, 'app', 'update', 'web', '--patch', '--from', `${registry.host}/app:v3`);
    others = await contentsOf(elsewhere);
  });
  after(async () => {
    await registry.close();
    await rm(folder, { recursive: true });
  });

  it('is the old one, the new one or as they left it, and never a mixture that nobody is told of', async (test) => {
    const random = new Random(seed);
    const seen = new Counts();
    const kinds = await Promise.all([
      prepare(builds['a patch'], 'v2'),
      prepare(builds['a new base, with the app that extends it'], 'v2'),
      prepare(builds['an extension app'], 'other'),
    ]);
    for (let round = 0; round < rounds; round++) {
      const { victims, expected, duration } = random.pick(kinds);
      const moment: Moment =
        round % 8 === 0
          ? { pause: random.below(Math.ceil(duration * 0.9)) }
          : { after: 'journal', moves: random.below(6), pause: 0 };
      const { checkout, pvx, phase } = await victims.killed(moment, expected);
      const meddling = random.pick(meddlings);
      const manner = random.pick(['renamed', 'linked', 'in place'] as const);
      const killed = await appsOf(checkout);
      const isHalfDone = ![expected.old, expected.new].some((one) => isDeepStrictEqual(killed, appsIn(one)));
      const changed = await meddle(checkout, meddling, manner, random);

      const left = await appsOf(checkout);
      const command = ['app', 'add', 'unrelated', '--from', `${registry.host}/app:unrelated`];
      const { stderr } = await pvx.runBoth(checkout, ...command);
      const found = await appsOf(checkout);
      const isTold = stderr.includes('An earlier command was interrupted');
      const outcome = outcomeOf(found, left, expected);
      const isInTheWay = changed.some(
        (name) => expected.old.files.get(name) !== expected.new.files.get(name),
      );
      const what = `${phase}, then somebody ${meddling} (${manner}) → ${outcome}`;
      assert.notEqual(outcome, 'a mixture', what);
      if (outcome !== 'as they left it' || phase === 'committing') assert.ok(isTold, `${what}: ${stderr}`);
      if (outcome === 'as they left it' && phase === 'committing') {
        const { contradictions } = await readCheckout(checkout);
        const isListed = contradictions.some(({ kind }) => kind === 'set-aside-change');
        assert.equal(isListed, stderr.includes('neither finished nor undone'), what);
      }
      if (isInTheWay) assert.equal(outcome, 'as they left it', what);
      seen.add(`${isHalfDone ? 'half done' : phase} → ${outcome}${isTold ? ', told' : ''}`);
      await rm(path.dirname(checkout), { recursive: true });
    }
    const lines = seen.lines.join('; ');
    test.diagnostic(`killed, and changed by somebody: ${lines}`);
    assert.ok(
      seen.lines.some((line) => line.endsWith('half done → as they left it, told')),
      lines,
    );
  });

  async function prepare(command: readonly string[], tag: string) {
    const build = [...command, '--from', `${registry.host}/app:${tag}`];
    const victims = new Victims(path.join(folder, command.join('-')), old, build);
    return { victims, ...(await victims.runToItsEnd()) };
  }

  /** @returns the files that are others now. */
  async function meddle(
    checkout: string,
    how: Meddling,
    manner: Manner,
    random: Random,
  ): Promise<readonly string[]> {
    const present = await contentsOf(checkout);
    const wanted = how === 'restores what was there' ? await contentsOf(old) : others;
    const edited = Buffer.from(`${present.get('web/src.json')?.toString() ?? '{}'}\n`);
    const files =
      how === 'edits a file'
        ? [['web/src.json', edited] as const]
        : [...wanted].filter(([name, content]) => present.get(name)?.equals(content) !== true);
    // pvr keeps its list of new files apart, and may not have been asked to.
    const isListKept = random.below(2) === 0;
    const put = new Map(files.filter(([name]) => name !== '.pvr/new' || !isListKept));
    putFiles(checkout, put, manner);
    return [...put.keys()];
  }
});

/**
 * What became of the files that a build changes; all others have to be as somebody left them.
 *
 * @param found after the next command.
 * @param left before it.
 */
function outcomeOf(
  found: ReadonlyMap<string, string>,
  left: ReadonlyMap<string, string>,
  expected: Expected,
): 'as they left it' | 'new' | 'old' | 'a mixture' {
  if (isDeepStrictEqual(found, left)) return 'as they left it';
  const [before, after] = [appsIn(expected.old), appsIn(expected.new)];
  const names = new Set([...found.keys(), ...left.keys(), ...before.keys(), ...after.keys()]);
  const differing = (a: typeof found, b: typeof found) =>
    [...names].filter((name) => a.get(name) !== b.get(name));
  const isOfBuild = (name: string) => before.get(name) !== after.get(name);
  if (!differing(found, left).every(isOfBuild)) return 'a mixture';
  if (!differing(found, after).some(isOfBuild)) return 'new';
  return differing(found, before).some(isOfBuild) ? 'a mixture' : 'old';
}

/** The bytes of all files of a checkout, but for what pvx keeps for itself. */
async function contentsOf(checkout: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = [...(await checkoutFiles(checkout)).keys()].filter((name) => !/^\.pvr.(lock|tmp)/.test(name));
  const contents = files.map(async (name) => [name, await readFile(path.join(checkout, name))] as const);
  return new Map(await Promise.all(contents));
}

/** The hashes of what apps are made of, but for the one that has nothing to do with it. */
async function appsOf(checkout: string): Promise<ReadonlyMap<string, string>> {
  return appsIn({ files: await checkoutFiles(checkout) });
}

function appsIn({ files }: Pick<CheckoutState, 'files'>): ReadonlyMap<string, string> {
  return new Map([...files].filter(([name]) => !/^(\.pvr|unrelated)[\\/]/.test(name)));
}
