import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readCheckout } from '../../../src/core/checkout/checkout';
import { describeContradiction } from '../../../src/core/checkout/contradictions/contradictions';
import type { SourceField } from '../../../src/core/checkout/manifests/source-fields';
import { sourceManifestText, withFields } from '../../../src/core/checkout/manifests/source-manifest';
import { Problem } from '../../../src/core/problem';
import { inTerminalWords } from '../../../src/core/remedy';
import { addApp } from '../../../src/core/use-cases/add-app';
import { installApp } from '../../../src/core/use-cases/install-app';
import type { BuildReport } from '../../../src/core/use-cases/report';
import { updateApp, type UpdateKind } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const v1 = makeImage([makeLayer([{ path: 'app', kind: 'file', content: 'app 1\n' }])]);
const v2 = derive(v1, [{ path: 'app', kind: 'file', content: 'app 2\n' }]);
const shop = derive(v1, [{ path: 'shop', kind: 'file', content: 'shop\n' }]);

const baseDigest = 'web/root.squashfs.docker-digest';

describe('the digest of a base', () => {
  let workshop: Workshop;
  let sources: string;
  const add = (app: string, tag: string, base?: string) =>
    addApp(
      workshop.checkout,
      { app, reference: `localhost:1/web:${tag}`, sources, base },
      workshop.environment,
      workshop.job(),
    );
  const update = (app: string, kind: UpdateKind, tag: string): Promise<BuildReport> =>
    updateApp(
      workshop.checkout,
      { app, kind, reference: `localhost:1/web:${tag}`, sources },
      workshop.environment,
      workshop.job(),
    );
  const install = (app: string) =>
    installApp(workshop.checkout, { app, sources }, workshop.environment, workshop.job());
  const write = (file: string, text: string) => writeFile(path.join(workshop.checkout, file), text);
  const forget = async (app: string, field: SourceField) =>
    write(
      `${app}/src.json`,
      sourceManifestText(withFields(await workshop.manifest(app), { [field]: undefined })),
    );
  const advice = async () =>
    (await readCheckout(workshop.checkout)).apps
      .flatMap(({ contradictions }) => contradictions)
      .map((contradiction) => inTerminalWords(describeContradiction(contradiction).remedy));

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2, shop });
  });
  afterEach(() => workshop.close());

  describe('that src.json lacks and the file beside the base has', () => {
    let whole: string | undefined;
    let recorded: string | undefined;
    beforeEach(async () => {
      await add('web', 'v1');
      whole = await workshop.text('web/src.json');
      recorded = await workshop.text(baseDigest);
      await forget('web', 'docker_digest');
    });

    it('is written into src.json by install, as ls advises', async () => {
      assert.deepEqual(await advice(), ['Let src.json name it with pvx app install web']);
      const report = await install('web');
      assert.deepEqual(report.changedFiles, ['web/src.json']);
      assert.equal(await workshop.text('web/src.json'), whole);
      assert.deepEqual(await advice(), []);
      assert.equal((await install('web')).outcome, 'unchanged');
    });

    it('stays with the base when a patch is built, and comes into src.json', async () => {
      await update('web', 'patch', 'v2');
      assert.equal(await workshop.text(baseDigest), recorded);
      assert.equal((await workshop.manifest('web')).fields.docker_digest, recorded);
      assert.deepEqual(await advice(), []);
    });

    it('comes into src.json by an update that finds nothing else to do', async () => {
      const report = await updateApp(
        workshop.checkout,
        { app: 'web', kind: 'new-base', sources },
        workshop.environment,
        workshop.job(),
      );
      assert.deepEqual(report.changedFiles, ['web/src.json']);
      assert.equal(await workshop.text('web/src.json'), whole);
    });

    it('is what apps that extend the base are built on', async () => {
      await add('shop', 'shop', 'web');
      assert.equal((await workshop.manifest('shop')).fields.docker_digest, recorded);
      await forget('shop', 'docker_digest');
      await update('shop', 'patch', 'shop');
      assert.equal((await workshop.manifest('shop')).fields.docker_digest, recorded);
    });

    it('is found although an editor ended the file with a line feed', async () => {
      await write(baseDigest, `${recorded ?? ''}\n`);
      const report = await install('web');
      assert.deepEqual(report.changedFiles, ['web/src.json']);
      assert.equal(await workshop.text('web/src.json'), whole);
    });
  });

  it('that nothing has kept is asked for, before anything is built', async () => {
    await add('web', 'v1');
    await forget('web', 'docker_digest');
    for (const lose of [
      () => write(baseDigest, 'latest'),
      () => rm(path.join(workshop.checkout, baseDigest)),
    ]) {
      await lose();
      const before = await workshop.text(baseDigest);
      const isRefusal = (error: unknown) =>
        error instanceof Problem &&
        error.found.includes('nothing says which image web/root.squashfs is made from') &&
        inTerminalWords(error.remedy).includes('pvx app update web --newbase');
      await assert.rejects(install('web'), isRefusal);
      await assert.rejects(update('web', 'patch', 'v2'), isRefusal);
      await assert.rejects(add('shop', 'shop', 'web'), isRefusal);
      assert.equal(await workshop.text(baseDigest), before);
    }
    await update('web', 'new-base', 'v2');
    assert.deepEqual(await advice(), []);
    assert.equal((await install('web')).outcome, 'unchanged');
  });

  it('that is another one than src.json says is kept by a patch, and still told', async () => {
    await add('web', 'v1');
    const other = `localhost:1/web@sha256:${'0'.repeat(64)}`;
    await write(baseDigest, other);
    await update('web', 'patch', 'v2');
    assert.equal(await workshop.text(baseDigest), other);
    assert.deepEqual(await advice(), ['Build it again, as src.json says, with pvx app install web']);
    await install('web');
    assert.deepEqual(await advice(), []);
  });

  it('of the overlay of an extension app comes back in the same way', async () => {
    await add('web', 'v1');
    await add('shop', 'shop', 'web');
    const whole = await workshop.text('shop/src.json');
    await forget('shop', 'docker_ovl_digest');
    assert.deepEqual((await install('shop')).changedFiles, ['shop/src.json']);
    assert.equal(await workshop.text('shop/src.json'), whole);
    await forget('shop', 'docker_ovl_digest');
    await rm(path.join(workshop.checkout, 'shop/root.ovl.squashfs.docker-digest'));
    await assert.rejects(install('shop'), /shop\/root\.ovl\.squashfs.*pvx app update shop --patch/);
  });

  it('of an overlay that src.json says is none comes back with a patch, as ls advises', async () => {
    await add('web', 'v1');
    await update('web', 'patch', 'v2');
    await forget('web', 'docker_ovl_digest');
    assert.deepEqual(await advice(), ['Build the overlay again with pvx app update web --patch']);
    await update('web', 'patch', 'v2');
    assert.deepEqual(await advice(), []);
  });
});
