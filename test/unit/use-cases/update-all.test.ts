import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Contradiction } from '../../../src/core/checkout/contradictions/contradictions';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { Problem } from '../../../src/core/problem';
import { addApp } from '../../../src/core/use-cases/add-app';
import { checkImages, type ImageCheck } from '../../../src/core/use-cases/check-images';
import type { BuildReport } from '../../../src/core/use-cases/report';
import { planUpdates, summarizeUpdates, updateAll } from '../../../src/core/use-cases/update-all';
import { updateApp, type UpdateKind } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { anApp, digest } from '../ui/an-app';
import { Workshop } from './workshop';

const named = (updates: readonly { readonly app: string; readonly kind: string }[]) =>
  updates.map(({ app, kind }) => `${app} ${kind}`);

describe('the plan to update all apps', () => {
  const apps = [
    anApp('addon', { baseApp: 'web' }, { overlayDigest: digest('c') }),
    anApp('db'),
    anApp('elsewhere', { source: { kind: 'none' } }),
    anApp('patched', {}, { overlayDigest: digest('b') }),
    anApp('torn', { source: { kind: 'unreadable' } }),
    anApp('web', { dependants: ['addon'] }),
  ];
  const check = (app: string, state: 'current' | 'moved' | 'failed'): ImageCheck => {
    const known = { app, reference: `example/${app}:1`, installed: digest('a') };
    if (state === 'moved') return { ...known, state, current: digest('d') };
    return state === 'current'
      ? { ...known, state }
      : { ...known, state, found: 'nobody answers', remedy: 'Try' };
  };

  it('has those that may be made from images, a base before what extends it, each built as pvr would', () => {
    assert.deepEqual(named(planUpdates(apps, 'automatic').updates), [
      'db new-base',
      'patched patch',
      'torn new-base',
      'web new-base',
      'addon patch',
    ]);
    assert.deepEqual(new Set(planUpdates(apps, 'patch').updates.map(({ kind }) => kind)), new Set(['patch']));
    assert.deepEqual(named(planUpdates(apps, 'new-base').updates).slice(1), [
      'patched new-base',
      'torn new-base',
      'web new-base',
      'addon patch',
    ]);
  });

  it('leaves out what is up to date and what could not be asked about, unless a patch mends something', () => {
    const contradictions: Contradiction[] = [{ kind: 'unmounted-patch', app: 'patched' }];
    const found = apps.map((app) => (app.name === 'patched' ? { ...app, contradictions } : app));
    const checks = [
      check('addon', 'moved'),
      check('db', 'current'),
      check('patched', 'current'),
      check('web', 'failed'),
    ];
    const { updates, failures } = planUpdates(found, 'patch', checks);
    assert.deepEqual(named(updates), ['patched patch', 'torn patch', 'addon patch']);
    assert.deepEqual(failures, [{ outcome: 'failed', app: 'web', found: 'nobody answers', remedy: 'Try' }]);
  });
});

describe('updating all apps', () => {
  const updates = ['a', 'b', 'c'].map((app) => ({ app, kind: 'patch' }) as const);
  const report = (app: string, more: Partial<BuildReport> = {}): BuildReport => ({
    outcome: 'installed',
    app,
    image: digest('a'),
    built: [],
    changedFiles: [`${app}/src.json`],
    download: 10,
    waitingDownload: 10,
    restart: { effect: 'nothing', reason: 'nothing changes' },
    staleSignatures: ['_sigs/all.json'],
    ...more,
  });

  it('goes on after a Problem, and says in the end what became of each', async () => {
    const positions: string[] = [];
    const { outcomes, stop } = await updateAll(updates, ({ app }, position) => {
      positions.push(position);
      if (app === 'b')
        throw new Problem({ doing: 'looking', found: 'nothing is there', remedy: 'Look again' });
      return Promise.resolve(report(app));
    });
    assert.equal(stop, undefined);
    assert.deepEqual(positions, ['1/3', '2/3', '3/3']);
    const failure = { outcome: 'failed', app: 'b', found: 'looking: nothing is there', remedy: 'Look again' };
    assert.deepEqual(outcomes, [report('a'), failure, report('c')]);
    assert.deepEqual(summarizeUpdates(outcomes), {
      updated: ['a', 'c'],
      download: 20,
      staleSignatures: ['_sigs/all.json'],
      failures: [failure],
    });
  });

  it('ends with what is no failure of an app, and keeps what was done before', async () => {
    const reason = new DOMException('stopped', 'AbortError');
    const made = await updateAll(updates, ({ app }) =>
      app === 'b' ? Promise.reject(reason) : Promise.resolve(report(app)),
    );
    assert.deepEqual(made, { outcomes: [report('a')], stop: { reason } });
  });

  it('counts neither previews nor what is up to date as updated', () => {
    const outcomes = [report('a', { outcome: 'previewed' }), report('b', { outcome: 'unchanged' })];
    const { updated, download } = summarizeUpdates(outcomes);
    assert.deepEqual({ updated, download }, { updated: [], download: 0 });
  });
});

