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

  it('is told what is wrong with it', () => {
    assert.deepEqual(readTaskDefinition({ action: 'patch' }), { not: 'given', member: 'app' });
    assert.deepEqual(readTaskDefinition({ action: 'export' }), { not: 'given', member: 'file' });
    assert.deepEqual(readTaskDefinition({ action: 'toString', app: 'web' }), {
      not: 'known',
      member: 'action',
    });
    assert.deepEqual(readTaskDefinition({ action: 'newbase', app: 1 }), { not: 'text', member: 'app' });
    assert.deepEqual(readTaskDefinition({}), { not: 'given', member: 'action' });
  });
});
