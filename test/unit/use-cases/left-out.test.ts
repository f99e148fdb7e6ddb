import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { addApp } from '../../../src/core/use-cases/add-app';
import { updateApp } from '../../../src/core/use-cases/update-app';
import { derive, makeImage } from '../../image-maker/image';
import { makeLayer } from '../../image-maker/layer';
import { Workshop } from './workshop';

const v1 = makeImage(
  [
    makeLayer([
      { path: 'bin/app', kind: 'file', content: 'app 1\n' },
      { path: 'usr/lib/modules/6.1/module', kind: 'file', content: 'module 1\n' },
      { path: 'usr/lib/libc', kind: 'file', content: 'libc\n' },
      { path: 'lib', kind: 'symlink', target: 'usr/lib' },
      { path: 'data/seed', kind: 'file', content: 'seed\n' },
    ]),
  ],
  { config: { Volumes: { '/data': {} } } },
);
const v2 = derive(v1, [
  { path: 'bin/app', kind: 'file', content: 'app 2\n' },
  { path: 'usr/lib/modules/6.1/module', kind: 'file', content: 'module 2\n' },
]);
const withoutModules = '-comp xz -e lib/modules -e data/seed';

describe('what format_options leave out of an image', () => {
  let workshop: Workshop;
  let sources: string;
  beforeEach(async () => {
    workshop = await Workshop.open();
    sources = await workshop.layout('images', { v1, v2 });
  });
  afterEach(() => workshop.close());

  const add = (app: string, tag: string, more: { base?: string; formatOptions?: string } = {}) =>
    addApp(
      workshop.checkout,
      { app, reference: `localhost:1/web:${tag}`, sources, ...more },
      workshop.environment,
      workshop.job(),
    );
  const update = (app: string, kind: 'patch' | 'new-base', tag: string) =>
    updateApp(
      workshop.checkout,
      { app, kind, reference: `localhost:1/web:${tag}`, sources },
      workshop.environment,
      workshop.job(),
    );
  const setFormatOptions = async (app: string, options: string) => {
    const file = path.join(workshop.checkout, app, 'src.json');
    const source = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    if (options) source['format_options'] = options;
    else delete source['format_options'];
    await writeFile(file, JSON.stringify(source));
  };
  const names = async (...files: readonly string[]) => Object.keys(await workshop.view(...files));
  const ofImage = (all: readonly string[]) => all.filter((name) => /^(bin|data|lib|usr)/.test(name)).sort();

  it('is not in its base, and warnings are of what is left', async () => {
    await add('web', 'v1', { formatOptions: withoutModules });
    assert.deepEqual(ofImage(await names('web/root.squashfs')), [
      'bin',
      'bin/app',
      'data',
      'lib',
      'usr',
      'usr/lib',
      'usr/lib/libc',
    ]);
    assert.deepEqual(workshop.warnings, []);
  });

  it('is named where it is not in the image', async () => {
    await add('web', 'v1', { formatOptions: '-e lib/firmware -e lib/modules /data' });
    assert.deepEqual(workshop.warnings, [
      '-e lib/firmware in "format_options" of src.json leaves out nothing: the image has no such path',
    ]);
  });

  it('is in an overlay neither a file nor, where the base lacks it, a whiteout', async () => {
    await add('web', 'v1', { formatOptions: withoutModules });
    const { built } = await update('web', 'patch', 'v2');
    assert.equal(built.length, 1);
    assert.deepEqual(ofImage(await names('web/root.ovl.squashfs')), ['bin', 'bin/app']);
  });

  it('is a whiteout in an overlay whose base has it', async () => {
    await add('web', 'v1');
    await setFormatOptions('web', withoutModules);
    await update('web', 'patch', 'v2');
    const overlay = await workshop.view('web/root.ovl.squashfs');
    assert.match(overlay['usr/lib/modules'] ?? '', /^char /);
    assert.match(overlay['data/seed'] ?? '', /^char /);
    const seen = await names('web/root.ovl.squashfs', 'web/root.squashfs');
    assert.deepEqual(ofImage(seen), ['bin', 'bin/app', 'data', 'lib', 'usr', 'usr/lib', 'usr/lib/libc']);
  });

  it('is what the app itself leaves out, also in what extends it', async () => {
    await add('web', 'v1');
    await add('shop', 'v2', { base: 'web', formatOptions: '-e usr/lib/libc' });
    const seen = () => names('shop/root.ovl.squashfs', 'web/root.squashfs');
    assert.ok(!(await seen()).includes('usr/lib/libc'));
    await update('web', 'new-base', 'v2');
    assert.ok(!(await seen()).includes('usr/lib/libc'));
    assert.ok((await seen()).includes('usr/lib/modules/6.1/module'));
  });

  it('makes a file that was built without it, or with it, one to build anew', async () => {
    await add('web', 'v1', { formatOptions: '-e lib/modules' });
    const outcome = async (kind: 'patch' | 'new-base', tag: string) =>
      (await update('web', kind, tag)).built.length === 0 ? 'unchanged' : 'built';
    assert.equal(await outcome('new-base', 'v1'), 'unchanged');
    await setFormatOptions('web', '-e /lib/modules/');
    assert.equal(await outcome('new-base', 'v1'), 'unchanged');
    await setFormatOptions('web', withoutModules);
    assert.equal(await outcome('new-base', 'v1'), 'built');
    assert.equal(await outcome('new-base', 'v1'), 'unchanged');
    await setFormatOptions('web', '');
    assert.equal(await outcome('patch', 'v2'), 'built');
    assert.equal(await outcome('patch', 'v2'), 'unchanged');
    await setFormatOptions('web', '-e usr/lib/libc');
    assert.equal(await outcome('patch', 'v2'), 'built');
    assert.ok(!(await names('web/root.ovl.squashfs', 'web/root.squashfs')).includes('usr/lib/libc'));
    await workshop.commit();
    assert.equal(await outcome('patch', 'v2'), 'unchanged');
  });
});
