import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTaskDefinition } from '../../../src/ui/tasks/task-definition';

describe('a task of tasks.json', () => {
  it('is read as it is meant', () => {
    assert.deepEqual(
      readTaskDefinition({ type: 'pantavisor', action: 'patch', app: 'web', checkout: 'a/b' }),
      {
        action: 'patch',
        app: 'web',
        checkout: 'a/b',
      },
    );
    assert.deepEqual(readTaskDefinition({ action: 'check' }), {
      action: 'check',
      app: undefined,
      checkout: undefined,
    });
  });

  it('is none when it lacks its app, or says what nobody knows', () => {
    assert.equal(readTaskDefinition({ action: 'patch' }), undefined);
    assert.equal(readTaskDefinition({ action: 'toString', app: 'web' }), undefined);
    assert.equal(readTaskDefinition({ action: 'newbase', app: 1 }), undefined);
    assert.equal(readTaskDefinition({}), undefined);
  });
});
