import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { addApp } from '../../../src/core/use-cases/add-app';
import {
  adviceLevel,
  newBaseDownload,
  newBasePeak,
  patchPeak,
  paysOffAfter,
  growingDependants,
  type NewBaseFigures,
} from '../../../src/core/use-cases/advice';
import { readNewBaseFigures } from '../../../src/core/use-cases/new-base-figures';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { Random } from '../../device-view/random';
import type { Entry } from '../../image-maker/entry';
import { derive, makeImage, type Image } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

/** Compresses to about a third. */
function text(seed: number, size: number): Buffer {
  const words = Array.from({ length: 400 }, (_, at) => new Random(at).bytes(6).toString('base64'));
  const picks = new Random(seed).bytes(size);
  return Buffer.from(
    Array.from(picks, (pick, at) => words[(pick * 7 + at) % words.length]).join(' '),
  ).subarray(0, size);
}

const noise = (seed: number, size: number) => new Random(seed).bytes(size);
const file = (name: string, content: Buffer): Entry => ({ path: name, kind: 'file', content });
const whiteout = (name: string): Entry => ({ path: name, kind: 'whiteout' });
const many = (count: number, make: (at: number) => Entry) =>
  Array.from({ length: count }, (_, at) => make(at));

interface Pair {
  readonly before: Image;
  readonly after: Image;
  readonly formatOptions?: string;
}

function pair(before: readonly Entry[], after: readonly Entry[], formatOptions?: string): Pair {
  const image = makeImage([makeLayer(before)]);
  return { before: image, after: derive(image, after), ...(formatOptions && { formatOptions }) };
}

const pairs: Readonly<Record<string, Pair>> = {
  'noise that changes in part': pair(
    many(10, (at) => file(`bin${at}`, noise(at, 300_000))),
    many(4, (at) => file(`bin${at}`, noise(100 + at, 350_000))),
  ),
  'text of which most is deleted': pair(
    many(20, (at) => file(`doc${at}`, text(at, 200_000))),
    many(15, (at) => whiteout(`doc${at}`)),
  ),
  'many small files that share fragments': pair(
    many(600, (at) => file(`small${at}`, text(at, 900))),
    [
      ...many(200, (at) => file(`small${at}`, text(1000 + at, 1200))),
      ...many(100, (at) => whiteout(`small${500 + at}`)),
    ],
  ),
  'another image altogether': pair(
    many(5, (at) => file(`old${at}`, noise(at, 200_000))),
    [...many(5, (at) => whiteout(`old${at}`)), ...many(8, (at) => file(`new${at}`, text(at, 250_000)))],
  ),
  'gzip, copies and other modes': pair(
    [
      ...many(6, (at) => file(`a${at}`, text(at, 300_000))),
      ...many(6, (at) => file(`copy${at}`, text(at, 300_000))),
    ],
    many(3, (at) => ({ ...file(`a${at}`, text(at, 300_000)), mode: 0o600 })),
    '-comp gzip',
  ),
};

describe('readNewBaseFigures', () => {
  let workshop: Workshop;

  beforeEach(async () => {
    workshop = await Workshop.open();
  });
  afterEach(() => workshop.close());

  const figures = (app = 'web') =>
    readNewBaseFigures(workshop.checkout, app, workshop.environment, workshop.job());
  const size = async (name: string) => (await stat(path.join(workshop.checkout, name))).size;

  const install = async ({ before, after, formatOptions }: Pair) => {
    const sources = await workshop.layout('images', { v1: before, v2: after });
    const { checkout, environment } = workshop;
    const reference = 'localhost:1/web:v1';
    await addApp(checkout, { app: 'web', reference, sources, formatOptions }, environment, workshop.job());
    const update = (kind: 'patch' | 'new-base') =>
      updateApp(
        checkout,
        { app: 'web', kind, sources, reference: 'localhost:1/web:v2' },
        environment,
        workshop.job(),
      );
    await update('patch');
    return { update, sources };
  };

  for (const [name, images] of Object.entries(pairs)) {
    it(`estimates a new base within 15 %: ${name}`, async (test) => {
      const { update } = await install(images);
      const { newBase, base, overlay } = await figures();
      assert.deepEqual(
        [base, overlay],
        [await size('web/root.squashfs'), await size('web/root.ovl.squashfs')],
      );
      await update('new-base');
      const built = await size('web/root.squashfs');
      test.diagnostic(`estimated ${newBase}, built ${built}, before ${base} + ${overlay}`);
      assert.ok(Math.abs(newBase - built) <= 0.15 * built, `estimated ${newBase}, built ${built}`);
    });
  }

  it('names what is rebuilt with it, and what a device restarts', async () => {
    const before = makeImage([makeLayer([file('a', text(1, 9000))])]);
    const after = derive(before, [file('b', noise(1, 9000))]);
    const { sources } = await install({ before, after });
    const shop = { app: 'shop', base: 'web', reference: 'localhost:1/web:v2', sources };
    await addApp(workshop.checkout, shop, workshop.environment, workshop.job());
    const { dependants, restart } = await figures();
    const overlay = await size('shop/root.ovl.squashfs');
    assert.deepEqual(
      dependants.map(({ app, overlay: now }) => [app, now]),
      [['shop', overlay]],
    );
    assert.equal(restart.effect, 'reboot');
    await assert.rejects(figures('shop'), Problem);
  });
});

