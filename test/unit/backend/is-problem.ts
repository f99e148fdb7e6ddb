import assert from 'node:assert/strict';
import { Problem } from '../../../src/core/problem';

/** For `assert.rejects`: a Problem, whole, with these parts. */
export function isProblem(doing: RegExp, found: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Problem, `not a Problem: ${String(error)}`);
    assert.match(error.doing, doing);
    assert.match(error.found, found);
    assert.notEqual(error.remedy, '');
    return true;
  };
}
