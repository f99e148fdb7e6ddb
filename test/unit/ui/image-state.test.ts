import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageCheck } from '../../../src/core/use-cases/check-images';
import {
  failureOf,
  imageStateOf,
  installedDigest,
  nextCheck,
  referenceOf,
} from '../../../src/ui/model/image-state';
import { anApp, digest } from './an-app';

const reference = 'example/web:1';
const installedA = { app: 'web', reference, installed: digest('a') };
const moved: ImageCheck = { ...installedA, state: 'moved', current: `example/web@${digest('b')}` };

function state(check: ImageCheck, image = {}) {
  return imageStateOf(anApp('web', {}, image), { check, checkedAt: 7 });
}

describe('an earlier answer about an image', () => {
  it('holds while the app is the one that was asked about', () => {
    assert.deepEqual(state({ ...installedA, state: 'current' }), { kind: 'current', checkedAt: 7 });
    assert.deepEqual(state(moved), { kind: 'moved', checkedAt: 7, current: `example/web@${digest('b')}` });
  });

  it('becomes "current" by a build of the new image, however its digest is written', () => {
    assert.equal(state(moved, { overlayDigest: digest('b') }).kind, 'current');
    assert.equal(state(moved, { digest: `other/name@${digest('b')}` }).kind, 'current');
  });

  it('says nothing once a third image is installed, or the tag is another one', () => {
    assert.equal(state(moved, { overlayDigest: digest('c') }).kind, 'unknown');
    assert.equal(state({ ...installedA, state: 'current' }, { digest: digest('c') }).kind, 'unknown');
    assert.equal(state(moved, { tag: '2' }).kind, 'unknown');
  });

  it('that failed keeps saying so', () => {
    const failed: ImageCheck = { ...installedA, state: 'failed', found: 'no answer', remedy: 'Wait' };
    assert.equal(state(failed).kind, 'failed');
  });

  it('outlives questions that nobody answered, which are told beside it', () => {
    const failed = (found: string): ImageCheck => ({ ...installedA, state: 'failed', found, remedy: 'Wait' });
    const good = nextCheck(moved, 7, undefined);
    const later = nextCheck(failed('second'), 9, nextCheck(failed('first'), 8, good));
    const seen = imageStateOf(anApp('web'), later);
    assert.equal(seen.kind, 'moved');
    assert.deepEqual(failureOf(seen), { checkedAt: 9, found: 'second', remedy: 'Wait' });
    assert.equal(failureOf(imageStateOf(anApp('web'), nextCheck(moved, 10, later))), undefined);
    // Of another image nothing was ever known.
    assert.equal(imageStateOf(anApp('web', {}, { tag: '2' }), later).kind, 'failed');
  });

  it('is never about an app that is not made from an image', () => {
    const app = { ...anApp('web'), source: { kind: 'none' } as const };
    assert.equal(imageStateOf(app, { check: moved, checkedAt: 7 }).kind, 'unknown');
    assert.equal(referenceOf(app), undefined);
    assert.equal(installedDigest(app), undefined);
  });
});
