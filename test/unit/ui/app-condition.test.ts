import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Contradiction } from '../../../src/core/checkout/contradictions/contradictions';
import { conditionOf, isNewBaseRecommended, needsAttention } from '../../../src/ui/model/app-condition';
import type { ImageState } from '../../../src/ui/model/image-state';
import { anApp, digest, squashfs } from './an-app';

const current: ImageState = { kind: 'current', checkedAt: 0 };
const moved: ImageState = { kind: 'moved', checkedAt: 0, current: digest('b') };
const failed: ImageState = { kind: 'failed', checkedAt: 0, found: 'no network', remedy: 'Connect' };

const outdated: Contradiction = {
  kind: 'outdated-extension',
  app: 'shop',
  base: 'web',
  builtOn: digest('a'),
  current: digest('b'),
};
const unknownGroup: Contradiction = { kind: 'unknown-group', app: 'shop', group: 'x', known: ['app'] };
const wrongName: Contradiction = { kind: 'wrong-name', file: 'shop/src.json', name: 'x', folder: 'shop' };
const interrupted: Contradiction = { kind: 'interrupted-change' };

interface Situation {
  readonly contradictions?: readonly Contradiction[];
  readonly image?: ImageState;
  readonly overlay?: number;
  readonly stale?: readonly string[];
}

function condition({ contradictions = [], image = current, overlay, stale = [] }: Situation) {
  const app = anApp('shop', {
    contradictions,
    overlay: overlay === undefined ? undefined : squashfs(overlay),
  });
  return conditionOf(app, { image, newBaseThreshold: 40, staleSignatures: stale });
}

describe('the condition of an app', () => {
  it('is what its image is, when nothing else is the matter', () => {
    assert.equal(condition({}), 'current');
    assert.equal(condition({ image: moved }), 'moved');
    assert.equal(condition({ image: failed }), 'checkFailed');
    assert.equal(condition({ image: { kind: 'unknown' } }), 'unchecked');
  });

  it('is the worst of all that holds', () => {
    const all = {
      contradictions: [wrongName, outdated, unknownGroup],
      image: moved,
      overlay: 900,
      stale: ['s'],
    };
    assert.equal(condition(all), 'broken');
    assert.equal(condition({ ...all, contradictions: [wrongName, outdated] }), 'otherBase');
    assert.equal(condition({ ...all, contradictions: [wrongName] }), 'contradictory');
    assert.equal(condition({ ...all, contradictions: [interrupted] }), 'unsigned');
    assert.equal(condition({ image: moved, overlay: 900 }), 'moved');
    assert.equal(condition({ overlay: 900 }), 'newBaseRecommended');
  });

  it('of an app from elsewhere is never about an image', () => {
    const app = { ...anApp('bare'), source: { kind: 'none' } as const };
    const facts = { image: { kind: 'unknown' } as const, newBaseThreshold: 40, staleSignatures: [] };
    assert.equal(conditionOf(app, facts), 'madeElsewhere');
  });

  it('counts for the badge when somebody should do something', () => {
    assert.ok(needsAttention('moved'));
    assert.ok(needsAttention('broken'));
    assert.ok(!needsAttention('current'));
    assert.ok(!needsAttention('unchecked'));
    assert.ok(!needsAttention('checkFailed'));
  });
});

describe('a new base', () => {
  const patched = (overlay: number) => anApp('web', { overlay: squashfs(overlay) });

  it('is recommended above the threshold', () => {
    assert.ok(!isNewBaseRecommended(patched(400), 40));
    assert.ok(isNewBaseRecommended(patched(401), 40));
  });

  it('is no way for an extension app, which has no base', () => {
    const extension = anApp('shop', { baseApp: 'web', base: undefined, overlay: squashfs(5000) });
    assert.ok(!isNewBaseRecommended(extension, 40));
  });
});
