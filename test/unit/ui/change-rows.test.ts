import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UncommittedFile } from '../../../src/core/checkout/uncommitted';
import { changeRows, rowsOfPart } from '../../../src/ui/model/change-rows';
import { aCheckout, anApp } from './an-app';

function rowsOf(
  files: Readonly<Record<string, UncommittedFile['standing']>>,
  removedApps: readonly string[] = [],
) {
  const uncommitted = Object.entries(files).map(([path, standing]) => ({ path, standing, size: 1 }));
  const state = { spec: undefined, files: 0, message: undefined, removedApps };
  return changeRows(aCheckout('/device', [anApp('web'), anApp('db')], { uncommitted, state }));
}

const shown = (rows: ReturnType<typeof rowsOf>) =>
  rows.changes.map(({ kind, path, standing, files }) => `${kind} ${path} ${standing} ${files.length}`);

describe('the rows of Source Control', () => {
  it('show what a build changed of an app as one', () => {
    const rows = rowsOf({
      'web/root.ovl.squashfs': 'added',
      'web/root.ovl.squashfs.docker-digest': 'added',
      'web/run.json': 'changed',
      'web/root.squashfs': 'not-compared',
      'web/note.txt': 'untracked',
    });
    assert.deepEqual(shown(rows), ['build web changed 3']);
    assert.deepEqual(
      rows.untracked.map(({ path }) => path),
      ['web/note.txt'],
    );
    assert.deepEqual(
      rows.notCompared.map(({ path }) => path),
      ['web/root.squashfs'],
    );
  });

  it('show files that were edited, and what is no app, one by one', () => {
    const rows = rowsOf({
      'bsp/modules.squashfs': 'changed',
      'device.json': 'changed',
      'web/run.json': 'changed',
    });
    assert.deepEqual(shown(rows), [
      'file bsp/modules.squashfs changed 1',
      'file device.json changed 1',
      'file web/run.json changed 1',
    ]);
  });

  it('show an app that is new, or gone, as such', () => {
    const rows = rowsOf(
      {
        'gone/root.squashfs': 'removed',
        'gone/run.json': 'removed',
        'db/root.squashfs': 'added',
        'db/src.json': 'added',
      },
      ['gone'],
    );
    assert.deepEqual(shown(rows), ['build db added 2', 'build gone removed 2']);
  });

  it('show what cannot be committed beside the build that it lies in', () => {
    const rows = rowsOf({ 'web/root.squashfs': 'changed', 'web/run.json': 'broken' });
    assert.deepEqual(shown(rows), ['build web changed 1', 'file web/run.json broken 1']);
  });

  it('tell which of them belong to an app', () => {
    const rows = rowsOf({
      '_config/web/x': 'added',
      'db/run.json': 'changed',
      'web/run.json': 'changed',
      'webby/x': 'added',
    });
    assert.deepEqual(
      rowsOfPart(rows, 'web').map(({ path }) => path),
      ['_config/web/x', 'web/run.json'],
    );
  });
});
