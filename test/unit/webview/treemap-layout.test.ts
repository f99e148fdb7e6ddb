import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { squarified } from '../../../webview/overlay/treemap-layout';

const area = { x: 10, y: 20, width: 600, height: 400 };

describe('squarified', () => {
  it('lays out the example of the paper', () => {
    const rectangles = squarified([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const rounded = rectangles.map(({ x, y, width, height }) =>
      [x, y, width, height].map((value) => Math.round(value * 100) / 100),
    );
    assert.deepEqual(rounded.slice(0, 4), [
      [0, 0, 3, 2],
      [0, 2, 3, 2],
      [3, 0, 1.71, 2.33],
      [4.71, 0, 1.29, 2.33],
    ]);
  });

  it('gives each weight its share of the area, within it, none over another', () => {
    const weights = Array.from({ length: 50 }, (_, at) => 1000 / (at + 1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const rectangles = squarified(weights, area);
    const close = (a: number, b: number) => Math.abs(a - b) < 1e-6;
    for (const [at, { x, y, width, height }] of rectangles.entries()) {
      assert.ok(close((width * height) / (area.width * area.height), (weights[at] ?? 0) / total));
      assert.ok(x > area.x - 1e-6 && x + width < area.x + area.width + 1e-6);
      assert.ok(y > area.y - 1e-6 && y + height < area.y + area.height + 1e-6);
      for (const other of rectangles.slice(at + 1)) {
        const across = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
        const down = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
        assert.ok(across < 1e-6 || down < 1e-6);
      }
    }
  });

  it('takes none, and one', () => {
    assert.deepEqual(squarified([], area), []);
    const whole = { x: 1, y: 2, width: 4, height: 2 };
    assert.deepEqual(squarified([8], whole), [whole]);
  });
});
