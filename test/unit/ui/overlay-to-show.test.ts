import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildReport, BuiltFile } from '../../../src/core/use-cases/report';
import { overlayToShow } from '../../../src/ui/builds/overlay-to-show';

const file = (path: string, kind: BuiltFile['kind']): BuiltFile => ({
  path,
  kind,
  size: 4096,
  sha256: '',
  previousSize: undefined,
  isSame: false,
  baseSize: undefined,
  timeOnly: undefined,
});

const shown = (...built: readonly BuiltFile[]) => {
  const report: BuildReport = {
    outcome: 'installed',
    app: 'web',
    image: 'sha256:1',
    built,
    changedFiles: [],
    restart: { effect: 'nothing', reason: '' },
    waitingDownload: 0,
    staleSignatures: [],
    download: 0,
  };
  return overlayToShow(report);
};

describe('the overlay to show after a build', () => {
  const base = file('web/root.squashfs', 'base');
  const overlayOf = (app: string) => file(`${app}/root.ovl.squashfs`, 'overlay');

  it('is that of the app, or of the one app that was rebuilt with it', () => {
    assert.equal(shown(overlayOf('web')), 'web');
    assert.equal(shown(base, overlayOf('web'), overlayOf('shop')), 'web');
    assert.equal(shown(base, overlayOf('shop')), 'shop');
  });

  it('is none where none was made, or several of other apps', () => {
    assert.equal(shown(), undefined);
    assert.equal(shown(base), undefined);
    assert.equal(shown(base, overlayOf('shop'), overlayOf('kitchen')), undefined);
  });
});