describe('updating all apps of a checkout', () => {
  const v1 = makeImage([makeLayer([{ path: 'bin/app', kind: 'file', content: 'app 1\n' }])]);
  const v2 = derive(v1, [{ path: 'bin/app', kind: 'file', content: 'app 2\n' }]);
  const shop = derive(v1, [{ path: 'shop', kind: 'file', content: 'shop 1\n' }]);
  const shop2 = derive(v2, [{ path: 'shop', kind: 'file', content: 'shop 2\n' }]);

  let workshop: Workshop;
  beforeEach(async () => {
    workshop = await Workshop.open();
    const sources = await workshop.layout('images', { web: v1, shop, gone: v1 });
    const add = (app: string, more: { readonly base?: string } = {}) => {
      const request = { app, reference: `localhost:1/it:${app}`, sources, ...more };
      return addApp(workshop.checkout, request, workshop.environment, workshop.job());
    };
    await add('web');
    await add('shop', { base: 'web' });
    await add('gone');
  });
  afterEach(() => workshop.close());

  /** With images that have moved, but for that of `gone`, which nobody has any more. */
  async function updateThem(kind: UpdateKind) {
    const sources = await workshop.layout('later', { web: v2, shop: shop2 });
    const { apps } = await readCheckout(workshop.checkout);
    return updateAll(planUpdates(apps, kind).updates, ({ app, kind: itsKind }) => {
      const request = { app, kind: itsKind, sources };
      return updateApp(workshop.checkout, request, workshop.environment, workshop.job());
    });
  }

  it('brings an extension to its newer image on the new base below it, whatever fails beside it', async () => {
    const before = await workshop.text('gone/src.json');
    const { outcomes } = await updateThem('new-base');
    assert.deepEqual(
      outcomes.map(({ app, outcome }) => `${app} ${outcome}`),
      ['gone failed', 'web installed', 'shop installed'],
    );
    assert.equal(await workshop.text('gone/src.json'), before);
    const { fields } = await workshop.manifest('shop');
    assert.equal(fields.docker_digest, (await workshop.manifest('web')).fields.docker_digest);
    const view = await workshop.view('shop/root.ovl.squashfs', 'web/root.squashfs');
    assert.match(view['bin/app'] ?? '', /app 2/);
    assert.match(view['shop'] ?? '', /shop 2/);
  });

  it('has nothing to do for a second time', async () => {
    await updateThem('patch');
    const { outcomes } = await updateThem('patch');
    assert.deepEqual(
      outcomes.map(({ app, outcome }) => `${app} ${outcome}`),
      ['gone failed', 'web unchanged', 'shop unchanged'],
    );
  });

  it('tells of apps whose image could not be asked about as failed, and tries none of them', async () => {
    const { apps } = await readCheckout(workshop.checkout);
    const names = apps.map(({ name }) => name);
    const checks = await checkImages(workshop.checkout, names, workshop.environment, workshop.job());
    const { updates, failures } = planUpdates(apps, 'patch', checks);
    assert.deepEqual(updates, []);
    assert.deepEqual(
      failures.map(({ app }) => app),
      ['gone', 'shop', 'web'],
    );
  });
});
