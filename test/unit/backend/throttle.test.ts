import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Throttle } from '../../../src/backend/throttle';

describe('a throttle', () => {
  let passed: number[];
  let throttle: Throttle<number>;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    passed = [];
    throttle = new Throttle(100, (value) => passed.push(value));
  });
  afterEach(() => mock.timers.reset());

  it('passes the first value on at once, and of the others the newest after each interval', () => {
    for (const value of [1, 2, 3]) throttle.push(value);
    assert.deepEqual(passed, [1]);
    mock.timers.tick(99);
    assert.deepEqual(passed, [1]);
    mock.timers.tick(1);
    assert.deepEqual(passed, [1, 3]);
    throttle.push(4);
    mock.timers.tick(100);
    assert.deepEqual(passed, [1, 3, 4]);
  });

  it('passes a value on at once when an interval has gone by without any', () => {
    throttle.push(1);
    mock.timers.tick(100);
    throttle.push(2);
    assert.deepEqual(passed, [1, 2]);
  });

  it('passes nothing on when it is stopped', () => {
    throttle.push(1);
    throttle.push(2);
    throttle.stop();
    mock.timers.tick(1000);
    assert.deepEqual(passed, [1]);
  });
});
