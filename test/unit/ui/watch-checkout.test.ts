import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Disposable } from '../../../src/ui/model/event';
import { isWatched, watchCheckout } from '../../../src/ui/model/watch-checkout';

describe('of a checkout', () => {
  it('what a person or pvr changes is watched, and what builds and git do is not', () => {
    const watched = [
      '',
      'web',
      'web/run.json',
      '.pvr',
      '.pvr/json',
      '.pvr/new',
      '_sigs/web.json',
      'device.json',
    ];
    const ignored = ['.pvr/tmp', '.pvr/tmp/x/y', '.pvr/objects', '.pvr/lock', '.git', '.git/HEAD', '.pv/x'];
    for (const file of watched) assert.ok(isWatched(path.normalize(file === '' ? '.' : file)), file);
    for (const file of ignored) assert.ok(!isWatched(path.normalize(file)), file);
  });
});

describe('the watch of a checkout', () => {
  let folder: string;
  let watch: Disposable;
  let onChange: () => void = () => undefined;
  let onGone: () => void = () => assert.fail('it is still there');
  const listener = {
    onChange: () => onChange(),
    onGone: () => onGone(),
    onIncomplete: () => assert.fail('nothing went wrong'),
  };
  const onProblem = (error: unknown) => assert.fail(String(error));

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'watch-'));
    await mkdir(path.join(folder, 'web'));
    await mkdir(path.join(folder, '.pvr', 'tmp'), { recursive: true });
    await writeFile(path.join(folder, 'web', 'run.json'), '{}');
    const ready = change();
    watch = await watchCheckout(folder, listener, onProblem);
    await ready;
  });

  after(async () => {
    watch.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** The next time that the watch says something. */
  function change(): Promise<void> {
    return new Promise((resolve) => (onChange = resolve));
  }

  it('tells of files that are changed, made and removed', async () => {
    for (const act of [
      () => writeFile(path.join(folder, 'web', 'run.json'), '{"changed":true}'),
      () => writeFile(path.join(folder, 'web', 'root.ovl.squashfs'), 'x'),
      () => writeFile(path.join(folder, '.pvr', 'json'), '{}'),
      () => rm(path.join(folder, 'web'), { recursive: true }),
    ]) {
      const told = change();
      await act();
      await told;
    }
  });

  it('tells when another folder has its place', async () => {
    const told = new Promise<void>((resolve) => (onGone = resolve));
    await rename(folder, `${folder}-old`);
    await cp(`${folder}-old`, folder, { recursive: true });
    await rm(`${folder}-old`, { recursive: true });
    await told;
    watch = await watchCheckout(folder, listener, onProblem);
    await change();
  });

  it('tells when the folder itself goes, or is gone before it begins', async () => {
    const gone = () => new Promise<void>((resolve) => (onGone = resolve));
    const told = gone();
    await rm(folder, { recursive: true });
    await told;
    const toldAtOnce = gone();
    const late = await watchCheckout(folder, listener, onProblem);
    await toldAtOnce;
    late.dispose();
  });
});
