import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitBeforeCheck } from '../../../src/ui/images/check-schedule';

const minute = 60_000;
const hour = 60 * minute;
const now = 1_000 * hour;
const history = { lastCheck: now, failures: 0, hasChecked: true, hasNews: false };

describe('the next check of the images', () => {
  it('is due at once when there never was one', () =>
    assert.equal(waitBeforeCheck({ ...history, lastCheck: undefined, hasChecked: false }, 4, now), 0));

  it('comes after the interval', () => {
    assert.equal(waitBeforeCheck(history, 4, now), 4 * hour);
    assert.equal(waitBeforeCheck(history, 4, now + hour), 3 * hour);
    assert.equal(waitBeforeCheck(history, 4, now + 9 * hour), 0);
  });

  it('is due at a start, unless another window has just checked', () => {
    const atStart = { ...history, hasChecked: false };
    assert.equal(waitBeforeCheck(atStart, 4, now + hour), 0);
    assert.equal(waitBeforeCheck(atStart, 4, now + minute), 9 * minute);
  });

  it('comes sooner after failures, and later with each of them, up to the interval', () => {
    const after = (failures: number) => waitBeforeCheck({ ...history, failures }, 4, now);
    assert.deepEqual([1, 2, 3].map(after), [5 * minute, 10 * minute, 20 * minute]);
    assert.equal(after(30), 4 * hour);
  });

  it('is due at once when there are news', () => {
    assert.equal(waitBeforeCheck({ ...history, hasNews: true, failures: 3 }, 4, now), 0);
    assert.equal(waitBeforeCheck({ ...history, hasNews: true }, 0, now), undefined);
  });

  it('never comes when nobody wants it', () => {
    assert.equal(waitBeforeCheck(history, 0, now), undefined);
    assert.equal(waitBeforeCheck(history, Number.NaN, now), undefined);
  });

  it('comes in time although the clock was set back', () =>
    assert.equal(waitBeforeCheck(history, 4, now - 500 * hour), 4 * hour));
});