describe('the overlay of an app that extends a new base', () => {
  let workshop: Workshop;
  beforeEach(async () => {
    workshop = await Workshop.open();
  });
  afterEach(() => workshop.close());

  const old = makeImage([makeLayer([file('a', noise(1, 2_000_000)), file('b', text(1, 9000))])]);
  const next = derive(old, [file('a', noise(2, 2_000_000))]);
  const before = derive(old, [file('shop', text(3, 9000))]);
  const after = derive(next, [file('shop', text(3, 9000))]);

  for (const [built, growing] of [
    ['old', ['shop']],
    ['next', []],
  ] as const) {
    it(`is estimated within 15 % where its own image is built on the ${built} one`, async () => {
      const sources = await workshop.layout('images', { old, next, shop: built === 'old' ? before : after });
      const { checkout, environment } = workshop;
      const named = (app: string, tag: string) => ({ app, reference: `localhost:1/${app}:${tag}`, sources });
      await addApp(checkout, named('web', 'old'), environment, workshop.job());
      await addApp(checkout, { ...named('shop', 'shop'), base: 'web' }, environment, workshop.job());
      const update = (kind: 'patch' | 'new-base') =>
        updateApp(checkout, { ...named('web', 'next'), kind }, environment, workshop.job());
      await update('patch');
      const figures = await readNewBaseFigures(checkout, 'web', environment, workshop.job());
      await update('new-base');
      const { size: weighs } = await stat(path.join(checkout, 'shop/root.ovl.squashfs'));
      const rebuilt = figures.dependants[0]?.rebuilt ?? 0;
      assert.ok(Math.abs(rebuilt - weighs) <= 0.15 * weighs, `estimated ${rebuilt}, built ${weighs}`);
      assert.deepEqual(
        growingDependants(figures).map(({ app }) => app),
        growing,
      );
    });
  }
});

describe('the advice', () => {
  const figures: NewBaseFigures = {
    base: 1000,
    overlay: 300,
    newBase: 900,
    dependants: [{ app: 'shop', overlay: 50, rebuilt: 50 }],
    restart: { effect: 'container', reason: '' },
  };

  it('grows more urgent from half of the threshold on', () => {
    assert.equal(adviceLevel(figures, 20), 'recommended');
    assert.equal(adviceLevel(figures, 30), 'soon');
    assert.equal(adviceLevel(figures, 59), 'soon');
    assert.equal(adviceLevel(figures, 60), 'fine');
  });

  it('counts what is downloaded, and what lies on the device beside the revision before', () => {
    assert.equal(newBaseDownload(figures), 950);
    assert.equal(newBasePeak(figures), 1000 + 300 + 50 + 950);
    assert.equal(patchPeak(figures), 1600);
  });

  it('says after how many updates a new base has paid for itself, if it knows how overlays grow', () => {
    assert.equal(paysOffAfter(figures, []), undefined);
    assert.equal(paysOffAfter(figures, [300]), undefined);
    assert.equal(paysOffAfter(figures, [300, 300]), 4);
    assert.equal(paysOffAfter(figures, [100, 200, 300]), 3);
    assert.equal(paysOffAfter(figures, [900, 300]), 4);
  });

  it('says the same as adding the updates up one by one', () => {
    const sizes = [120, 170, 300];
    const growth = 90;
    let [patches, newBases, updates] = [0, newBaseDownload(figures), 0];
    while (patches < newBases) {
      updates++;
      patches += figures.overlay + growth * updates;
      if (updates > 1) newBases += growth * (updates - 1);
    }
    assert.equal(paysOffAfter(figures, sizes), updates);
  });
});
