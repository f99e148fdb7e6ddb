import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Phase } from '../../../src/core/job';
import { OverallProgress } from '../../../src/ui/builds/overall-progress';

type Report = readonly [Phase, number, number | undefined];

function percentages(reports: readonly Report[], rounds?: number): readonly number[] {
  const overall = new OverallProgress(rounds);
  return reports.map(([phase, done, total]) => overall.report(phase, done, total));
}

const wholeBuild: readonly Report[] = [
  ['resolve', 0, undefined],
  ['download', 0, 100],
  ['download', 50, 100],
  ['download', 100, 100],
  ['index', 100, 100],
  ['compare', 1, 2],
  ['compress', 10, 100],
  ['compress', 100, 100],
  ['check', 0, undefined],
  ['install', 0, undefined],
];

describe('the percentage of a build', () => {
  it('grows with every phase, from 0 to just below 100', () => {
    const shown = percentages(wholeBuild);
    assert.equal(shown[0], 0);
    assert.deepEqual(
      shown,
      [...shown].sort((a, b) => a - b),
    );
    const [last = 0] = shown.slice(-1);
    assert.ok(last > 90 && last < 100, shown.join());
  });

  it('is in proportion to the bytes within a phase', () => {
    const [start, half, end] = percentages(wholeBuild.slice(1, 4)) as [number, number, number];
    assert.ok(Math.abs(half - (start + end) / 2) < 1e-9);
  });

  it('passes phases that have nothing to do, and never goes back for reports that come late', () => {
    const [, compress = 0, late = 0] = percentages([
      ['resolve', 0, undefined],
      ['compress', 1, 2],
      ['download', 10, 100],
    ]);
    assert.ok(compress > 50);
    assert.ok(late >= compress);
  });

  it('gives each file its share when several are built', () => {
    const shown = percentages([...wholeBuild.slice(0, 9), ...wholeBuild], 2);
    const [endOfFirst = 0, last = 0] = [shown[8], shown.at(-1)];
    assert.ok(endOfFirst > 40 && endOfFirst <= 50, shown.join());
    assert.ok(last > 90, shown.join());
  });

  it('stays below 100 when more is built than was expected', () => {
    const shown = percentages([...wholeBuild, ...wholeBuild, ...wholeBuild], 2);
    assert.ok(shown.every((percent) => percent < 100));
  });
});
