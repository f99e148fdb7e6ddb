import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { exitCode, exitCodeOf } from '../../src/core/exit-codes';
import { Problem } from '../../src/core/problem';

describe('exit codes', () => {
  const problem = new Problem({ doing: 'building', found: 'nothing', remedy: 'Look again' });

  it('tell what was found, what nobody foresaw and what was stopped apart', () => {
    assert.equal(exitCodeOf(problem, false), exitCode.failed);
    assert.equal(exitCodeOf(new TypeError('undefined is not a function'), false), exitCode.defect);
    assert.equal(exitCodeOf(problem, true), exitCode.interrupted);
  });

  it('are those of the README', () => {
    const rows = readFileSync('README.md', 'utf8').matchAll(/^\| (\d+) +\| \S/gm);
    const documented = [...rows].map(([, code]) => Number(code));
    assert.deepEqual(documented, Object.values(exitCode));
  });
});
