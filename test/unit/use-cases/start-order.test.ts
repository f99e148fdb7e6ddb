import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { Problem } from '../../../src/core/problem';
import { addApp, type AddAppRequest } from '../../../src/core/use-cases/add-app';
import { installApp } from '../../../src/core/use-cases/install-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const web = makeImage([makeLayer([{ path: 'web', kind: 'file', content: 'web\n' }])]);
const shop = derive(web, [{ path: 'shop', kind: 'file', content: 'shop\n' }]);
const deviceGroups = JSON.stringify({
  groups: [
    { name: 'root', restart_policy: 'system' },
    { name: 'app', restart_policy: 'container', auto_recovery: { policy: 'always' } },
  ],
});

describe('the start order of a new app', () => {
  let workshop: Workshop;
  let sources: string;
  const add = (app: string, more: Partial<AddAppRequest> = {}) => {
    const reference = `localhost:1/${more.base === undefined ? 'web' : 'shop'}:1`;
    return addApp(
      workshop.checkout,
      { app, reference, sources, ...more },
      workshop.environment,
      workshop.job(),
    );
  };
  const json = async (file: string) =>
    JSON.parse((await workshop.text(file)) ?? '{}') as { group?: string; args?: Record<string, string> };
  const contradictions = async () => {
    const checkout = await readCheckout(workshop.checkout);
    return [...checkout.contradictions, ...checkout.apps.flatMap((app) => app.contradictions)];
  };
  const refused = async (attempt: Promise<unknown>, message: RegExp) => {
    await assert.rejects(
      attempt,
      (error: unknown) => error instanceof Problem && message.test(error.message),
    );
  };

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { 'localhost:1/web:1': web, 'localhost:1/shop:1': shop });
  });
  afterEach(() => workshop.close());

  it('is after its base: an extension that names no group gets the last one, which a rebuild keeps', async () => {
    await add('web');
    await add('shop', { base: 'web' });
    assert.equal((await json('shop/run.json')).group, 'app');
    assert.deepEqual((await json('shop/src.json')).args, { PV_GROUP: 'app' });
    assert.equal((await json('web/run.json')).group, undefined);
    assert.deepEqual(await contradictions(), []);
    const before = await workshop.text('shop/run.json');
    await installApp(workshop.checkout, { app: 'shop', sources }, workshop.environment, workshop.job());
    assert.equal(await workshop.text('shop/run.json'), before);
    assert.deepEqual(workshop.warnings, []);
  });

  it('is the one that somebody asks for, also in the template’s arguments', async () => {
    await add('web');
    await add('shop', { base: 'web', group: 'platform' });
    await add('more', { base: 'web', args: { PV_RUNLEVEL: 'platform' } });
    assert.equal((await json('shop/run.json')).group, 'platform');
    assert.equal((await json('more/run.json')).group, undefined);
    assert.deepEqual(await contradictions(), []);
  });

  it('that never works is refused before anything is looked for', async () => {
    await add('web', { group: 'app' });
    const never = /shop never starts: it extends web, .* the group root, .* before the group app/;
    await refused(add('shop', { base: 'web', group: 'root', reference: 'nowhere.example/x' }), never);
    assert.equal(await stat(path.join(workshop.checkout, 'shop')).catch(() => undefined), undefined);
    await refused(
      add('shop', { base: 'web', group: 'platform' }),
      /Put web into the earlier group root \(its updates will reboot the device\) with --base-group root\.$/,
    );
    await refused(add('xshop', { base: 'web', group: 'root' }), /Put xshop into the group app\. Or: Put web/);
  });

  it('that works by chance is refused where nobody asked for the group, with both ways', async () => {
    await writeFile(path.join(workshop.checkout, 'device.json'), deviceGroups);
    await add('web');
    await refused(
      add('web-shop', { base: 'web' }),
      /web-shop may start before web.*"web-shop\/" sorts before "web\/".*Put web into the earlier group root \(its updates will reboot the device\) with --base-group root\. Or: Choose a name that sorts after web\.$/,
    );
    await add('xshop', { base: 'web' });
    assert.equal((await json('xshop/run.json')).group, 'app');
    assert.deepEqual(workshop.warnings, []);
    await add('shop', { base: 'web', group: 'app' });
    assert.equal(workshop.warnings.length, 1);
    assert.match(workshop.warnings.join(), /^shop may start before web, .*\.$/);
    assert.deepEqual(
      (await contradictions()).map(({ kind }) => kind),
      ['starts-before-base'],
    );
  });

  it('can be had by another group for the base, in the same step; the base stays as it is otherwise', async () => {
    await writeFile(path.join(workshop.checkout, 'device.json'), deviceGroups);
    await add('web');
    const run = (await workshop.text('web/run.json')) ?? '';
    await writeFile(
      path.join(workshop.checkout, 'web', 'run.json'),
      run.replace('"name"', '"network": {}, "name"'),
    );
    const report = await add('shop', { base: 'web', baseGroup: 'root' });
    assert.ok(report.changedFiles.includes('web/run.json'));
    assert.equal(report.restart.effect, 'reboot');
    const text = await readFile(path.join(workshop.checkout, 'web', 'run.json'), 'utf8');
    assert.equal(
      text,
      run.replace('"name"', '"network": {}, "name"').replace('"group": "app"', '"group": "root"'),
    );
    assert.deepEqual((await json('web/src.json')).args, { PV_GROUP: 'root' });
    assert.deepEqual(await contradictions(), []);
    assert.deepEqual(workshop.warnings, []);
  });

  it('is not had by a group for the base that does not exist, comes no earlier, or without a base', async () => {
    await add('web', { group: 'app' });
    await refused(add('shop', { base: 'web', baseGroup: 'mine' }), /no group "mine"/);
    await refused(add('shop', { base: 'web', baseGroup: 'app' }), /shop may start before web/);
    await refused(add('shop', { baseGroup: 'root' }), /no base to put into the group root/);
  });

  it('of others is told of where the new app makes it worse', async () => {
    await add('web');
    await add('shop', { base: 'web', group: 'platform' });
    assert.deepEqual(workshop.warnings, []);
    await add('alpha');
    assert.equal(workshop.warnings.length, 1);
    assert.match(workshop.warnings.join(), /^With alpha in the checkout, shop may start before web,/);
  });

  it('is nobody’s guess where the groups can not be read', async () => {
    await add('web', { group: 'app' });
    await writeFile(path.join(workshop.checkout, 'device.json'), '{"groups":{}}');
    await add('shop', { base: 'web' });
    assert.equal((await json('shop/run.json')).group, undefined);
  });
});
