import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { checkoutState } from '../device-view/checkout-files';
import { Pvx } from '../device-view/pvx';
import { Random } from '../device-view/random';
import { derive, makeImage } from '../image-maker/image';
import { makeLayer } from '../image-maker/layer';
import { writeOciLayout } from '../image-maker/oci-layout';
import { isLongForm } from '../long-form';
import { type Victim, Victims } from './killed-process';
import { makeRevisionPlaces, requireTruth, type RevisionPlaces } from './revision-places';

const seed = Number(process.env['SEED'] ?? 1);
const rounds = isLongForm ? 25 : 2;

const noise = (of: number) =>
  ({ path: 'bin/app', kind: 'file', content: new Random(of).bytes(100_000) }) as const;
const v1 = makeImage([makeLayer([noise(1)])]);

/** Two commands in one checkout; what comes of them is what comes of one after the other, either way. */
const pairs: Readonly<
  Record<string, (places: RevisionPlaces, source: string) => readonly [readonly string[], readonly string[]]>
> = {
  'a commit and another': () => [
    ['commit', '-m', 'one'],
    ['commit', '-m', 'another'],
  ],
  'a commit and an update of an app': (_, source) => [
    ['commit', '-m', 'one'],
    ['app', 'update', 'built', '--newbase', '--from', 'localhost/app:v2', '--source', source],
  ],
  'a checkout and a get': ({ source }) => [
    ['checkout', '--force'],
    ['get', `${source.checkout}#web,more`],
  ],
  'a commit and one who looks': () => [['commit', '-m', 'one'], ['status']],
};

describe('two commands in one checkout at the same moment', { concurrency: 2 }, () => {
  let folder: string;
  let places: RevisionPlaces;
  let source: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'simultaneous-revisions-'));
    await writeOciLayout(path.join(folder, 'images'), { v1, v2: derive(v1, [noise(2)]) });
    source = `archive:${path.join(folder, 'images')}`;
    const pvx = new Pvx(path.join(folder, 'home'));
    places = await makeRevisionPlaces(folder, pvx);
    const from = ['--from', 'localhost/app:v1', '--source', source];
    await pvx.run(places.edited.checkout, 'app', 'add', 'built', ...from);
  });
  after(() => rm(folder, { recursive: true }));

  for (const [index, [name, commands]] of Object.entries(pairs).entries()) {
    it(`${name} come one after the other`, async (test) => {
      const { checkout, objects } = places.edited;
      const [first, second] = commands(places, source);
      const victims = new Victims(path.join(folder, String(index)), checkout, first, [objects]);
      const inOrder = async (...order: readonly (readonly string[])[]) => {
        const victim = await victims.copy();
        for (const command of order) await victim.pvx.run(victim.checkout, ...command);
        return checkoutState(victim.checkout);
      };
      const [oneWay, otherWay] = [await inOrder(first, second), await inOrder(second, first)];
      const random = new Random(seed * 100 + index);
      let waited = 0;
      for (let round = 0; round < rounds; round++) {
        const victim = await victims.copy();
        const [one, other] = random.chance(0.5) ? [first, second] : [second, first];
        const running = start(victim, one);
        await delay(random.below(40));
        const ends = await Promise.all([running, start(victim, other)]);
        assert.deepEqual(
          ends.map(({ code }) => code),
          [0, 0],
          ends.map(({ errors }) => errors).join(''),
        );
        const left = await checkoutState(victim.checkout);
        assert.ok(
          [oneWay, otherWay].some((expected) => isDeepStrictEqual(left, expected)),
          'nothing of the two is mixed',
        );
        await requireTruth(victim.checkout);
        if (ends.some(({ errors }) => /Waiting for process \d+, which has the checkout for /.test(errors)))
          waited++;
        await rm(path.dirname(victim.checkout), { recursive: true });
      }
      test.diagnostic(`${waited} of ${rounds} times one waited, and said so`);
    });
  }
});

async function start(
  { checkout, pvx }: Victim,
  command: readonly string[],
): Promise<{ readonly code: number | null; readonly errors: string }> {
  const child = pvx.start(checkout, ...command);
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const [[code], errors] = await Promise.all([exit, text(child.stderr)]);
  return { code, errors };
}
