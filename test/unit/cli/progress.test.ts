import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProgressLines } from '../../../src/cli/progress';

describe('progress without a terminal', () => {
  it('is a line for each phase, and one now and then while it lasts', () => {
    const lines: string[] = [];
    let now = 1_000_000;
    const progress = new ProgressLines(
      (text) => lines.push(text),
      () => now,
    );
    progress.show('resolve', 0, undefined);
    for (let done = 0; done <= 40; done++) {
      progress.show('download', done * 1_000_000, 40_000_000);
      now += 1_000;
    }
    for (let round = 0; round < 3; round++) {
      progress.show('compress', 0, 54_000_000);
      progress.show('check', 0, undefined);
    }
    now += 15_000;
    progress.show('compress', 27_000_000, 54_000_000);
    progress.clear();
    assert.deepEqual(lines, [
      'Looking up the image\n',
      'Downloading 40 MB\n',
      'Downloading 15 MB of 40 MB (37 %)\n',
      'Downloading 30 MB of 40 MB (75 %)\n',
      'Compressing 54 MB\n',
      'Checking the result\n',
      'Compressing 27 MB of 54 MB (50 %)\n',
    ]);
  });
});
