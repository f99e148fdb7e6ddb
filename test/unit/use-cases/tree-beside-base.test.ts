import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Problem } from '../../../src/core/problem';
import { addApp } from '../../../src/core/use-cases/add-app';
import type { BuildEnvironment } from '../../../src/core/use-cases/environment';
import { DerivedCache } from '../../../src/core/use-cases/steps/derived-cache';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { Random } from '../../device-view/random';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const v1 = makeImage([
  makeLayer([
    { path: 'small', kind: 'file', content: 'one\n' },
    { path: 'large', kind: 'file', content: new Random(1).bytes(1_500_000).toString('hex') },
  ]),
]);
const v2 = derive(v1, [{ path: 'small', kind: 'file', content: 'two\n' }]);
const broken = derive(v1, [{ path: 'link', kind: 'hardlink', target: 'nowhere' }]);

const isProblem = (found: RegExp) => (error: unknown) =>
  error instanceof Problem && found.test(error.message);

describe('a patch of a base that nobody has read yet', () => {
  let workshop: Workshop;
  let sources: string;
  /** Of somebody who has built nothing so far. */
  let newcomer: BuildEnvironment;
  const patch = (tag: string) =>
    updateApp(
      workshop.checkout,
      { app: 'web', kind: 'patch', reference: `localhost:1/web:${tag}`, sources },
      newcomer,
      workshop.job(),
    );

  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2, broken });
    const request = { app: 'web', reference: 'localhost:1/web:v1', sources };
    await addApp(workshop.checkout, request, workshop.environment, workshop.job());
    const cache = new DerivedCache(path.join(workshop.checkout, '..', 'empty'), 2 ** 30);
    newcomer = { ...workshop.environment, cache };
  });
  afterEach(() => workshop.close());

  it('ships what changed', async () => {
    const { built } = await patch('v2');
    assert.deepEqual(
      built.map((file) => file.path),
      ['web/root.ovl.squashfs'],
    );
    const shown = await workshop.view('web/root.ovl.squashfs');
    assert.deepEqual(Object.keys(shown), ['small']);
  });

  it('fails as the image does, and can be built afterwards', async () => {
    await assert.rejects(patch('broken'), isProblem(/hard link/));
    assert.equal((await patch('v2')).outcome, 'installed');
  });

  it('fails as the base does', async () => {
    const base = path.join(workshop.checkout, 'web', 'root.squashfs');
    const bytes = await readFile(base);
    // Amid the blocks of the large file, which lie first.
    await writeFile(base, bytes.fill(0, 10_000, 10_100));
    await assert.rejects(patch('v2'), isProblem(/root\.squashfs.*damaged/));
  });
});
