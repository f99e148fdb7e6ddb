import assert from 'node:assert/strict';
import { tasks, type Task } from 'vscode';
import { exists, pushWeb } from './given';

async function run(task: Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const subscription = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      subscription.dispose();
      resolve(exitCode);
    });
  });
  await tasks.executeTask(task);
  return ended;
}

describe('tasks', () => {
  it('offers a patch and a new base of each app, and a check', async () => {
    const offered = await tasks.fetchTasks({ type: 'pantavisor' });
    const actions = offered.map(({ definition }) =>
      [definition['action'], definition['app']].filter(Boolean).join(' '),
    );
    for (const wanted of ['patch web', 'newbase web', 'patch shop']) {
      assert.ok(actions.includes(wanted), `${wanted} in ${actions.join(', ')}`);
    }
    assert.ok(!actions.includes('newbase shop'), 'an extension app has no base of its own');
  });

  it('runs a patch, and ends with 0', async () => {
    await pushWeb('web3');
    const offered = await tasks.fetchTasks({ type: 'pantavisor' });
    const patch = offered.find(
      ({ definition }) => definition['action'] === 'patch' && definition['app'] === 'web',
    );
    assert.ok(patch);
    assert.equal(await run(patch), 0);
    assert.ok(await exists('web/root.ovl.squashfs'));
  });

  it('commits, and exports what was committed', async () => {
    const offered = await tasks.fetchTasks({ type: 'pantavisor' });
    for (const action of ['commit', 'export']) {
      const task = offered.find(({ definition }) => definition['action'] === action);
      assert.ok(task);
      assert.equal(await run(task), 0);
    }
    assert.ok(await exists('.pvr/commitmsg'));
  });
});
